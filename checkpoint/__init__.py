"""Checkpoint storage and the commit protocol, imported as `streamcore.checkpoint`."""
