"""Tests of mllib over RDDs."""
