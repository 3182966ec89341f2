"""Throws darts at a square: about pi quarters of them land in the circle."""

import random
import sys

from pyspark.sql import SparkSession


def lands_inside(seed: int) -> int:
    dart = random.Random(seed)
    return int(dart.random() ** 2 + dart.random() ** 2 <= 1.0)


spark = SparkSession.builder.appName("pi").getOrCreate()
partitions = int(sys.argv[1])
darts = 2000 * partitions
inside = spark.sparkContext.parallelize(range(darts), partitions).map(lands_inside).reduce(int.__add__)
print("partitions", partitions, "inside", inside, "pi is roughly", round(4 * inside / darts, 1))
spark.stop()
