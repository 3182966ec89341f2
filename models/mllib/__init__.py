"""The API of `pyspark.mllib` over RDDs."""
