"""Streamcore beside PySpark: the same programs on the same data, in turn, in one run."""
