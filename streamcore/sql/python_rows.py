"""Rows handed to Python functions: mapInPandas, mapInArrow, applyInPandas, applyInArrow, and cogroups."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from streamcore.distribution import install_command
from streamcore.errors import (
    AnalysisException,
    ArgumentTypeError,
    IllegalArgumentException,
    UnsupportedOperationException,
)
from streamcore.execution.leaves import schema_of
from streamcore.execution.python_calls.frames import (
    ArrowBatches,
    ArrowTables,
    Frames,
    OverBatches,
    OverCogroups,
    OverGroups,
    PandasFrames,
    RowsInWorker,
)
from streamcore.execution.python_workers.pool import Program
from streamcore.plan.attributes import attribute
from streamcore.plan.logical import LogicalPlan, MappedRows
from streamcore.plan.python_groups import with_keys
from streamcore.spi.types import StructType, parse_data_type
from streamcore.sql.dataframe.core import frame_of

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.attributes import Attribute
    from streamcore.sql.dataframe import DataFrame

_GROUP, _SIDES = "~group", ("~left", "~right")


def map_in_pandas(
    frame: DataFrame, function: Any, schema: StructType | str, barrier: bool, profile: Any
) -> DataFrame:
    """See `DataFrame.mapInPandas`."""
    return _mapped(frame, function, schema, _pandas(frame, "mapInPandas"), "mapInPandas", barrier, profile)


def map_in_arrow(
    frame: DataFrame, function: Any, schema: StructType | str, barrier: bool, profile: Any
) -> DataFrame:
    """See `DataFrame.mapInArrow`."""
    return _mapped(frame, function, schema, ArrowBatches(), "mapInArrow", barrier, profile)


def _mapped(
    frame: DataFrame,
    function: Any,
    schema: StructType | str,
    frames: Frames,
    call: str,
    barrier: bool,
    profile: Any,
) -> DataFrame:
    _require_callable(function, call)
    if barrier:
        raise UnsupportedOperationException(
            f"{call}(barrier=True) is not offered: tasks need not run at the same time; leave barrier out, "
            "or use df.rdd.barrier()"
        )
    if profile is not None:
        raise UnsupportedOperationException(
            f"{call}(profile=...) is not offered: there are no resource profiles"
        )
    output = output_schema(schema)
    program = OverBatches(function, frames, schema_of(frame.plan.output), output)
    return _rows(frame, frame.plan, call, program, output)


def apply_in_pandas(
    frame: DataFrame, keys: Sequence[exp.Expression], function: Any, schema: StructType | str
) -> DataFrame:
    """See `GroupedData.applyInPandas`."""
    return _applied(frame, keys, function, schema, _pandas(frame, "applyInPandas"), "applyInPandas")


def apply_in_arrow(
    frame: DataFrame, keys: Sequence[exp.Expression], function: Any, schema: StructType | str
) -> DataFrame:
    """See `GroupedData.applyInArrow`."""
    return _applied(frame, keys, function, schema, ArrowTables(), "applyInArrow")


def _applied(
    frame: DataFrame,
    keys: Sequence[exp.Expression],
    function: Any,
    schema: StructType | str,
    frames: Frames,
    call: str,
) -> DataFrame:
    takes_key = _takes_key(function, call, 1)
    _require_batch(frame, call)
    below, keyed = _keyed(frame, keys)
    output = output_schema(schema)
    program = OverGroups(function, takes_key, frames, schema_of(keyed), schema_of(frame.plan.output), output)
    columns = [*_references(below, keyed), *_references(below, frame.plan.output)]
    return _rows(frame, _numbered(below, keyed, columns), call, program, output, grouped=True)


class PandasCogroupedOps:
    """Two DataFrames grouped by keys of the same types; made by `GroupedData.cogroup`."""

    def __init__(self, left: Any, right: Any) -> None:
        self._sides = (left, right)

    def applyInPandas(self, func: Callable[..., Any], schema: StructType | str) -> DataFrame:
        """The rows that `func` gives for each key of either side.

        Parameters
        ----------
        func
            Called as `func(left, right)` or `func(key, left, right)` with the rows of the key as pandas
            DataFrames, empty where a side has none; gives a DataFrame.
        schema
            The columns of the result, as a StructType or DDL.
        """
        return self._applied(func, schema, _pandas(self._sides[0].frame, "cogroup"), "applyInPandas")

    def applyInArrow(self, func: Callable[..., Any], schema: StructType | str) -> DataFrame:
        """As `applyInPandas`, with tables of pyarrow."""
        return self._applied(func, schema, ArrowTables(), "applyInArrow")

    def _applied(self, function: Any, schema: StructType | str, frames: Frames, call: str) -> DataFrame:
        takes_key = _takes_key(function, call, 2)
        left, right = (side.frame for side in self._sides)
        for side in (left, right):
            _require_batch(side, call)
        (low, keyed), (other, other_keys) = (_keyed(side.frame, side.keys) for side in self._sides)
        _require_same_types(keyed, other_keys)
        together = _of_both(left, low, keyed).union(_of_both(right, other, other_keys, is_left=False))
        keys = together.plan.output[: len(keyed)]
        output = output_schema(schema)
        program = OverCogroups(
            function,
            takes_key,
            frames,
            schema_of(keys),
            (schema_of(left.plan.output), schema_of(right.plan.output)),
            output,
        )
        columns = _references(together.plan, together.plan.output)
        ordered = _numbered(together.plan, keys, columns, left_first=True)
        return _rows(left, ordered, call, program, output, grouped=True)


def _of_both(
    frame: DataFrame, below: LogicalPlan, keys: Sequence[Attribute], *, is_left: bool = True
) -> DataFrame:
    """The keys of a side, and its rows as a struct at the side's place."""
    from streamcore.sql import functions as F
    from streamcore.sql.column import Column

    own = F.struct(*(Column(e) for e in _references(below, frame.plan.output)))
    none = F.lit(None)
    structs = (own, none) if is_left else (none, own)
    named = [struct.alias(name) for struct, name in zip(structs, _SIDES, strict=True)]
    keyed = [Column(e).alias(f"~key {n}") for n, e in enumerate(_references(below, keys))]
    return frame_of(below, frame.session).select(*keyed, *named)


def _keyed(frame: DataFrame, keys: Sequence[exp.Expression]) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    """The rows with the keys among their columns, and the keys."""
    if not keys:
        return frame.plan, ()
    return with_keys(frame.plan, keys, frame.session.analysis_settings)


def _numbered(
    below: LogicalPlan,
    keys: Sequence[Attribute],
    columns: Sequence[exp.Expression],
    *,
    left_first: bool = False,
) -> LogicalPlan:
    """The columns, sorted by the number of the group, which stands before them."""
    from streamcore.plan.analysis import AnalysisSettings, project, sort_rows
    from streamcore.plan.attributes import reference
    from streamcore.sql import functions as F
    from streamcore.sql.column import Column
    from streamcore.sql.window import Window

    terms = [Column(e) for e in _references(below, keys)]
    number = F.dense_rank().over(Window.orderBy(*terms)) if terms else F.lit(1)
    found = project(below, [number.cast("long").alias(_GROUP).expression, *columns], AnalysisSettings())
    orders: list[exp.Expression] = [reference(found.output[0])]
    if left_first:
        orders.append(F.isnull(Column(reference(found.output[-2]))).expression)
    return sort_rows(found, orders, AnalysisSettings())


def _rows(
    frame: DataFrame,
    below: LogicalPlan,
    call: str,
    program: Any,
    output: StructType,
    *,
    grouped: bool = False,
) -> DataFrame:
    columns = tuple(attribute(f.name, f.dataType, f.nullable, f.metadata) for f in output.fields)
    function = RowsInWorker(call, Program(program))
    group = below.output[0] if grouped else None
    return frame_of(MappedRows(below, function, columns, group), frame.session)


def _references(plan: LogicalPlan, columns: Sequence[Attribute]) -> list[exp.Expression]:
    from streamcore.plan.attributes import reference

    known = {a.id for a in plan.output}
    assert all(column.id in known for column in columns)
    return [reference(column) for column in columns]


# ---- what is refused -------------------------------------------------------------------------------


def output_schema(schema: StructType | str) -> StructType:
    """The declared columns; raises ArgumentTypeError for anything but a struct, or its DDL."""
    found = parse_data_type(schema) if isinstance(schema, str) else schema
    if not isinstance(found, StructType):
        raise ArgumentTypeError(f"schema is a StructType or DDL such as 'id long, n long', not {schema!r}")
    return found


def _pandas(frame: DataFrame, call: str) -> PandasFrames:
    if find_spec("pandas") is None:
        raise UnsupportedOperationException(f"{call} needs pandas: {install_command('pandas')}")
    return PandasFrames(str(frame.session.conf.get("spark.sql.session.timeZone")))


def _require_callable(function: Any, call: str) -> None:
    if not callable(function):
        raise ArgumentTypeError(
            f"[NOT_CALLABLE] Argument `func` of {call} should be a callable, got {type(function).__name__}."
        )


def _takes_key(function: Any, call: str, frames: int) -> bool:
    """Whether the function takes the key before its frames."""
    _require_callable(function, call)
    parameters = [
        p
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]
    if len(parameters) not in (frames, frames + 1):
        one, two = ("data", "(key, data)") if frames == 1 else ("(left, right)", "(key, left, right)")
        raise IllegalArgumentException(
            f"[INVALID_PANDAS_UDF] Invalid function: the function of {call} takes {one} or {two}, and this "
            f"one takes {len(parameters)} arguments"
        )
    return len(parameters) == frames + 1


def _require_batch(frame: DataFrame, call: str) -> None:
    if frame.isStreaming:
        raise UnsupportedOperationException(
            f"{call} is not offered on a stream, whose groups are never whole; use applyInPandasWithState or "
            "transformWithState, or mapInPandas for rows batch by batch"
        )


def _require_same_types(left: Sequence[Attribute], right: Sequence[Attribute]) -> None:
    ours, theirs = ([key.data_type.simpleString() for key in side] for side in (left, right))
    if ours != theirs:
        raise AnalysisException(
            f"the sides of a cogroup are grouped by ({', '.join(ours)}) and by ({', '.join(theirs)}): the "
            "types have to be the same"
        )
