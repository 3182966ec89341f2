"""Ships a module to the workers, where it imports PySpark."""

import os
import sys
import tempfile
import textwrap

from pyspark import SparkContext, SparkFiles

sc = SparkContext("local[2]", "modules")
folder = tempfile.mkdtemp()
module = os.path.join(folder, "shipped_helper.py")
with open(module, "w") as file:
    file.write(
        textwrap.dedent(
            """
            import pyspark.sql.types as T
            from pyspark import TaskContext

            def describe(number):
                return f"{number}:{T.LongType().simpleString()}:{TaskContext.get() is not None}"
            """
        )
    )
sc.addPyFile(module)
with open(os.path.join(folder, "factor.txt"), "w") as file:
    file.write("3")
sc.addFile(os.path.join(folder, "factor.txt"))


def scaled(number):
    import shipped_helper

    with open(SparkFiles.get("factor.txt")) as factor:
        return shipped_helper.describe(number * int(factor.read()))


print(sc.parallelize([1, 2], 2).map(scaled).collect())
print("args", sys.argv[1:])
sc.stop()
