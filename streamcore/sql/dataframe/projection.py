"""Columns chosen, added, renamed and dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from streamcore.errors import AnalysisException
from streamcore.plan.analysis import renamed
from streamcore.plan.attributes import reference, referenced_id
from streamcore.sql.arguments import require_kind
from streamcore.sql.dataframe.core import FrameCore, expressions_of, flattened, require_names, selected
from streamcore.sql.dataframe.open_frames import open_to_outer
from streamcore.sql.expressions import column_of, dotted, expression_of

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.spi.types import StructType
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame


class Projection(FrameCore):
    """select and its kin."""

    @open_to_outer
    def select(self, *cols: Any) -> DataFrame:
        """Expressions as the columns of a new DataFrame.

        Parameters
        ----------
        cols
            Names (`"a"`, `"*"`, `"t.a"`, `"struct.field"`) or Columns, one by one or as a list.

        >>> from streamcore import Session
        >>> df = Session.builder.getOrCreate().createDataFrame([(1, "x")], ["n", "s"])
        >>> df.select("s", df.n + 1).columns
        ['s', '(n + 1)']
        """
        return selected(self, expressions_of(cols))

    def selectExpr(self, *expr: Any) -> DataFrame:
        """SQL expressions as the columns of a new DataFrame."""
        from streamcore.plan.expressions import parse_expression

        return selected(self, [_sugared(parse_expression(text)) for text in flattened(expr)])

    def withColumn(self, colName: str, col: Column) -> DataFrame:
        """This DataFrame with one column added, or replaced where the name exists."""
        return self.withColumns({colName: col})

    @open_to_outer
    def withColumns(self, *colsMap: Mapping[str, Column]) -> DataFrame:
        """This DataFrame with columns added or replaced; all see the original columns."""
        names = self._settings.names(self._plan)
        require_kind(colsMap[0], "colsMap", Mapping, "dict")
        added = dict(colsMap[0])
        for name, col in added.items():
            column_of(col, f"withColumn({name!r}, ...)")
        replaced = set()
        entries: list[exp.Expression] = []
        for column in self._plan.output:
            key = next((name for name in added if names.same(name, column.name)), None)
            if key is None:
                entries.append(reference(column))
            else:
                replaced.add(key)
                entries.append(_alias(expression_of(added[key]), key))
        entries += [_alias(expression_of(col), name) for name, col in added.items() if name not in replaced]
        return selected(self, entries)

    def mapInPandas(
        self, func: Any, schema: StructType | str, barrier: bool = False, profile: Any = None
    ) -> DataFrame:
        """The rows that `func` makes of these, batch by batch.

        Parameters
        ----------
        func
            From an iterator of pandas DataFrames (10,000 rows or fewer each) to one; it may give more rows
            or fewer. Called once for each part of the rows, in worker processes.
        schema
            The columns of the result, as a StructType or DDL.
        barrier, profile
            Refused when given.

        >>> from streamcore import Session
        >>> def even(frames):
        ...     for frame in frames:
        ...         yield frame[frame.id % 2 == 0]
        >>> Session.builder.getOrCreate().range(4).mapInPandas(even, "id long").collect()
        [Row(id=0), Row(id=2)]
        """
        from streamcore.sql.python_rows import map_in_pandas

        return map_in_pandas(self._frame(), func, schema, barrier, profile)

    def mapInArrow(
        self, func: Any, schema: StructType | str, barrier: bool = False, profile: Any = None
    ) -> DataFrame:
        """As `mapInPandas`, with record batches of pyarrow."""
        from streamcore.sql.python_rows import map_in_arrow

        return map_in_arrow(self._frame(), func, schema, barrier, profile)

    def withMetadata(self, columnName: str, metadata: dict[str, Any]) -> DataFrame:
        """This DataFrame with other metadata at one column.

        Raises AnalysisException for a column that there is not.

        >>> from streamcore import Session
        >>> session = Session.builder.getOrCreate()
        >>> session.range(1).withMetadata("id", {"unit": "s"}).schema["id"].metadata
        {'unit': 's'}
        """
        from streamcore.sql.column import Column

        column = Column(expression_of(columnName))
        return self.withColumn(columnName, column.alias(columnName, metadata=metadata))

    def withColumnRenamed(self, existing: str, new: str) -> DataFrame:
        """This DataFrame with one column renamed; unchanged when it does not exist."""
        return self.withColumnsRenamed({existing: new})

    def withColumnsRenamed(self, colsMap: Mapping[str, str]) -> DataFrame:
        """This DataFrame with columns renamed; names that do not exist are ignored."""
        names = self._settings.names(self._plan)
        entries: list[exp.Expression] = []
        for column in self._plan.output:
            new = next((to for old, to in colsMap.items() if names.same(old, column.name)), None)
            entries.append(reference(column) if new is None else _alias(reference(column), new))
        return selected(self, entries)

    def drop(self, *cols: Any) -> DataFrame:
        """This DataFrame without these columns; names that do not exist are ignored."""
        names = self._settings.names(self._plan)
        by_name = [col for col in cols if isinstance(col, str)]
        by_id = set()
        for col in cols:
            if not isinstance(col, str):
                expression = expression_of(col)
                try:
                    by_id.add(referenced_id(names.resolve(expression)))
                except AnalysisException as error:
                    if "AMBIGUOUS" in str(error):
                        raise
        kept = [
            column
            for column in self._plan.output
            if column.id not in by_id and not any(names.same(column.name, name) for name in by_name)
        ]
        if len(kept) == len(self._plan.output):
            return self._frame()
        return selected(self, [reference(column) for column in kept])

    def toDF(self, *cols: str) -> DataFrame:
        """The same columns under new names, given in order."""
        names = require_names(flattened(cols), "cols")
        if len(names) != len(self._plan.output):
            raise AnalysisException(
                "requirement failed: The number of columns doesn't match.\n"
                f"Old column names ({len(self.columns)}): {', '.join(self.columns)}\n"
                f"New column names ({len(names)}): {', '.join(names)}"
            )
        return selected(
            self,
            [
                _alias(reference(c), n) if c.name != n else reference(c)
                for c, n in zip(self._plan.output, names, strict=True)
            ],
        )

    def to(self, schema: StructType) -> DataFrame:
        """The columns of `schema`, found by name, cast to its types; those that are missing are null.

        Raises AnalysisException for a missing column that may not be null, a column that may be null where
        the schema says that it may not, and a type that a column cannot be converted to.

        >>> from streamcore import Session
        >>> from streamcore.sql.types import StructType
        >>> wanted = StructType().add("n", "double").add("id", "string")
        >>> Session.builder.getOrCreate().range(1).to(wanted).collect()
        [Row(n=None, id='0')]
        """
        from streamcore.sql.dataframe.conforming import conforming

        return conforming(self._frame(), schema)

    def colRegex(self, colName: str) -> Column:
        """The columns whose whole name matches a regular expression in backticks."""
        from sqlglot import exp

        pattern = colName[1:-1] if colName.startswith("`") and colName.endswith("`") else colName
        flags = 0 if self._settings.case_sensitive else re.IGNORECASE
        found = [c for c in self._plan.output if re.fullmatch(pattern, c.name, flags)]
        star = exp.Star(
            except_=[exp.to_identifier(c.name, quoted=True) for c in self._plan.output if c not in found]
        )
        return column_of_expression(star)

    @overload
    def __getitem__(self, item: int | str) -> Column: ...
    @overload
    def __getitem__(self, item: Column | list[Any] | tuple[Any, ...]) -> DataFrame: ...
    def __getitem__(self, item: Any) -> Any:
        """A column by name or position, a filtered DataFrame by a condition, a selection by a list."""
        if isinstance(item, str):
            return self._column(item)
        if not isinstance(item, (int, list, tuple)):
            return self._frame().filter(item)
        if isinstance(item, int):
            return column_of_expression(reference(self._plan.output[item]))
        return self.select(*item)

    def __getattr__(self, name: str) -> Column:
        if name.startswith("_") or not self._has_column(name):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute {name!r}")
        return self._column(name)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *(c for c in self.columns if c.isidentifier())})

    def _column(self, text: str) -> Column:
        from sqlglot import exp

        expression = dotted(text)
        if isinstance(expression, exp.Star):
            return column_of_expression(expression)
        if isinstance(expression, exp.Column) and isinstance(expression.this, exp.Star):
            return column_of_expression(expression)
        return column_of_expression(self._settings.names(self._plan).resolve(expression))


def column_of_expression(expression: exp.Expression) -> Column:
    """A Column over an expression."""
    from streamcore.sql.column import Column

    return Column(expression)


def _alias(expression: exp.Expression, name: str) -> exp.Expression:
    from sqlglot import exp

    if isinstance(expression, exp.Alias):
        return renamed(expression, name)
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def _sugared(expression: exp.Expression) -> exp.Expression:
    from streamcore.sql.expressions import named_after_cast

    return named_after_cast(expression)
