"""Python functions that expressions call, run in worker processes over the rows of a fragment."""
