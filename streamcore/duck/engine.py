"""Runs fragments: one SQL statement over Arrow inputs, on the database of one task slot."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import duckdb

from streamcore.duck.connection import connect
from streamcore.duck.errors import is_data_error, translate_error
from streamcore.duck.memory import BUDGET
from streamcore.duck.spill import new_spill_folder
from streamcore.duck.streams import BatchStream
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    import pyarrow as pa

    from streamcore.duck.memory import MemoryBudget

    ArrowInput: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader | BatchStream

_JOIN_FILTERS = "join_filter_pushdown"
_KEPT_STATEMENTS = 256
_KEPT_INPUTS = 256
_COUNTED = '{"OPERATOR_CARDINALITY": "true", "OPERATOR_TYPE": "true", "OPERATOR_NAME": "true"}'


class _Input:
    """What a view reads: registered once, refilled for every run.

    Registering an Arrow table costs as much as a small query; swapping what a registered object
    hands out costs nothing.
    """

    def __init__(self, content: ArrowInput) -> None:
        self.schema = content.schema
        self.content: Any = content

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.content.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()


class SlotEngine:
    """One database for one task slot; not for use by two threads at once.

    >>> import pyarrow as pa
    >>> with SlotEngine() as engine:
    ...     engine.run('select sum(x) as s from "t"', {"t": pa.table({"x": [1, 2]})}).to_pydict()
    {'s': [Decimal('3')]}
    """

    def __init__(self, threads: int = 1, budget: MemoryBudget = BUDGET) -> None:
        self._connection = connect(threads, new_spill_folder())
        # Another thread may change the limit through it while a statement runs.
        self._settings = self._connection.cursor()
        self._budget = budget
        self.threads = threads
        self.granted = 0
        self._inputs: dict[str, _Input] = {}
        self._statements: OrderedDict[str, str | None] = OrderedDict()
        self._prepared_count = 0
        self._is_profiling = False
        self._pushes_join_filters = True

    def run(
        self,
        sql: str,
        inputs: Mapping[str, ArrowInput],
        careful_sql: str | None = None,
        careful_inputs: Mapping[str, ArrowInput] | None = None,
    ) -> pa.Table:
        """The rows of the query `sql`, which reads each input as the table of that name.

        `careful_sql` is the same query for data that makes `sql` fail (malformed JSON); it is tried
        once when `sql` fails on its data, so every input must then be readable twice (a table or a stream).
        It reads `careful_inputs` as well. A reader is consumed; the query must scan it once.

        Raises the errors of `translate_error`, or what a stream failed with.
        """
        return self._run(self._execute, sql, inputs, careful_sql, careful_inputs or {})

    def run_counting(
        self,
        sql: str,
        inputs: Mapping[str, ArrowInput],
        careful_sql: str | None = None,
        careful_inputs: Mapping[str, ArrowInput] | None = None,
    ) -> tuple[pa.Table, int]:
        """As `run` for a query that scans files, on all threads, and how many rows the scans gave."""
        streams = careful_inputs or {}
        rows = self._run(self._scan, sql, inputs, careful_sql, streams)
        return rows, self._rows_scanned() + sum(stream.num_rows for stream in streams.values())

    def _run(
        self,
        execute: Callable[[str], pa.Table],
        sql: str,
        inputs: Mapping[str, ArrowInput],
        careful_sql: str | None,
        careful_inputs: Mapping[str, ArrowInput],
    ) -> pa.Table:
        raise_if_interrupted()
        self._budget.enter(self)
        try:
            self._bind(inputs)
            self._push_join_filters(sql, is_file_scan=not inputs)
            return execute(sql)
        except duckdb.Error as error:
            if careful_sql is None or _failure(inputs) or not is_data_error(error):
                raise (_failure(inputs) or translate_error(error)) from error
        finally:
            self._budget.leave(self)
            self._release(inputs)
        return self._run(execute, careful_sql, {**inputs, **careful_inputs}, None, {})

    def _scan(self, sql: str) -> pa.Table:
        if not self._is_profiling:
            self._connection.execute("SET enable_profiling = 'no_output'")
            self._connection.execute(f"SET custom_profiling_settings = '{_COUNTED}'")
            self._is_profiling = True
        if self.threads == 1:
            return self._connection.execute(sql).to_arrow_table()
        # A relation is collected by all threads; a cursor hands its result out through one.
        return self._connection.sql(sql).to_arrow_table()

    def _rows_scanned(self) -> int:
        return scanned_rows(json.loads(self._connection.get_profiling_information(format="json")))

    def close(self) -> None:
        """Drop the database."""
        self._settings.close()
        self._connection.close()

    def limit_memory(self, limit: int) -> bool:
        """Hold no more than `limit` bytes from now on; False when more is held, and the limit is as it was.

        May be called from another thread while a statement runs; what is held no more goes to disk.
        """
        try:
            self._settings.execute(f"SET memory_limit = '{limit}B'")
        except duckdb.OutOfMemoryException:
            return False
        return True

    def interrupt(self) -> None:
        """End the running statement with WorkInterrupted; may be called from another thread."""
        self._connection.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bind(self, inputs: Mapping[str, ArrowInput]) -> None:
        for name, content in inputs.items():
            holder = self._inputs.get(name)
            if holder is None or not holder.schema.equals(content.schema):
                holder = self._register(name, content)
            holder.content = content

    def _push_join_filters(self, sql: str, *, is_file_scan: bool) -> None:
        """Lets joins hand filters of their keys to scans, or not: scans of Arrow data fail by some.

        Changing the setting costs as much as a small statement, so that one without joins leaves it.
        """
        if is_file_scan == self._pushes_join_filters or (is_file_scan and " JOIN " not in sql):
            return
        self._connection.execute(f"SET disabled_optimizers = '{'' if is_file_scan else _JOIN_FILTERS}'")
        self._pushes_join_filters = is_file_scan

    def _release(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._inputs:
                self._inputs[name].content = None

    def _register(self, name: str, content: ArrowInput) -> _Input:
        # The view keeps the names and types of what is registered; prepared statements keep the view.
        for prepared in filter(None, self._statements.values()):
            self._connection.execute(f"DEALLOCATE {prepared}")
        self._statements.clear()
        self._forget_inputs()
        holder = self._inputs[name] = _Input(content)
        self._connection.register(name, holder)
        return holder

    def _forget_inputs(self) -> None:
        """Drop the oldest views that nothing reads now, once there are many: names may come and go."""
        idle = [name for name, holder in self._inputs.items() if holder.content is None]
        for name in idle[: max(0, len(self._inputs) - _KEPT_INPUTS)]:
            self._connection.unregister(name)
            del self._inputs[name]

    def _execute(self, sql: str) -> pa.Table:
        if sql not in self._statements:
            self._remember(sql)
            return self._connection.execute(sql).to_arrow_table()
        self._statements.move_to_end(sql)
        name = self._statements[sql] or self._prepare(sql)
        return self._connection.execute(f"EXECUTE {name}").to_arrow_table()

    def _prepare(self, sql: str) -> str:
        # Only text that comes back is prepared: planning is a third of a small query's time.
        self._prepared_count += 1
        name = f"statement_{self._prepared_count}"
        self._connection.execute(f"PREPARE {name} AS {sql}")
        self._statements[sql] = name
        return name

    def _remember(self, sql: str) -> None:
        self._statements[sql] = None
        if len(self._statements) > _KEPT_STATEMENTS:
            _, dropped = self._statements.popitem(last=False)
            if dropped is not None:
                self._connection.execute(f"DEALLOCATE {dropped}")


def _failure(inputs: Mapping[str, ArrowInput]) -> BaseException | None:
    """What a stream among the inputs failed with."""
    streams = (content for content in inputs.values() if isinstance(content, BatchStream))
    return next((stream.failure for stream in streams if stream.failure is not None), None)


def scanned_rows(profile: Mapping[str, Any]) -> int:
    """The rows that the file scans of a profiled query gave; Arrow inputs are not counted.

    >>> scan = {"operator_type": "TABLE_SCAN", "operator_name": "READ_JSON", "operator_cardinality": 7}
    >>> scanned_rows({"children": [{"operator_type": "FILTER", "children": [scan]}]})
    7
    """
    name = str(profile.get("operator_name", "")).strip().upper()
    is_file_scan = profile.get("operator_type") == "TABLE_SCAN" and not name.startswith("ARROW")
    own = int(profile.get("operator_cardinality", 0)) if is_file_scan else 0
    return own + sum(scanned_rows(child) for child in profile.get("children", ()))
