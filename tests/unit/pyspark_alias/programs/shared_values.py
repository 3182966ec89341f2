"""Cleans orders with a broadcast table, and counts what was wrong in accumulators of its own kind."""

from pyspark import AccumulatorParam, SparkContext, TaskContext


class SetParam(AccumulatorParam):
    def zero(self, value):
        return set()

    def addInPlace(self, value1, value2):
        return value1 | value2


sc = SparkContext("local[2]", "orders")
prices = sc.broadcast({"pen": 2, "book": 12})
unknown = sc.accumulator(set(), SetParam())
bad = sc.accumulator(0)


def total(order):
    global bad
    name, _, amount = order.partition(":")
    if name not in prices.value:
        unknown.add({name})
        bad += 1
        return []
    return [(name, prices.value[name] * int(amount))]


orders = sc.parallelize(["pen:3", "book:1", "cup:1", "pen:1", "cup:9", "hat:2"], 3)
print(sorted(orders.flatMap(total).reduceByKey(lambda a, b: a + b).collect()))
print("bad", bad.value, "unknown", sorted(unknown.value))
print("partitions", orders.mapPartitions(lambda _: [TaskContext.get().partitionId()]).collect())
prices.unpersist()
try:
    orders.map(lambda order: int(order)).count()
except Exception as error:
    print("invalid literal" in str(error))
sc.stop()
