"""The names of PySpark, and programs written for it."""
