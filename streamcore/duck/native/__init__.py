"""Functions of SQL that are written in Python, over values or Arrow arrays: what DuckDB has no words for.

A statement names such a function with all that it is made of (`calls`), so that its text runs on any
database; `known` makes the functions that a statement names known to a database before it runs.  Each
module beside these holds one family of functions.
"""
