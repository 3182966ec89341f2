"""Versions of models: what is kept, under which names, and who may see it."""
