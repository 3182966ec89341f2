"""Durable storage of small files: the contract and its implementations."""
