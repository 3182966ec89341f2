"""Each task learns the sums of all others before it scales its own numbers."""

from pyspark import BarrierTaskContext, SparkContext


def normalised(records):
    context = BarrierTaskContext.get()
    mine = list(records)
    sums = context.allGather(str(sum(mine)))
    context.barrier()
    total = sum(map(int, sums))
    return [(context.partitionId(), len(context.getTaskInfos()), [x / total for x in mine])]


sc = SparkContext("local[3]", "barrier")
numbers = sc.parallelize([1, 2, 3, 4, 10], 3)
for part in numbers.barrier().mapPartitions(normalised).collect():
    print(part)
sc.stop()
