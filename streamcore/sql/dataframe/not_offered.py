"""What PySpark's DataFrame has and ours has not (yet): declared, with what to use instead."""

from __future__ import annotations

from streamcore.spi.not_offered import NotOffered


class Gaps:
    """The members of PySpark's DataFrame that are declared as missing."""

    applyInPandas = NotOffered("use mapInPandas, or groupBy(...).applyInPandas")
    executionInfo = NotOffered("read the status of the context")
    mergeInto = NotOffered("use the database sink with keyColumns")
    metadataColumn = NotOffered("select the source's own columns")
    pandas_api = NotOffered("use toPandas()")
    plot = NotOffered("use toPandas().plot")
