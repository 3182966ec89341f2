"""A model that learns inside the stream: predicted from before it learns, kept like any other state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.duck.quoting import identifier
from streamcore.duck.results import conform
from streamcore.execution.stores.arrays import integers, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import partitions_of
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.store import StoreChange
from streamcore.plan.training import UNTRAINED, rows_come_in_order
from streamcore.spi.types import to_arrow_type
from streamcore.storage.canonical import canonical
from streamcore.storage.tensors import decode, digest, encode
from streamcore.streaming.stateful.event_time import stats_of_column
from streamcore.streaming.stateful.operator import (
    BatchTimes,
    ModelReport,
    OnePortOperator,
    OperatorMetrics,
    OperatorResult,
)

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.view import StoreView
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.logical import LogicalPlan, Relation, TrainModel
    from streamcore.plan.stages import Fragment
    from streamcore.spi.models import OnlineModel, State
    from streamcore.streaming.watermark import EventTimeStats

MODEL_LAYOUT = StoreLayout(
    pa.schema(
        [pa.field("version", pa.int64()), pa.field("sha256", pa.string()), pa.field("arrays", pa.binary())]
    ),
    (),
)
"""The only row of a model's store: the batch that it has last learned from, and its arrays (see
`streamcore.storage.tensors`) under the SHA-256 of their bytes."""

_THE_ONLY = MODEL_LAYOUT.hashes_of(pa.table({"version": integers([0])}))


@dataclass(frozen=True)
class Version:
    """A model as it stands after a batch; `data` are the bytes of `state`, and `digest` is their SHA-256."""

    number: int
    state: State
    data: bytes
    digest: str

    @classmethod
    def of(cls, number: int, state: State) -> Version:
        """The state that was reached in a batch."""
        data = encode(state)
        return cls(number, state, data, digest(data))

    @classmethod
    def kept(cls, view: StoreView) -> Version | None:
        """The model as a batch begins with it; None before the first row."""
        rows = view.lookup(distinct(_THE_ONLY)).rows
        if not rows.num_rows:
            return None
        number, sha256, data = (rows.column(place)[0].as_py() for place in range(3))
        return cls(number, decode(data), data, sha256)

    def change(self, replaced: int) -> StoreChange:
        """This version in the place of the one before."""
        columns = [integers([self.number]), _single(self.digest.encode()), _single(self.data, pa.binary())]
        rows = pa.Table.from_arrays(columns, schema=MODEL_LAYOUT.schema)
        return StoreChange(HashedRows(_THE_ONLY, rows), replaced=replaced)

    def report(self, model: OnlineModel) -> ModelReport:
        """What the batch says of it."""
        return ModelReport(self.number, self.digest, model.metrics(self.state))

    def row(self, model: OnlineModel, names: Sequence[str]) -> pa.Table:
        """The model itself as a row (see `streamcore.plan.training`)."""
        figures = json.dumps(dict(model.metrics(self.state)))
        texts = (canonical(model.describe()), canonical(model.schema()), figures)
        columns = [
            integers([self.number]),
            *(_single(text.encode()) for text in texts),
            _single(self.data, pa.binary()),
        ]
        return pa.Table.from_arrays(columns, list(names))


def _single(data: bytes, kind: pa.DataType | None = None) -> pa.Array:
    """One text, or one value of another type that is bytes."""
    offsets = np.array([0, len(data)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)]
    return pa.Array.from_buffers(kind or pa.string(), 1, buffers)


class StreamingModel(OnePortOperator):
    """Rows with what a model says of them, which then learns from them.

    All rows of a batch meet in one partition, in the order of the sources' partitions and of their rows; what
    has no order (see `rows_come_in_order`) is sorted by the columns that the model reads.  So a batch that
    runs again makes the same bytes.
    """

    kind = "trainModel"

    def __init__(self, name: str, node: TrainModel) -> None:
        self.name = name
        self.output_columns = node.output
        self.layout = MODEL_LAYOUT
        self._model = node.model
        self._names = list(node.model.inputs.to_learn())
        columns = node.child.output
        self._schema = pa.schema([pa.field(a.physical, to_arrow_type(a.data_type)) for a in columns])
        places = {column.id: place for place, column in enumerate(columns)}
        self._inputs = [places[column.id] for column in node.inputs]
        self._event_time = _event_time_among(columns)
        self._gives_model = node.gives_model
        self._is_in_order = rows_come_in_order(node.child)

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """The rows as they are."""
        return fragment.plan

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The rows, the predictions, and the version that made them; or the model."""
        return rows

    def no_rows(self) -> pa.Table:
        """An empty table of input rows."""
        return no_rows(self._schema)

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """From the event-time column itself."""
        if fragment.watermark is None or self._event_time is None:
            return None
        return stats_of_column(rows.column(self._event_time))

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """All rows in the partition of the model, in the order of the tasks that read them."""
        together = pa.concat_tables([conform(table, self._schema) for table in rows])
        (home,) = partitions_of(_THE_ONLY, partitions)
        return [together if number == home else self.no_rows() for number in range(partitions)]

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """Predicts with the model as it was before the batch, and has it learn from the rows."""
        (rows,), view = ports, stores[DEFAULT_STORE]
        before = Version.kept(view)
        if not rows.num_rows:
            nothing = StoreChange(HashedRows(_THE_ONLY[:0], no_rows(self.layout.schema)))
            return self._result(rows, {}, before, before, nothing)
        rows = self._ordered(rows, engine)
        state = self._model.initial_state() if before is None else before.state
        seen = rows.select(self._inputs).rename_columns(self._names)
        predictions, learned = self._model.predict_then_update(state, seen, times.batch)
        after = Version.of(times.batch.batch, learned)
        return self._result(rows, predictions, before, after, after.change(view.living))

    def _ordered(self, rows: pa.Table, engine: SlotEngine) -> pa.Table:
        if self._is_in_order:
            return rows
        names = [f"c{place}" for place in range(rows.num_columns)]
        order = ", ".join(identifier(names[place]) for place in self._inputs)
        text = f"SELECT * FROM rows ORDER BY {order}"  # noqa: S608 - the names are made above
        return conform(engine.run(text, {"rows": rows.rename_columns(names)}), self._schema)

    def _result(
        self,
        rows: pa.Table,
        predictions: Mapping[str, pa.Array],
        before: Version | None,
        after: Version | None,
        change: StoreChange,
    ) -> OperatorResult:
        if self._gives_model:
            # A batch in which nothing is learned gives the model, too: the sink keeps one for every batch.
            given = after or Version.of(UNTRAINED, self._model.initial_state())
            output = given.row(self._model, [column.physical for column in self.output_columns])
        else:
            output = self._predicted(rows, predictions, UNTRAINED if before is None else before.number)
        metrics = OperatorMetrics(updated=len(change.put))
        report = None if after is None else after.report(self._model)
        return OperatorResult({DEFAULT_STORE: change}, output, metrics, report)

    def _predicted(self, rows: pa.Table, predictions: Mapping[str, pa.Array], version: int) -> pa.Table:
        fields = self._model.output_fields
        if rows.num_rows:
            columns = [predictions[field.name] for field in fields]
        else:
            columns = [no_rows(pa.schema([field])).column(0) for field in fields]
        versions = integers(np.full(rows.num_rows, version, dtype=np.int64))
        names = [*rows.column_names, *(column.physical for column in self.output_columns[rows.num_columns :])]
        return pa.Table.from_arrays([*rows.columns, *columns, versions], names)


def _event_time_among(columns: Sequence[Attribute]) -> int | None:
    return next((place for place, a in enumerate(columns) if a.watermark_delay_ms is not None), None)
