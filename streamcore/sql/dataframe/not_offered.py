"""What PySpark's DataFrame has and ours has not (yet): declared, with what to use instead."""

from __future__ import annotations

from streamcore.spi.not_offered import NotOffered


class Gaps:
    """The members of PySpark's DataFrame that are declared as missing."""

    applyInPandas = NotOffered("use mapInPandas, or groupBy(...).applyInPandas")
    asTable = NotOffered("use join")
    executionInfo = NotOffered("read the status of the context")
    exists = NotOffered("use a leftsemi join")
    groupingSets = NotOffered("use rollup or cube")
    inputFiles = NotOffered("list the path that you read")
    isLocal = NotOffered("collect() works whatever the plan")
    lateralJoin = NotOffered("use explode, or a join")
    mergeInto = NotOffered("use the database sink with keyColumns")
    metadataColumn = NotOffered("select the source's own columns")
    nearestByJoin = NotOffered("use join")
    pandas_api = NotOffered("use toPandas()")
    plot = NotOffered("use toPandas().plot")
    repartitionById = NotOffered("use repartition")
    sameSemantics = NotOffered("compare schema and collect()")
    scalar = NotOffered("collect the value first: df.first()[0]")
    semanticHash = NotOffered("compare schema and collect()")
    storageLevel = NotOffered("use is_cached")
    transpose = NotOffered("use toPandas().transpose()")
    writeTo = NotOffered("use df.write")
    zip = NotOffered("join on a row number")
    zipWithIndex = NotOffered("use row_number() over a window, or df.rdd.zipWithIndex()")
