"""describe, summary and the functions of `df.stat`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import IllegalArgumentException
from streamcore.plan.attributes import Attribute, reference
from streamcore.plan.expressions import call
from streamcore.spi.types import NumericType, StringType, StructField, StructType
from streamcore.sql.dataframe.core import FrameCore, flattened, selected
from streamcore.sql.expressions import dotted
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_DESCRIBED = ("count", "mean", "stddev", "min", "max")
_SUMMARISED = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")


class Statistics(FrameCore):
    """describe, summary, corr, cov, crosstab."""

    @property
    def stat(self) -> DataFrameStatFunctions:
        """Statistical functions."""
        return DataFrameStatFunctions(self._frame())

    def describe(self, *cols: Any) -> DataFrame:
        """Count, mean, standard deviation, least and greatest value of each column, as texts."""
        return self._summarised(_DESCRIBED, list(flattened(cols)))

    def summary(self, *statistics: str) -> DataFrame:
        """As `describe`, with chosen statistics: also `count_distinct` and percentiles such as `75%`."""
        return self._summarised(tuple(flattened(statistics)) or _SUMMARISED, [])

    def corr(self, col1: str, col2: str, method: str | None = None) -> float:
        """Pearson's correlation of two columns."""
        if method not in (None, "pearson"):
            raise IllegalArgumentException(
                "[VALUE_NOT_PEARSON] Value for `method` only supports the 'pearson'."
            )
        return self._number(call("corr", dotted(col1), dotted(col2)))

    def cov(self, col1: str, col2: str) -> float:
        """The sample covariance of two columns."""
        return self._number(call("covar_samp", dotted(col1), dotted(col2)))

    def approxQuantile(self, col: Any, probabilities: list[float], relativeError: float) -> Any:
        """The quantiles of one column (a list) or of several (a list of lists)."""
        return self.stat.approxQuantile(col, probabilities, relativeError)

    def crosstab(self, col1: str, col2: str) -> DataFrame:
        """How often each pair of values of two columns occurs, as a table; a null is the text `null`."""
        names = {f"{col1}_{col2}": col1, col2: col2}
        texts: list[exp.Expression] = [
            exp.Alias(this=_shown(column), alias=exp.to_identifier(name, quoted=True))
            for name, column in names.items()
        ]
        pairs = selected(self._frame(), texts)
        return pairs.groupBy(f"{col1}_{col2}").pivot(col2).count().na.fill(0)

    def freqItems(self, cols: list[str] | tuple[str, ...], support: float | None = None) -> DataFrame:
        """The values of each column that make up at least the share `support` (0.01) of its rows."""
        from streamcore.execution.leaves import local_relation
        from streamcore.execution.rows import table_from_rows
        from streamcore.spi.types import ArrayType

        frame = self._frame()
        share = 0.01 if support is None else support
        total = frame.count()
        found: list[Any] = []
        fields = []
        for name in cols:
            counted = frame.groupBy(name).count().collect()
            found.append([row[0] for row in counted if row[1] >= share * total])
            kind = next(f.dataType for f in frame.schema.fields if f.name == name)
            fields.append(StructField(f"{name}_freqItems", ArrayType(kind), nullable=False))
        schema = StructType(fields)
        return self._derive(local_relation(table_from_rows([found], schema), schema))

    def sampleBy(self, col: Any, fractions: dict[Any, float], seed: int | None = None) -> DataFrame:
        """Rows kept with the share that their value of `col` has in `fractions` (0 where it has none)."""
        from streamcore.sql.expressions import expression_of

        key = expression_of(col)
        draw = call("rand", *([exp.Literal.number(seed)] if seed is not None else []))
        branches = [
            exp.If(
                this=exp.EQ(this=key.copy(), expression=literal_expression(value)),
                true=literal_expression(float(share)),
            )
            for value, share in fractions.items()
        ]
        share = exp.Case(ifs=branches, default=literal_expression(0.0))
        from streamcore.plan.analysis import filter_rows

        return self._derive(filter_rows(self._plan, exp.LT(this=draw, expression=share), self._settings))

    def _number(self, aggregate: exp.Expression) -> float:
        value = selected(self, [aggregate]).collect()[0][0]
        return float("nan") if value is None else float(value)

    def _summarised(self, statistics: tuple[str, ...], names: list[str]) -> DataFrame:
        from streamcore.execution.leaves import local_relation
        from streamcore.execution.rows import table_from_rows

        frame = self._frame().select(*names) if names else self._frame()
        columns = [a for a in frame.plan.output if isinstance(a.data_type, (NumericType, StringType))]
        texts = [_text(_statistic(name, column)) for name in statistics for column in columns]
        values = list(selected(frame, _numbered(texts)).collect()[0]) if texts else []
        width = len(columns)
        rows = [[name, *values[at * width : (at + 1) * width]] for at, name in enumerate(statistics)]
        schema = StructType(
            [StructField(name, StringType()) for name in ("summary", *(a.name for a in columns))]
        )
        return self._derive(local_relation(table_from_rows(rows, schema), schema))


class DataFrameStatFunctions:
    """`df.stat`."""

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.dataframe"

    def __init__(self, df: DataFrame) -> None:
        self.df = df

    def corr(self, col1: str, col2: str, method: str | None = None) -> float:
        """See `DataFrame.corr`."""
        return self.df.corr(col1, col2, method)

    def cov(self, col1: str, col2: str) -> float:
        """See `DataFrame.cov`."""
        return self.df.cov(col1, col2)

    def crosstab(self, col1: str, col2: str) -> DataFrame:
        """See `DataFrame.crosstab`."""
        return self.df.crosstab(col1, col2)

    def freqItems(self, cols: list[str], support: float | None = None) -> DataFrame:
        """See `DataFrame.freqItems`."""
        return self.df.freqItems(cols, support)

    def sampleBy(self, col: Any, fractions: dict[Any, float], seed: int | None = None) -> DataFrame:
        """See `DataFrame.sampleBy`."""
        return self.df.sampleBy(col, fractions, seed)

    def approxQuantile(self, col: Any, probabilities: list[float], relativeError: float) -> Any:
        """The exact quantiles of one column (a list) or of several (a list of lists); errors are 0 here."""
        if relativeError < 0:
            raise IllegalArgumentException("requirement failed: Relative Error must be non-negative")
        if isinstance(col, str):
            return self._quantiles(col, probabilities)
        return [self._quantiles(name, probabilities) for name in col]

    def _quantiles(self, name: str, probabilities: list[float]) -> list[float]:
        values = sorted(float(row[0]) for row in self.df.select(name).dropna().collect())
        if not values:
            return []
        last = len(values) - 1
        return [
            values[min(last, max(0, -(-int(p * len(values) * 1_000_000) // 1_000_000) - 1))]
            for p in probabilities
        ]


def _statistic(name: str, column: Attribute) -> exp.Expression:
    is_text = isinstance(column.data_type, StringType)
    value = reference(column)
    if name in ("count", "min", "max"):
        return call(name, value)
    if name == "approx_count_distinct":
        return call(name, value)
    if name == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[value]), big_int=True)
    number = exp.TryCast(this=value, to=exp.DataType.build("double"), safe=True) if is_text else value
    if name in ("mean", "stddev"):
        return call("avg" if name == "mean" else "stddev", number)
    if name.endswith("%"):
        share = _percentile(name)
        return call("percentile_approx", number, literal_expression(share))
    raise _not_recognised(name)


def _percentile(name: str) -> float:
    try:
        share = float(name[:-1]) / 100
    except ValueError:
        raise _not_recognised(name) from None
    if not 0 <= share <= 1:
        raise IllegalArgumentException("requirement failed: Percentiles must be in the range [0, 1]")
    return share


def _not_recognised(name: str) -> IllegalArgumentException:
    return IllegalArgumentException(
        f"[UNRECOGNIZED_STATISTIC] The statistic '{name}' is not recognized. Valid statistics include "
        "`count`, `count_distinct`, `approx_count_distinct`, `mean`, `stddev`, `min`, `max`, and percentile "
        "values. Percentile must be a numeric value followed by '%', within the range 0% to 100%. "
        "SQLSTATE: 42704"
    )


def _shown(name: str) -> exp.Expression:
    """A column as text, a null as the text that tables show."""
    return call("coalesce", _text(dotted(name)), literal_expression("null"))


def _text(expression: exp.Expression) -> exp.Expression:
    return exp.Cast(this=expression, to=exp.DataType.build("string"))


def _numbered(expressions: list[exp.Expression]) -> list[exp.Expression]:
    return [exp.Alias(this=e, alias=exp.to_identifier(f"_{at}")) for at, e in enumerate(expressions)]
