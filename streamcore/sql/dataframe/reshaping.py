"""transpose, zip and zipWithIndex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    passed_through,
    reference,
    referenced_id,
    substituted,
)
from streamcore.plan.expressions import call, type_node
from streamcore.plan.logical import Coalesce, Filter, LogicalPlan, Project
from streamcore.plan.plan_forms import plan_form
from streamcore.plan.typing import common_type
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    StringType,
    StructField,
    StructType,
    VariantType,
)
from streamcore.sql.arguments import require_kind
from streamcore.sql.dataframe.core import FrameCore, frame_of, selected
from streamcore.sql.expressions import expression_of

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame

_KEY = "key"


class Reshaping(FrameCore):
    """Rows turned into columns, and columns put beside each other."""

    def transpose(self, indexColumn: Any = None) -> DataFrame:
        """Each column as a row, and each row as a column that is named by its value of `indexColumn`.

        The index is the first column unless another is named; rows in which it is null are left out. At most
        `spark.sql.transposeMaxValues` rows become columns. The query runs when this is called.

        >>> from streamcore import Session
        >>> rows = [("A", 1, 2), ("B", 3, 4)]
        >>> Session.builder.getOrCreate().createDataFrame(rows, ["id", "v", "w"]).transpose().collect()
        [Row(key='v', A=1, B=3), Row(key='w', A=2, B=4)]
        """
        return transposed(self._frame(), indexColumn)

    def zip(self, other: DataFrame) -> DataFrame:
        """The columns of this and of `other` side by side; both have to select from the same rows.

        >>> from streamcore import Session
        >>> df = Session.builder.getOrCreate().createDataFrame([(1, 2)], ["a", "b"])
        >>> df.select("a").zip(df.select("b")).collect()
        [Row(a=1, b=2)]
        """
        return self._derive(_side_by_side(self._plan, other.plan))

    def zipWithIndex(self, indexColName: str = "index") -> DataFrame:
        """This DataFrame with the number of each row, from 0, as its last column.

        >>> from streamcore import Session
        >>> Session.builder.getOrCreate().createDataFrame([("a",), ("b",)], ["s"]).zipWithIndex().collect()
        [Row(s='a', index=0), Row(s='b', index=1)]
        """
        require_kind(indexColName, "indexColName", str, "str")
        together = frame_of(Coalesce(self._plan, 1), self._session)
        number = exp.Alias(
            this=call("monotonically_increasing_id"), alias=exp.to_identifier(indexColName, quoted=True)
        )
        return selected(together, [*(reference(a) for a in self._plan.output), number])


def transposed(frame: DataFrame, index_column: Any) -> DataFrame:
    """See `DataFrame.transpose`."""
    from streamcore.execution.leaves import local_relation

    index, values = _index_and_values(frame, index_column)
    kind = _one_type(values)
    limit = int(str(frame.session.conf.get("spark.sql.transposeMaxValues")))
    rows = _ordered_by_index(frame, index, values, kind).limit(limit + 1).toArrow()
    if rows.num_rows > limit:
        raise AnalysisException(
            f"[TRANSPOSE_EXCEED_ROW_LIMIT] Number of rows exceeds the allowed limit of {limit} for "
            "TRANSPOSE. If this was intended, set spark.sql.transposeMaxValues to at least the current row "
            "count. SQLSTATE: 54006"
        )
    names = rows.column(0).to_pylist()
    schema = StructType(
        [StructField(_KEY, StringType(), nullable=False), *(StructField(name, kind) for name in names)]
    )
    return frame_of(local_relation(_turned(rows, values, schema), schema), frame.session)


def _turned(rows: pa.Table, values: list[Attribute], schema: StructType) -> pa.Table:
    import pyarrow as pa

    from streamcore.spi.types import to_arrow_schema

    wanted = to_arrow_schema(schema)
    cells = [rows.column(at + 1).combine_chunks() for at in range(len(values))]
    columns = [
        pa.concat_arrays([column.slice(row, 1) for column in cells]) if cells else pa.nulls(0, wanted[1].type)
        for row in range(rows.num_rows)
    ]
    keys = pa.array([column.name for column in values], wanted[0].type)
    return pa.Table.from_arrays([keys, *columns], schema=wanted)


def _index_and_values(frame: DataFrame, index_column: Any) -> tuple[Attribute, list[Attribute]]:
    columns = frame.plan.output
    if index_column is None:
        index = columns[0]
    else:
        resolved = frame.session.analysis_settings.names(frame.plan).resolve(expression_of(index_column))
        found = [column for column in columns if column.id == referenced_id(resolved)]
        if not found:
            raise _invalid_index("Index column must be an atomic attribute")
        index = found[0]
    if isinstance(index.data_type, ArrayType | MapType | StructType | VariantType):
        raise _invalid_index(
            f"Index column must be of atomic type, but found: {index.data_type.simpleString()}"
        )
    return index, [column for column in columns if column.id != index.id]


def _invalid_index(reason: str) -> AnalysisException:
    return AnalysisException(
        f"[TRANSPOSE_INVALID_INDEX_COLUMN] Invalid index column for TRANSPOSE because: {reason} "
        "SQLSTATE: 42804"
    )


def _one_type(values: list[Attribute]) -> DataType:
    kind: DataType = values[0].data_type if values else StringType()
    for column in values[1:]:
        found = _common(kind, column.data_type)
        if found is None:
            raise AnalysisException(
                "[TRANSPOSE_NO_LEAST_COMMON_TYPE] Transpose requires non-index columns to share a least "
                f'common type, but "{kind.simpleString().upper()}" and '
                f'"{column.data_type.simpleString().upper()}" do not. SQLSTATE: 42K09'
            )
        kind = found
    return kind


def _common(one: DataType, other: DataType) -> DataType | None:
    """The type of both; a text is made of no other value."""
    is_mixed = isinstance(one, StringType) is not isinstance(other, StringType)
    return None if is_mixed else common_type(one, other)


def _ordered_by_index(
    frame: DataFrame, index: Attribute, values: list[Attribute], kind: DataType
) -> DataFrame:
    """The rows with an index, in its order: the index as text, and the values as one type."""
    present = Filter(frame.plan, exp.Not(this=exp.Is(this=reference(index), expression=exp.Null())))
    ordered = frame_of(present, frame.session).sort(_column(reference(index)))
    entries = [(index, StringType()), *((value, kind) for value in values)]
    return selected(
        ordered,
        [
            exp.Alias(
                this=exp.Cast(this=reference(column), to=type_node(wanted)),
                alias=exp.to_identifier(f"_{at}"),
            )
            for at, (column, wanted) in enumerate(entries)
        ],
    )


def _column(expression: exp.Expression) -> Any:
    from streamcore.sql.column import Column

    return Column(expression)


# ---- zip -----------------------------------------------------------------------------------------


def _side_by_side(left: LogicalPlan, right: LogicalPlan) -> LogicalPlan:
    (base, ours), (other, theirs) = _over_base(left), _over_base(right)
    if plan_form(base) != plan_form(other):
        raise AnalysisException(
            "[ZIP_PLANS_NOT_MERGEABLE] The two DataFrames in zip() cannot be merged. They must produce "
            "the same canonicalized plan after stripping outer Project chains, and must not contain "
            "non-scalar Python UDFs. SQLSTATE: 42K03"
        )
    same = {b.id: reference(a) for a, b in zip(base.output, other.output, strict=True)}
    moved = [
        NamedExpression(substituted(entry.expression, same), entry.attribute.renewed()) for entry in theirs
    ]
    return Project(base, (*ours, *moved))


def _over_base(plan: LogicalPlan) -> tuple[LogicalPlan, list[NamedExpression]]:
    """What is below the projections at the top of a plan, and the columns of the plan over it."""
    entries = [passed_through(column) for column in plan.output]
    while isinstance(plan, Project):
        below = {entry.attribute.id: entry.expression for entry in plan.expressions}
        entries = [
            NamedExpression(substituted(entry.expression, below), entry.attribute) for entry in entries
        ]
        plan = plan.child
    return plan, entries
