"""Counts the words of a text file and saves the counts."""

import sys
from operator import add

from pyspark import SparkConf, SparkContext


def main(source: str, target: str) -> None:
    sc = SparkContext(conf=SparkConf().setAppName("word count"))
    counts = sc.textFile(source).flatMap(str.split).map(lambda word: (word.lower(), 1)).reduceByKey(add)
    for word, count in counts.sortBy(lambda pair: (-pair[1], pair[0])).take(3):
        print(word, count)
    counts.map(lambda pair: f"{pair[0]}\t{pair[1]}").saveAsTextFile(target)
    print(sc.textFile(target).count(), "different words")
    sc.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
