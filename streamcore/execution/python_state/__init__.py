"""Arbitrary state in Python: what a user's processor sees, and the programs that run it in a worker."""
