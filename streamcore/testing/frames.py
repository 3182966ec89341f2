"""Whether two DataFrames are equal, for tests: what differs is shown row by row."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from streamcore.errors import ArgumentTypeError, CheckFailed
from streamcore.spi.row import Row
from streamcore.spi.types import ArrayType, DataType, DecimalType, MapType, StructField, StructType

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

Pair = tuple[Row | None, Row | None]

_KINDS = "Union[DataFrame, ps.DataFrame, List[Row]]"


def assertSchemaEqual(
    actual: StructType,
    expected: StructType,
    ignoreNullable: bool = True,
    ignoreColumnOrder: bool = False,
    ignoreColumnName: bool = False,
) -> None:
    """Raises CheckFailed, with both schemas, unless they are equal.

    Parameters
    ----------
    actual, expected
        The schemas.
    ignoreNullable
        Whether what may be null does not count, at any depth.
    ignoreColumnOrder, ignoreColumnName
        Whether columns are compared by name, or by place alone.

    >>> from streamcore.sql.types import StructType
    >>> assertSchemaEqual(StructType().add("a", "int", False), StructType().add("a", "int"))
    """
    for name, schema in (("actual", actual), ("expected", expected)):
        if not isinstance(schema, StructType):
            raise ArgumentTypeError(
                f"[NOT_EXPECTED_TYPE] Argument `{name}` should be struct type, got {type(schema).__name__}."
            )
    ours, theirs = (_placed(schema, ignoreColumnOrder, ignoreColumnName) for schema in (actual, expected))
    same = _alike(ours, theirs) if ignoreNullable else ours == theirs
    if not same:
        raise _schemas_differ(ours, theirs)


def assertDataFrameEqual(
    actual: DataFrame | list[Row] | None,
    expected: DataFrame | list[Row] | None,
    checkRowOrder: bool = False,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    ignoreNullable: bool = True,
    ignoreColumnOrder: bool = False,
    ignoreColumnName: bool = False,
    ignoreColumnType: bool = False,
    maxErrors: int | None = None,
    showOnlyDiff: bool = False,
    includeDiffRows: bool = False,
) -> None:
    """Raises CheckFailed, with the rows that differ, unless both have the same columns and rows.

    Parameters
    ----------
    actual, expected
        DataFrames, pandas DataFrames, or lists of Rows.
    checkRowOrder
        Whether the order of rows counts.
    rtol, atol
        How far numbers with fractions may lie apart: `atol + rtol * abs(expected)`.
    ignoreNullable, ignoreColumnOrder, ignoreColumnName, ignoreColumnType
        What of the columns does not count.
    maxErrors
        After how many rows that differ the comparison ends.
    showOnlyDiff
        Whether rows that are equal are left out of the message.
    includeDiffRows
        Whether the error has the rows that differ, as pairs, in `data`.

    >>> from streamcore import Session
    >>> session = Session.builder.getOrCreate()
    >>> assertDataFrameEqual(session.range(2), session.createDataFrame([(1,), (0,)], "id long"))
    """
    if actual is None and expected is None:
        return
    sides = [_frame_or_rows(actual, "actual"), _frame_or_rows(expected, "expected")]
    sides = [_changed(side, ignoreColumnOrder, ignoreColumnName, ignoreColumnType) for side in sides]
    if not any(isinstance(side, list) for side in sides):
        assertSchemaEqual(sides[0].schema, sides[1].schema, ignoreNullable)
    ours, theirs = (_rows(side) for side in sides)
    comparison = _Comparison(rtol, atol, maxErrors)
    pairs = comparison.pairs(ours, theirs, in_order=checkRowOrder)
    differing = [pair for pair, is_equal in pairs if not is_equal]
    if differing:
        shown = [pair for pair, is_equal in pairs if not (showOnlyDiff and is_equal)]
        total = max(len(ours), len(theirs))
        message = "\n".join(
            [f"Results do not match: ( {len(differing) / total * 100:.5f} % )", *_diff(shown, total)]
        )
        error = CheckFailed(f"[DIFFERENT_ROWS] {message}")
        error.data = differing if includeDiffRows else None
        raise error


# ---- schemas ---------------------------------------------------------------------------------------


def _placed(schema: StructType, by_name: bool, by_place: bool) -> StructType:
    fields = sorted(schema.fields, key=lambda field: field.name) if by_name else list(schema.fields)
    if by_place:
        fields = [StructField(str(at), f.dataType, f.nullable) for at, f in enumerate(fields)]
    return StructType(fields)


def _alike(one: DataType, other: DataType) -> bool:
    """Whether two types are equal but for what may be null."""
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return _alike(one.elementType, other.elementType)
    if isinstance(one, MapType) and isinstance(other, MapType):
        return _alike(one.keyType, other.keyType) and _alike(one.valueType, other.valueType)
    if isinstance(one, DecimalType) and isinstance(other, DecimalType):
        return one == other
    if isinstance(one, StructType) and isinstance(other, StructType):
        return len(one) == len(other) and all(
            a.name == b.name and _alike(a.dataType, b.dataType)
            for a, b in zip(one.fields, other.fields, strict=True)
        )
    return one.typeName() == other.typeName()


def _schemas_differ(ours: StructType, theirs: StructType) -> CheckFailed:
    lines = "\n".join(difflib.ndiff(str(ours).splitlines(), str(theirs).splitlines()))
    return CheckFailed(f"[DIFFERENT_SCHEMA] Schemas do not match.\n--- actual\n+++ expected\n{lines}")


# ---- rows ------------------------------------------------------------------------------------------


def _frame_or_rows(side: Any, argument: str) -> Any:
    from streamcore.sql.dataframe import DataFrame

    if type(side).__module__.partition(".")[0] == "pandas" and hasattr(side, "itertuples"):
        return [Row(**row) for row in side.to_dict("records")]
    if not isinstance(side, DataFrame | list):
        raise CheckFailed(
            f"[INVALID_TYPE_DF_EQUALITY_ARG] Expected type {_KINDS} for `{argument}` but got type "
            f"{None if side is None else type(side)}."
        )
    return side


def _changed(side: Any, by_name: bool, by_place: bool, as_text: bool) -> Any:
    """The side with those columns that are compared; rows in a list are taken as they are."""
    if isinstance(side, list):
        return side
    if by_name:
        side = side.select(*sorted(side.columns))
    if by_place:
        side = side.toDF(*(str(at) for at in range(len(side.columns))))
    return _as_texts(side) if as_text else side


def _as_texts(frame: DataFrame) -> DataFrame:
    """Every column as text; a number without a fraction is written like a whole number."""
    from streamcore.sql.functions import col, when

    changed = []
    for name in frame.columns:
        column = col(f"`{name}`")
        whole, fraction = column.try_cast("bigint"), column.try_cast("double")
        is_whole = fraction.isNotNull() & (fraction == whole)
        changed.append(when(is_whole, whole.cast("string")).otherwise(column.cast("string")).alias(name))
    return frame.select(*changed)


def _rows(side: Any) -> list[Row]:
    if isinstance(side, list):
        return side
    if side.isStreaming:
        raise CheckFailed(
            "[UNSUPPORTED_OPERATION] assertDataFrameEqual on streaming DataFrame is not supported."
        )
    found: list[Row] = side.collect()
    return found


@dataclass(frozen=True)
class _Comparison:
    relative: float
    absolute: float
    most: int | None

    def pairs(self, ours: list[Row], theirs: list[Row], *, in_order: bool) -> list[tuple[Pair, bool]]:
        """Rows beside each other, and whether they are equal; up to the last difference that is wanted."""
        if not in_order:
            ours, theirs = sorted(ours, key=str), sorted(theirs, key=str)
        if in_order or len(ours) == len(theirs):
            beside: Iterator[Pair] = iter(zip_longest(ours, theirs))
        else:
            beside = self._merged(ours, theirs)
        found, differing = [], 0
        for pair in beside:
            is_equal = self._equal(*pair)
            found.append((pair, is_equal))
            differing += not is_equal
            if self.most is not None and differing >= self.most:
                break
        return found

    def _merged(self, ours: list[Row], theirs: list[Row]) -> Iterator[Pair]:
        """Sorted rows of different numbers: one that only one side has stands alone."""
        at = other = 0
        while at < len(ours) and other < len(theirs):
            one, two = ours[at], theirs[other]
            is_equal = self._equal(one, two) or str(one) == str(two)
            if is_equal or str(one) < str(two):
                at += 1
            if is_equal or str(two) < str(one):
                other += 1
            yield (
                one if is_equal or str(one) < str(two) else None,
                two if is_equal or str(two) < str(one) else None,
            )
        yield from ((row, None) for row in ours[at:])
        yield from ((None, row) for row in theirs[other:])

    def _equal(self, one: Any, other: Any) -> bool:
        if isinstance(one, Row | list) and isinstance(other, Row | list):
            return len(one) == len(other) and all(map(self._equal, one, other))
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(self._equal(one[key], other[key]) for key in one)
        if isinstance(one, float) and isinstance(other, float):
            return one == other or not abs(one - other) > self.absolute + self.relative * abs(other)
        if isinstance(one, Decimal) and isinstance(other, Decimal):
            bound = Decimal(self.absolute) + Decimal(self.relative) * abs(other)
            return not abs(one - other) > bound
        return bool(one == other)


def _diff(pairs: Sequence[Pair], lines: int) -> Iterator[str]:
    ours = [str(row) for row, _ in pairs if row is not None]
    theirs = [str(row) for _, row in pairs if row is not None]
    signs = {"insert": "+ ", "delete": "- ", "replace": "! ", "equal": "  "}
    for group in difflib.SequenceMatcher(None, ours, theirs).get_grouped_opcodes(lines):
        yield "*** actual ***"
        if any(tag in {"replace", "delete"} for tag, *_ in group):
            yield from (f"{signs[tag]}{line}" for tag, low, high, _, _ in group for line in ours[low:high])
        yield "\n"
        yield "*** expected ***"
        if any(tag in {"replace", "insert"} for tag, *_ in group):
            yield from (f"{signs[tag]}{line}" for tag, _, _, low, high in group for line in theirs[low:high])
