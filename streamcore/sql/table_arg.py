"""A DataFrame as an argument of a function that gives tables; `df.asTable()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.sql.dataframe.core import expressions_of

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.sql.dataframe import DataFrame


class TableArg:
    """The rows of a DataFrame, and how they come together: by keys, or all to one instance."""

    def __init__(
        self,
        frame: DataFrame,
        keys: tuple[exp.Expression, ...] = (),
        orders: tuple[exp.Expression, ...] = (),
        *,
        is_placed: bool = False,
    ) -> None:
        self.frame = frame
        self.keys = keys
        self.orders = orders
        self.is_placed = is_placed

    def partitionBy(self, *cols: Any) -> TableArg:
        """Rows of equal columns come to one instance of the function."""
        if self.is_placed:
            raise IllegalArgumentException(
                "Cannot call partitionBy() after partitionBy() or withSinglePartition() has been called."
            )
        return TableArg(self.frame, tuple(expressions_of(cols)), is_placed=True)

    def orderBy(self, *cols: Any) -> TableArg:
        """The order of the rows that come together."""
        if not self.is_placed:
            raise IllegalArgumentException(
                "Please call partitionBy() or withSinglePartition() before orderBy()."
            )
        return TableArg(self.frame, self.keys, (*self.orders, *expressions_of(cols)), is_placed=True)

    def withSinglePartition(self) -> TableArg:
        """All rows come to one instance of the function."""
        if self.is_placed:
            raise IllegalArgumentException(
                "Cannot call withSinglePartition() after partitionBy() or withSinglePartition() has been "
                "called."
            )
        return TableArg(self.frame, is_placed=True)
