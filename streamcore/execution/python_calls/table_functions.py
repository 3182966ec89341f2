"""Functions that give tables, in a worker: an instance for each group of rows, called row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from streamcore.errors import PythonException
from streamcore.execution.python_calls.frames import BATCH_ROWS, starts
from streamcore.execution.python_calls.returned import returned_array
from streamcore.execution.rows import python_values
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.table_functions import RowsLayout


class SkipRestOfInputTableException(Exception):
    """Raised by `eval` when no further row of the group is wanted; `terminate` is called then."""


@dataclass(frozen=True)
class CallTable:
    """The program of a function that gives tables; `analyzed` is handed to the handler when it is made."""

    name: str
    handler: type
    layout: RowsLayout
    output: StructType
    analyzed: tuple[Any, ...] = ()

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """What the function gives for all groups, behind what is passed of the rows that it is given for."""
        import pyarrow as pa

        (rows,) = tables
        first = int(self.layout.is_grouped)
        passed = rows.select(range(first, first + self.layout.passed))
        made = _Made()
        for low, high in pairwise(starts(rows) if first else [0, rows.num_rows]):
            if low < high:
                self._group(rows, low, high, made)
        columns = list(zip(*made.rows, strict=True)) if made.rows else [()] * len(self.output.fields)
        arrays = [returned_array(c, f.dataType) for c, f in zip(columns, self.output.fields, strict=True)]
        wanted = to_arrow_schema(self.output)
        found = pa.Table.from_arrays(arrays, schema=wanted)
        if not self.layout.passed:
            return [found]
        taken = passed.take(pa.array(made.places, pa.int64()))
        names = [f"passed {at}" for at in range(self.layout.passed)]
        return [pa.table([*taken.columns, *found.columns], names=[*names, *wanted.names])]

    def _group(self, rows: pa.Table, low: int, high: int, made: _Made) -> None:
        handler = self._called("__init__", self.handler, self.analyzed, {})
        try:
            for place, given, named in self._calls(rows, low, high):
                made.add(place, self._rows("eval", handler.eval, given, named))
        except SkipRestOfInputTableException:
            pass
        if hasattr(handler, "terminate"):
            made.add(high - 1, self._rows("terminate", handler.terminate, (), {}))
        if hasattr(handler, "cleanup"):
            handler.cleanup()

    def _calls(
        self, rows: pa.Table, low: int, high: int
    ) -> Iterator[tuple[int, tuple[Any, ...], dict[str, Any]]]:
        """The arguments of each row, with its place; a batch at a time, since values take more memory."""
        begin = int(self.layout.is_grouped) + self.layout.passed
        fields, keywords = self.layout.arguments.fields, self.layout.keywords
        for first in range(low, high, BATCH_ROWS):
            batch = rows.slice(first, min(BATCH_ROWS, high - first))
            columns = [
                python_values(batch.column(begin + at), field.dataType) for at, field in enumerate(fields)
            ]
            values = zip(*columns, strict=True) if columns else iter([()] * batch.num_rows)
            for place, row in enumerate(values, first):
                given = tuple(value for value, word in zip(row, keywords, strict=True) if word is None)
                named = {word: value for value, word in zip(row, keywords, strict=True) if word is not None}
                yield place, given, named

    def _rows(
        self, method: str, function: Any, given: tuple[Any, ...], named: dict[str, Any]
    ) -> Iterator[tuple[Any, ...]]:
        found = self._called(method, function, given, named)
        if found is None:
            return
        if not isinstance(found, Iterable):
            raise PythonException(
                f"[UDTF_RETURN_NOT_ITERABLE] The return value of the '{method}' method of the UDTF is "
                "invalid. It "
                f"should be an iterable (e.g., generator or list), but got '{type(found).__name__}'. Please "
                "make sure that the UDTF returns one of these types."
            )
        rows = iter(found)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except SkipRestOfInputTableException:
                raise
            except Exception as error:
                raise _failed(method, error) from error
            yield self._row(method, row)

    def _called(self, method: str, function: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return function(*given, **named)
        except SkipRestOfInputTableException:
            raise
        except Exception as error:
            raise _failed(method, error) from error

    def _row(self, method: str, row: Any) -> tuple[Any, ...]:
        names = self.output.names
        if isinstance(row, dict):
            return tuple(row.get(name) for name in names)
        if not isinstance(row, tuple | list):
            raise PythonException(
                f"[UDTF_INVALID_OUTPUT_ROW_TYPE] The type of an individual output row in the '{method}' "
                "method "
                f"of the UDTF is invalid. Each row should be a tuple, list, or dict, but got "
                f"'{type(row).__name__}'. Please make sure that the output rows are of the correct type."
            )
        if len(row) != len(names):
            raise PythonException(
                "[UDTF_RETURN_SCHEMA_MISMATCH] The number of columns in the result does not match the "
                f"specified schema. Expected column count: {len(names)}, Actual column count: {len(row)}. "
                "Please "
                f"make sure the values returned by the '{method}' method have the same number of columns as "
                "specified in the output schema."
            )
        return tuple(row)


@dataclass
class _Made:
    """Rows so far, and for each the place of the row that it is given for."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, place: int, rows: Iterable[tuple[Any, ...]]) -> None:
        for row in rows:
            self.rows.append(row)
            self.places.append(place)


def _failed(method: str, error: Exception) -> PythonException:
    return PythonException(
        f"[UDTF_EXEC_ERROR] User defined table function encountered an error in the '{method}' method: "
        f"{error}"
    )
