"""The API of `pyspark.ml` over DataFrames."""
