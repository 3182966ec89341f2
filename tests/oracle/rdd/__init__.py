"""RDD programs as data, run by streamcore and by PySpark, and the answers compared."""
