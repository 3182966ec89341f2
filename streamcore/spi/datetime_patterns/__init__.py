"""Spark's datetime patterns, which are Java's: their letters, writing by them, and reading by them."""
