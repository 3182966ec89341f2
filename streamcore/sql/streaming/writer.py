"""DataStreamWriter: how a streaming query is described and started (`df.writeStream`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.execution.connectors import class_at
from streamcore.plan.streaming_checks import OUTPUT_MODES
from streamcore.spi.exactly_once import Guarantee
from streamcore.spi.options import Options
from streamcore.sql.dataframe.core import flattened
from streamcore.streaming.making_sinks import FOREACH
from streamcore.streaming.operator_ids import OPERATOR_NAMES
from streamcore.streaming.services import WriteDescription
from streamcore.streaming.trigger import ProcessingTime, Trigger, non_empty_text, trigger_from_arguments

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.streaming.query import StreamingQuery

_ASYNC_OPTIONS = (
    "asyncProgressTrackingEnabled",
    "asyncProgressTrackingCheckpointIntervalMs",
    "_asyncProgressTrackingOverrideSinkSupportCheck",
)
_ENGINE_OPTIONS = ("checkpointLocation", "deliveryGuarantee", OPERATOR_NAMES, *_ASYNC_OPTIONS)


class DataStreamWriter:
    """Collects sink, mode, trigger and options; `start` runs the query.

    Engine options: `checkpointLocation` (required unless the sink keeps nothing), `deliveryGuarantee`
    ("exactly-once" refuses every weaker pair of source and sink; "at-least-once" accepts them),
    `operatorNames` (names of the stateful operators in the checkpoint, with commas between them, those
    nearest to the sources first; by kind and place when not given).
    """

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.streaming.readwriter"

    def __init__(self, df: DataFrame) -> None:
        self._df = df
        self._format: str | None = None
        self._mode = "append"
        self._options = Options()
        self._trigger: Trigger = ProcessingTime()
        self._name: str | None = None
        self._partition_by: list[str] = []
        self._cluster_by: list[str] = []
        self._foreach: Any = None
        self._foreach_batch: Callable[[Any, int], None] | None = None

    # ---- description -----------------------------------------------------------------------------

    def outputMode(self, outputMode: str) -> DataStreamWriter:
        """Append (only final rows), update (changed rows), or complete (the whole result)."""
        mode = non_empty_text("outputMode", outputMode).lower()
        if mode not in OUTPUT_MODES:
            raise IllegalArgumentException(
                f"[STREAMING_OUTPUT_MODE.INVALID] Invalid streaming output mode: {outputMode}. Accepted "
                "output modes are 'Append', 'Complete', 'Update'. SQLSTATE: 42KDE"
            )
        self._mode = mode
        return self

    def format(self, source: str) -> DataStreamWriter:
        """The kind of sink: parquet, json, csv, text, memory, console, noop, database, model; or a class."""
        self._format = source
        return self

    def option(self, key: str, value: Any) -> DataStreamWriter:
        """One option; a value of None takes it back."""
        if value is None:
            self._options.pop(key, None)
        else:
            self._options[key] = value
        return self

    def options(self, **options: Any) -> DataStreamWriter:
        """Several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def partitionBy(self, *cols: Any) -> DataStreamWriter:
        """The columns whose values name the folders of a file sink."""
        self._partition_by = list(flattened(cols))
        self._require_one_layout()
        return self

    def clusterBy(self, *cols: Any) -> DataStreamWriter:
        """The columns by which a file sink sorts the rows of each file, which lets readers skip parts."""
        self._cluster_by = list(flattened(cols))
        self._require_one_layout()
        return self

    def _require_one_layout(self) -> None:
        if self._partition_by and self._cluster_by:
            raise AnalysisException(
                "[SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED] Cannot specify both CLUSTER BY and "
                "PARTITIONED BY. SQLSTATE: 42908"
            )

    def queryName(self, queryName: str) -> DataStreamWriter:
        """A name, unique among the active queries of the session; the table name of a memory sink."""
        self._name = non_empty_text("queryName", queryName)
        return self

    def trigger(
        self,
        *,
        processingTime: str | None = None,
        once: bool | None = None,
        continuous: str | None = None,
        availableNow: bool | None = None,
        realTime: str | None = None,
    ) -> DataStreamWriter:
        """When batches run; without a trigger, as soon as the one before has ended.

        Under `continuous` and `realTime` micro-batches run as soon as there is data, and each is committed at
        once; what PySpark refuses under these triggers is refused.
        """
        self._trigger = trigger_from_arguments(processingTime, once, continuous, availableNow, realTime)
        return self

    def foreach(self, f: Any) -> DataStreamWriter:
        """Calls a function per row, or an object with `process` and optionally `open` and `close`.

        At-least-once: after a failure the rows of a batch may come again.
        """
        class_at(FOREACH)(f)  # raises for what cannot be called
        self._foreach = f
        return self

    def foreachBatch(self, func: Callable[[Any, int], None]) -> DataStreamWriter:
        """Calls `func(df, batch_id)` per batch.

        At-least-once with a stable batch id: a repeated batch has the same id and the same rows.
        """
        self._foreach_batch = func
        return self

    @property
    def dataframe(self) -> DataFrame:
        """What is written."""
        return self._df

    # ---- start -----------------------------------------------------------------------------------

    def start(
        self,
        path: str | None = None,
        format: str | None = None,
        outputMode: str | None = None,
        partitionBy: str | list[str] | None = None,
        queryName: str | None = None,
        **options: Any,
    ) -> StreamingQuery:
        """Starts the query and returns its handle.

        Everything that can be known to be wrong is raised here: a plan that cannot run in this mode
        (AnalysisException), a pair of source and sink that cannot give the guarantee (GuaranteeRefused),
        a checkpoint of another query or in use (CheckpointError).
        """
        from streamcore.sql.streaming.starting import start_query

        self._collect(format, outputMode, partitionBy, queryName, options)
        if path is not None:
            self._set_path(path)
        return start_query(self._df, self.described())

    def _set_path(self, path: str) -> None:
        if "path" in self._options:
            raise AnalysisException(
                "There is a 'path' option set and start() is called with a path parameter. Either remove the "
                "path option, or call start() without the parameter."
            )
        self.option("path", path)

    def toTable(
        self,
        tableName: str,
        format: str | None = None,
        outputMode: str | None = None,
        partitionBy: str | list[str] | None = None,
        queryName: str | None = None,
        **options: Any,
    ) -> StreamingQuery:
        """Starts a query into the files of a table, which is made when there is none.

        A table that is there must have the format, the partitions and the columns that are written. What is
        committed can be read by the table's name; its files have a manifest as those of `start(path)`.
        """
        from streamcore.sql.streaming.starting import start_query
        from streamcore.sql.streaming.tables import stream_into_table

        self._collect(format, outputMode, partitionBy, queryName, options)
        if self._foreach is not None or self._foreach_batch is not None:
            raise AnalysisException("toTable writes files; it goes with neither foreach nor foreachBatch")
        with stream_into_table(self._df, tableName, self.described()) as into:
            return start_query(into.frame, into.write)

    def _collect(
        self,
        format: str | None,
        output_mode: str | None,
        partition_by: str | list[str] | None,
        name: str | None,
        options: dict[str, Any],
    ) -> None:
        self.options(**options)
        if format is not None:
            self.format(format)
        if output_mode is not None:
            self.outputMode(output_mode)
        if partition_by is not None:
            self.partitionBy(*([partition_by] if isinstance(partition_by, str) else partition_by))
        if name is not None:
            self.queryName(name)

    def described(self) -> WriteDescription:
        """What was collected, checked as far as it can be without the query."""
        sinks = [self._format, self._foreach, self._foreach_batch]
        if sum(value is not None for value in sinks) > 1:
            raise AnalysisException("choose one of format(...), foreach(...) and foreachBatch(...)")
        _refuse_async_progress(self._options)
        engine = {key: self._options.get(key) for key in _ENGINE_OPTIONS}
        options = Options({k: v for k, v in self._options.items() if k.lower() not in _lowered()})
        if self._partition_by:
            _require_partitioning(self._foreach, self._foreach_batch)
            options["partitionBy"] = json.dumps(self._partition_by)
        if self._cluster_by:
            options["clusterBy"] = json.dumps(self._cluster_by)
        return WriteDescription(
            format=self._format,
            foreach=self._foreach,
            foreach_batch=self._foreach_batch,
            output_mode=self._mode,
            trigger=self._trigger,
            name=self._name,
            options=options,
            checkpoint=engine["checkpointLocation"],
            guarantee=_guarantee(engine["deliveryGuarantee"]),
            operator_names=engine[OPERATOR_NAMES] or "",
        )


def _require_partitioning(foreach: object, foreach_batch: object) -> None:
    name = "foreach" if foreach is not None else "foreachBatch"
    if foreach is not None or foreach_batch is not None:
        raise AnalysisException(f"'{name}' does not support partitioning.")


def _lowered() -> set[str]:
    return {key.lower() for key in _ENGINE_OPTIONS}


def _refuse_async_progress(options: Options) -> None:
    """A batch's intent is written before it runs, and its outcome before the next: sinks build on it."""
    given = [name for name in _ASYNC_OPTIONS if name in options]
    if given == [_ASYNC_OPTIONS[0]] and not options.boolean(given[0], default=False):
        return
    if given:
        raise UnsupportedOperationException(
            f"the option {given[0]} is not offered: the intent of a batch is written before it runs, and its "
            "outcome before the next one, which is what makes them exactly-once. Leave the option out"
        )


def _guarantee(text: str | None) -> Guarantee | None:
    if text is None:
        return None
    for guarantee in Guarantee:
        if guarantee.value == text.lower():
            return guarantee
    allowed = ", ".join(g.value for g in Guarantee)
    raise IllegalArgumentException(f"option deliveryGuarantee={text!r} must be one of {allowed}")
