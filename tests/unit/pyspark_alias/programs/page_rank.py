"""Ranks pages by the links to them: a loop of joins over a cached RDD."""

from operator import add

import pyspark

LINKS = ["home news", "home shop", "news home", "shop home", "shop news", "blog home", "blog shop"]


def spread(page_links_rank):
    _, (targets, rank) = page_links_rank
    return [(target, rank / len(targets)) for target in targets]


with pyspark.SparkContext("local[2]", "page rank") as sc:
    links = sc.parallelize(LINKS, 3).map(str.split).map(tuple).distinct().groupByKey(2).cache()
    ranks = links.mapValues(lambda _: 1.0)
    for _ in range(5):
        ranks = links.join(ranks, 2).flatMap(spread).reduceByKey(add, 2).mapValues(lambda r: 0.15 + 0.85 * r)
    for page, rank in sorted(ranks.collect(), key=lambda pair: -pair[1]):
        print(page, round(rank, 4))
    print("cached", links.is_cached, links.getStorageLevel() == pyspark.StorageLevel.MEMORY_ONLY)
