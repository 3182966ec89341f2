"""The rows of one partition of a store after a batch, and what a batch has changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.checkpoint.state_files import chain_of
from streamcore.execution.stores.arrays import flags
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import Hashes, hash_rows
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.repartitioning import hash_range
from streamcore.execution.stores.run_file import RunData, stored_columns
from streamcore.execution.stores.runs import Run
from streamcore.execution.stores.view import StoreView
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    from streamcore.checkpoint.reading import CommittedBatches
    from streamcore.spi.types import StructType
    from streamcore.streaming.state_reading.place import StorePlace
    from streamcore.streaming.state_reading.shapes import ShownField


def state_rows(batches: CommittedBatches, place: StorePlace, partition: int) -> Iterator[pa.Table]:
    """key, value and partition_id of all rows after the batch `place.last`, in pieces."""
    for content in _view(batches, place, place.last, partition).pieces():
        columns = [*_shown(content.rows, place), _same(partition, len(content), pa.int32())]
        yield pa.Table.from_arrays(columns, ["key", "value", "partition_id"])


def changed_rows(batches: CommittedBatches, place: StorePlace, batch_id: int, partition: int) -> pa.Table:
    """batch_id, change_type, key, value and partition_id of what a batch changed.

    What a batch wrote again as it was has not changed.
    """
    after = _view(batches, place, batch_id, partition)
    before = [view for view in _views_before(batches, place, batch_id, partition) if view.runs]
    within = hash_range(partition, _partitions(batches, place, batch_id))
    put, gone = _differences(before, after, place, _touched(before, after, batch_id, within))
    tables = [_changes(put, place, "update"), _changes(gone, place, "delete")]
    found = pa.concat_tables(tables)
    count = found.num_rows
    columns = [_same(batch_id, count, pa.int64()), *found.columns, _same(partition, count, pa.int32())]
    return pa.Table.from_arrays(columns, ["batch_id", "change_type", "key", "value", "partition_id"])


# ---- views ---------------------------------------------------------------------------------------


def _view(batches: CommittedBatches, place: StorePlace, batch_id: int, partition: int) -> StoreView:
    """The partition after a batch, as a start of the query would load it."""
    files = chain_of(batches.commit(batch_id).state, place.operator, partition, place.store)
    data = [batches.map(batch_id, file) for file in files]
    columns = stored_columns(files[0], data[0]) if files else pa.schema([])
    expiry = columns.get_field_index(place.shape.expires) if files and place.shape.expires else None
    layout = StoreLayout(columns, (), expiry, place.shape.only_adds)
    runs = [
        Run(RunData(file, found, layout, is_known=False)) for file, found in zip(files, data, strict=True)
    ]
    told = batches.offsets(batch_id).operators[place.operator]
    return StoreView.of(layout, runs, told.evict_ms * 1000 or AT_ONCE)


def _views_before(
    batches: CommittedBatches, place: StorePlace, batch_id: int, partition: int
) -> list[StoreView]:
    """What held the partition's rows before a batch: itself, or all where their number changed."""
    if batch_id == 0:
        return []
    were = _partitions(batches, place, batch_id - 1)
    same = were == _partitions(batches, place, batch_id)
    return [_view(batches, place, batch_id - 1, n) for n in ([partition] if same else range(were))]


def _partitions(batches: CommittedBatches, place: StorePlace, batch_id: int) -> int:
    return batches.offsets(batch_id).operators[place.operator].partitions


def _touched(before: Sequence[StoreView], after: StoreView, batch_id: int, within: tuple[int, int]) -> Hashes:
    """The hashes of all keys that a batch may have changed, from the first to the last of `within`."""
    found = [np.zeros(0, dtype=np.uint64), *(view.due(after.floor_us).found.hashes for view in before)]
    for run in after.runs:
        if run.file.since == batch_id:
            found += [run.block(number).hashes for number in range(len(run))]
    first, last = map(np.uint64, within)
    hashes = distinct(np.concatenate(found))
    return hashes[(hashes >= first) & (hashes <= last)]


def _differences(
    before: Sequence[StoreView], after: StoreView, place: StorePlace, touched: Hashes
) -> tuple[pa.Table, pa.Table]:
    """The rows that are new or have another value, and those whose key is gone.

    Where rows are only added a key has many, which go one by one.
    """
    layout = next((view.layout for view in (after, *before) if view.runs), after.layout)
    nothing = StoreView(layout).lookup(touched)
    new = after.lookup(touched) if after.runs else nothing
    found = [nothing, *(view.lookup(touched) for view in before)]
    old = HashedRows(np.concatenate([f.hashes for f in found]), pa.concat_tables([f.rows for f in found]))
    if not len(touched):
        return new.rows, old.rows
    put = ~np.isin(_identities(new, new.rows), _identities(old, old.rows))
    keys = [found.rows if place.shape.only_adds else _keys(found, place) for found in (old, new)]
    gone = ~np.isin(_identities(old, keys[0]), _identities(new, keys[1]))
    return new.rows.filter(flags(put)), old.rows.filter(flags(gone))


def _identities(content: HashedRows, columns: pa.Table) -> npt.NDArray[np.void]:
    """What tells rows of one hash apart by these columns of theirs."""
    pairs = np.empty(len(content), dtype=[("key", np.uint64), ("rest", np.uint64)])
    pairs["key"] = content.hashes
    pairs["rest"] = hash_rows(columns, range(columns.num_columns)) if columns.num_columns else 0
    return pairs


def _keys(content: HashedRows, place: StorePlace) -> pa.Table:
    """The columns by which readers tell rows apart."""
    rows = content.rows.combine_chunks()
    columns = [_column(rows, shown, to_arrow_type(shown.data_type)) for shown in place.shape.key]
    return pa.Table.from_arrays(columns, [str(number) for number in range(len(columns))])


# ---- as it is shown ------------------------------------------------------------------------------


def _changes(rows: pa.Table, place: StorePlace, kind: str) -> pa.Table:
    key, value = _shown(rows, place)
    if kind == "delete":
        value = pa.nulls(rows.num_rows, value.type)
    return pa.Table.from_arrays(
        [_same(kind, rows.num_rows, pa.string()), key, value], ["change", "key", "value"]
    )


def _shown(rows: pa.Table, place: StorePlace) -> list[pa.Array]:
    rows = rows.combine_chunks()
    shape = place.shape
    return [_struct(rows, shape.key, shape.key_type), _struct(rows, shape.value, shape.value_type)]


def _struct(rows: pa.Table, fields: Sequence[ShownField], data_type: StructType) -> pa.Array:
    kind = to_arrow_type(data_type)
    arrays = [_column(rows, shown, field.type) for shown, field in zip(fields, kind, strict=False)]
    arrays = arrays or [pa.nulls(rows.num_rows, kind.field(0).type)]
    return pa.StructArray.from_arrays(arrays, fields=list(kind))


def _column(rows: pa.Table, shown: ShownField, kind: pa.DataType) -> pa.Array:
    if not rows.num_rows:
        return pa.nulls(0, kind)
    column = rows.column(shown.column).chunk(0)
    return (column if shown.field is None else pc.struct_field(column, shown.field)).cast(kind)


def _same(value: object, count: int, kind: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), count)
