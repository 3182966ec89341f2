"""State files: what a batch changed, or all that is kept, as Arrow IPC with a checksum in the commit.

A delta holds the last row of every key that its batches touched and, with `__removed` true, the keys
that they removed.  The file is named by the commit record together with its CRC, so a truncated or
edited file is found when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.checkpoint.state_files import Kind, StateFile, WriteSnapshot, next_write
from streamcore.errors import CheckpointMismatch
from streamcore.streaming.state.arrays import integers, same_flag
from streamcore.streaming.state.keyed_state import KeyedState, StagedChange, StateLayout

if TYPE_CHECKING:
    from streamcore.checkpoint.state_access import StateAccess

_REMOVED = "__removed"


@dataclass(frozen=True)
class StatePlace:
    """Which partition of which operator, and the version (batch id) that is being made."""

    operator: str
    partition: int
    version: int


def write_change(
    files: StateAccess, state: KeyedState, change: StagedChange, chain: Sequence[StateFile], place: StatePlace
) -> StateFile | None:
    """Writes one attempt's change of one partition durably; None when nothing changed.

    Depending on the chain this is a delta, a delta merged with the youngest older ones, or a snapshot.
    """
    delta = _delta_table(change, state.layout)
    if delta.num_rows == 0:
        return None
    data = _as_ipc(delta)
    # The size is that of a file, as the sizes in the chain are: few rows take far less than their file.
    decision = next_write(chain, place.version, len(data))
    if isinstance(decision, WriteSnapshot):
        rows = _with_removed(_rows_after(state, change), removed=False)
        return _write(files, rows, _as_ipc(rows), place, since=place.version, kind=Kind.SNAPSHOT)
    if not decision.merged:
        return _write(files, delta, data, place, since=decision.since, kind=Kind.DELTA)
    merged = _last_per_key([*(_read(files, file) for file in decision.merged), delta], state.layout)
    return _write(files, merged, _as_ipc(merged), place, since=decision.since, kind=Kind.DELTA)


def load_state(files: StateAccess, chain: Sequence[StateFile], layout: StateLayout) -> KeyedState:
    """The state that a chain of files makes up.

    Raises CheckpointCorrupted for a missing or damaged file, CheckpointMismatch when the rows do not
    have the layout that the query needs now.
    """
    state = KeyedState(layout)
    for file in chain:
        table = _read(files, file)
        _check_schema(table, layout, file)
        state.apply(_as_change(table, layout))
    return state


def _read(files: StateAccess, file: StateFile) -> pa.Table:
    with pa.ipc.open_file(pa.BufferReader(files.read(file))) as reader:
        return reader.read_all()


def _check_schema(table: pa.Table, layout: StateLayout, file: StateFile) -> None:
    found = table.schema.remove(table.schema.get_field_index(_REMOVED))
    if [(f.name, f.type) for f in found] != [(f.name, f.type) for f in layout.schema]:
        raise CheckpointMismatch(
            f"the state of {file.operator} has the columns {_columns(found)}, but the query now needs "
            f"{_columns(layout.schema)}: its grouping or aggregates have changed. Start the changed query "
            "with a new checkpoint, or restore the query as it was"
        )


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{f.name} {f.type}" for f in schema)


def _as_ipc(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _write(
    files: StateAccess, rows: pa.Table, data: bytes, place: StatePlace, since: int, kind: Kind
) -> StateFile:
    return files.write(place.operator, place.partition, kind, place.version, data, rows.num_rows, since)


def _delta_table(change: StagedChange, layout: StateLayout) -> pa.Table:
    upserts = _with_removed(change.upserts, removed=False)
    if change.removed_rows is None or change.removed_rows.num_rows == 0:
        return upserts
    return pa.concat_tables([upserts, _with_removed(change.removed_rows.cast(layout.schema), removed=True)])


def _with_removed(rows: pa.Table, *, removed: bool) -> pa.Table:
    return rows.append_column(_REMOVED, same_flag(rows.num_rows, value=removed))


def _rows_after(state: KeyedState, change: StagedChange) -> pa.Table:
    gone = set(change.removed_keys)
    gone.update(change.upsert_keys)
    return pa.concat_tables([state.rows_without(gone), change.upserts])


def _last_per_key(tables: Sequence[pa.Table], layout: StateLayout) -> pa.Table:
    together = pa.concat_tables(tables)
    last = {key: place for place, key in enumerate(layout.keys_of(together))}
    return together.take(integers(sorted(last.values())))


def _as_change(table: pa.Table, layout: StateLayout) -> StagedChange:
    import pyarrow.compute as pc

    removed = table.column(_REMOVED)
    rows = table.drop_columns([_REMOVED]).cast(layout.schema)
    kept, gone = rows.filter(pc.invert(removed)), rows.filter(removed)
    return StagedChange(kept, layout.keys_of(kept), layout.keys_of(gone), gone)
