"""Statements that are no queries: what each is called, how its text reads, and what it does."""
