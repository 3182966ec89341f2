"""Keyed state by the hash of its keys: sorted runs in files, found without a Python object per key.

A store hands out candidates: the rows whose keys have the hashes asked for.  The SQL that its caller runs
over them decides which keys are equal, so two keys of one hash cost a row, never an answer.  What is
replaced, as a whole, is the hash group: the newest run that holds a hash holds all its rows.  A store whose
rows are only added, such as a side of a join, replaces nothing: all runs that hold a hash have rows of it,
so that a key with many rows costs a batch no more to write than the rows that it brings.
"""
