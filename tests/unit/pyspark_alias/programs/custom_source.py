"""A connector written against PySpark's Python Data Source API: squares, in batch and as a stream."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, DataSourceStreamReader, InputPartition
from pyspark.sql.types import IntegerType, StructField, StructType


class Squares(DataSource):
    @classmethod
    def name(cls):
        return "squares"

    def schema(self):
        return StructType([StructField("n", IntegerType()), StructField("square", IntegerType())])

    def reader(self, schema):
        return SquaresReader(int(self.options.get("upTo", "4")))

    def streamReader(self, schema):
        return SquaresStreamReader(int(self.options.get("perBatch", "2")))


class Range(InputPartition):
    def __init__(self, start, end):
        self.start = start
        self.end = end


def squares(partition):
    for n in range(partition.start, partition.end):
        yield n, n * n


class SquaresReader(DataSourceReader):
    def __init__(self, up_to):
        self.up_to = up_to

    def partitions(self):
        return [Range(0, self.up_to // 2), Range(self.up_to // 2, self.up_to)]

    def read(self, partition):
        return squares(partition)


class SquaresStreamReader(DataSourceStreamReader):
    def __init__(self, per_batch):
        self.at = 0
        self.per_batch = per_batch

    def initialOffset(self):
        return {"n": 0}

    def latestOffset(self):
        self.at = min(self.at + self.per_batch, 6)
        return {"n": self.at}

    def partitions(self, start, end):
        return [Range(start["n"], end["n"])]

    def read(self, partition):
        return squares(partition)

    def commit(self, end):
        pass


spark = SparkSession.builder.appName("connector").getOrCreate()
spark.dataSource.register(Squares)
for row in spark.read.format("squares").option("upTo", 4).load().collect():
    print(row)

query = (
    spark.readStream.format("squares")
    .load()
    .writeStream.format("memory")
    .queryName("seen")
    .option("checkpointLocation", sys.argv[1])
    .start()
)
query.processAllAvailable()
query.stop()
print(sorted(tuple(row) for row in spark.sql("SELECT n, square FROM seen").collect()))
spark.stop()
