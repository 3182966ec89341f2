"""Recommenders, under the names of `pyspark.ml.recommendation`."""
