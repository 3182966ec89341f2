"""Evaluators of predictions, under the names of `pyspark.ml.evaluation`."""
