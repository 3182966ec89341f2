"""Runs fragments: one SQL statement over Arrow inputs, on the database of one task slot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self, TypeVar

import duckdb

from streamcore.duck.batches import BATCH_ROWS, RowBatches
from streamcore.duck.connection import connect
from streamcore.duck.errors import is_data_error, translate_error
from streamcore.duck.inputs import BoundInputs
from streamcore.duck.memory import BUDGET
from streamcore.duck.native.known import KnownFunctions
from streamcore.duck.spill import new_spill_folder
from streamcore.duck.statements import KeptStatements, Statement
from streamcore.duck.streams import BatchStream
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    import pyarrow as pa

    from streamcore.duck.inputs import ArrowInput
    from streamcore.duck.memory import MemoryBudget

T = TypeVar("T")

_JOIN_FILTERS = "join_filter_pushdown"
_COUNTED = '{"OPERATOR_CARDINALITY": "true", "OPERATOR_TYPE": "true", "OPERATOR_NAME": "true"}'


class _BrokenData(Exception):
    """A statement failed on its data; `error` is that in the user's terms."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error

    def instead_of(self, sql: str, careful: Callable[[], Statement] | None) -> Statement:
        """The statement to run instead of `sql`; the error when there is no other."""
        other = None if careful is None else careful()
        if other is None or other.sql == sql:
            raise self.error from self.__cause__
        return other


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
        self._functions = KnownFunctions(self._connection)
        self._statements = KeptStatements(self._connection)
        self._inputs = BoundInputs(self._connection, self._statements.forget)
        self._is_profiling = False
        self._pushes_join_filters = True

    def run(
        self, sql: str, inputs: Mapping[str, ArrowInput], careful: Callable[[], Statement] | None = None
    ) -> pa.Table:
        """The rows of the query `sql`, which reads each input as the table of that name.

        `careful` makes the same query for data that makes `sql` fail (malformed JSON); it is tried once
        when `sql` fails on its data, so every input must then be readable twice (a table or a stream).
        It reads its own inputs besides. A reader is consumed; the query must scan it once.

        Raises the errors of `translate_error`, or what a stream failed with.
        """
        try:
            return self._attempt(self._statements.run, sql, inputs)
        except _BrokenData as broken:
            again = broken.instead_of(sql, careful)
            return self._at_last(self._statements.run, again.sql, {**inputs, **again.inputs})

    def run_counting(
        self, sql: str, inputs: Mapping[str, ArrowInput], careful: Callable[[], Statement] | None = None
    ) -> tuple[pa.Table, int]:
        """As `run` for a query that scans files, on all threads, and how many rows the scans gave."""
        try:
            return self._attempt(self._scan, sql, inputs), self._rows_scanned()
        except _BrokenData as broken:
            return self._counted_carefully(broken.instead_of(sql, careful), inputs)

    def run_split(
        self,
        rows: str,
        name: str,
        sql: str,
        inputs: Mapping[str, ArrowInput],
        careful: Callable[[], Statement] | None = None,
    ) -> tuple[pa.Table, int]:
        """As `run_counting` in two statements: `sql` reads what the query `rows` gives as table `name`."""
        try:
            read = self._attempt(self._execute_once, rows, {})
            return self._attempt(self._statements.run, sql, {**inputs, name: read}), read.num_rows
        except _BrokenData as broken:
            return self._counted_carefully(broken.instead_of(sql, careful), inputs)

    def run_in_batches(
        self,
        sql: str,
        inputs: Mapping[str, ArrowInput],
        use: Callable[[Iterator[pa.RecordBatch]], T],
        careful: Callable[[], Statement] | None = None,
    ) -> T:
        """What `use` makes of the rows of the query, which it takes while they are computed.

        Rows may turn out to be broken when others have been used: then `use` is called again, with all
        rows by the careful text, and what it made of the first counts for nothing.
        """

        def used(text: str) -> T:
            batches = RowBatches(self._connection.execute(text).to_arrow_reader(BATCH_ROWS))
            try:
                return use(iter(batches))
            except Exception:
                if batches.failure is not None:
                    raise batches.failure from None
                raise

        try:
            return self._attempt(used, sql, inputs)
        except _BrokenData as broken:
            again = broken.instead_of(sql, careful)
            return self._at_last(used, again.sql, {**inputs, **again.inputs})

    def _counted_carefully(self, again: Statement, inputs: Mapping[str, ArrowInput]) -> tuple[pa.Table, int]:
        rows = self._at_last(self._scan, again.sql, {**inputs, **again.inputs})
        streams = [stream for stream in again.inputs.values() if isinstance(stream, BatchStream)]
        return rows, self._rows_scanned() + sum(stream.num_rows for stream in streams)

    def _at_last(self, execute: Callable[[str], T], sql: str, inputs: Mapping[str, ArrowInput]) -> T:
        try:
            return self._attempt(execute, sql, inputs)
        except _BrokenData as broken:
            raise broken.error from broken.__cause__

    def _attempt(self, execute: Callable[[str], T], sql: str, inputs: Mapping[str, ArrowInput]) -> T:
        """Raises _BrokenData where another text may answer."""
        raise_if_interrupted()
        self._budget.enter(self)
        try:
            self._inputs.bind(inputs)
            self._push_join_filters(sql, is_file_scan=not inputs)
            self._functions.make_known(sql)
            return execute(sql)
        except duckdb.Error as error:
            failure = _failure(inputs)
            found = self._functions.raised(error) or translate_error(error)
            if failure is None and is_data_error(error):
                raise _BrokenData(found) from error
            raise (failure or found) from error
        finally:
            self._budget.leave(self)
            self._inputs.release(inputs)

    def _execute_once(self, sql: str) -> pa.Table:
        """Runs a text that does not come back."""
        return self._connection.execute(sql).to_arrow_table()

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

    def _push_join_filters(self, sql: str, *, is_file_scan: bool) -> None:
        """Lets joins hand filters of their keys to scans, or not: scans of Arrow data fail by some.

        Changing the setting costs as much as a small statement, so that one without joins leaves it.
        """
        if is_file_scan == self._pushes_join_filters or (is_file_scan and " JOIN " not in sql):
            return
        self._connection.execute(f"SET disabled_optimizers = '{'' if is_file_scan else _JOIN_FILTERS}'")
        self._pushes_join_filters = is_file_scan


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
