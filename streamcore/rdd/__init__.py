"""Resilient distributed datasets: PySpark's RDD API over the scheduler's stages, tasks and workers."""
