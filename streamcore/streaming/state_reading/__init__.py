"""The formats `statestore` and `state-metadata`: the state of a query as tables, read from its checkpoint.

Only committed files are read, and nothing is written: the query may run meanwhile.
"""
