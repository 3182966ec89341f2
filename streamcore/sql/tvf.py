"""Table-valued functions: DataFrames made of a call, in the place where a table stands; `session.tvf`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.spi.not_offered import NotOffered
from streamcore.sql import functions as F

if TYPE_CHECKING:
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


class TableValuedFunction:
    """Functions that give tables.

    >>> from streamcore import Session
    >>> from streamcore.sql import functions as F
    >>> Session.builder.getOrCreate().tvf.explode(F.array(F.lit(1), F.lit(2))).collect()
    [Row(col=1), Row(col=2)]
    """

    python_worker_logs = NotOffered("the log of a worker goes to the log of this process")

    def __init__(self, sparkSession: Session) -> None:
        self._session = sparkSession

    def range(
        self, start: int, end: int | None = None, step: int = 1, numPartitions: int | None = None
    ) -> DataFrame:
        """The numbers from `start` up to (not including) `end`; see `Session.range`."""
        return self._session.range(start, end, step, numPartitions)

    def explode(self, collection: Column) -> DataFrame:
        """A row for each element of an array, or each key and value of a map."""
        return self._of(F.explode(collection))

    def explode_outer(self, collection: Column) -> DataFrame:
        """As `explode`; one row of nulls where there is nothing."""
        return self._of(F.explode_outer(collection))

    def posexplode(self, collection: Column) -> DataFrame:
        """As `explode`, with the position of each element, from 0."""
        return self._of(F.posexplode(collection))

    def posexplode_outer(self, collection: Column) -> DataFrame:
        """As `posexplode`; one row of nulls where there is nothing."""
        return self._of(F.posexplode_outer(collection))

    def inline(self, input: Column) -> DataFrame:
        """A row for each struct of an array, a column for each of its fields."""
        return self._of(F.inline(input))

    def inline_outer(self, input: Column) -> DataFrame:
        """As `inline`; one row of nulls where there is nothing."""
        return self._of(F.inline_outer(input))

    def json_tuple(self, input: Column, *fields: Column) -> DataFrame:
        """Fields of a JSON object as the columns of one row."""
        return self._of(F.call_function("json_tuple", input, *fields))

    def variant_explode(self, input: Column) -> DataFrame:
        """A row for each field of an object, or each element of an array, in a variant."""
        return self._of(F.call_function("variant_explode", input))

    def variant_explode_outer(self, input: Column) -> DataFrame:
        """As `variant_explode`; one row of nulls where there is nothing."""
        return self._of(F.call_function("variant_explode_outer", input))

    def stack(self, n: Column, *fields: Column) -> DataFrame:
        """Values in `n` rows.

        >>> from streamcore import Session
        >>> from streamcore.sql import functions as F
        >>> session = Session.builder.getOrCreate()
        >>> session.tvf.stack(F.lit(2), F.lit(1), F.lit(2), F.lit(3)).collect()
        [Row(col0=1, col1=2), Row(col0=3, col1=None)]
        """
        return self._of(F.stack(n, *fields))

    def collations(self) -> DataFrame:
        """The collations there are."""
        return self._session.sql("SELECT * FROM collations()")

    def sql_keywords(self) -> DataFrame:
        """The words of SQL, and which of them are reserved."""
        return self._session.sql("SELECT * FROM sql_keywords()")

    def _of(self, generator: Column) -> DataFrame:
        return self._session.range(1).select(generator)
