"""Looking into a checkpoint without touching it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.adopting.adopted import read_adopted
from streamcore.checkpoint.batches import BatchLogs, parse_commit
from streamcore.checkpoint.lease import current_holder
from streamcore.checkpoint.metadata import read_metadata
from streamcore.checkpoint.names import named
from streamcore.checkpoint.plans import Plans
from streamcore.checkpoint.rewinding import first_retained, read_marker
from streamcore.checkpoint.state_access import check_state
from streamcore.errors import CheckpointError
from streamcore.storage import existing_storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamcore.checkpoint.records import CommitBody
    from streamcore.storage import LargeFileStorage, Storage


def inspect(location: str | Path, last: int | None = None) -> dict[str, Any]:
    """What a checkpoint holds, as JSON values; damaged files are listed under "problems", not raised.

    The checksum of every file is checked: of all batches (of the newest `last` where that is given), of the
    state that the newest batch needs, and of the description of the query.  Raises CheckpointError when
    there is no checkpoint, when its metadata is damaged, or when Spark wrote it.
    """
    storage = existing_storage(location)
    metadata = read_metadata(storage)
    if metadata is None:
        raise CheckpointError(f"there is no checkpoint at {storage.location}")
    logs = BatchLogs(storage, metadata.query_id)
    problems: list[str] = []
    planned, committed = logs.planned(), logs.committed()
    retained = sorted({*planned, *committed})
    shown = retained if last is None else retained[max(0, len(retained) - last) :]
    batches = [_batch(storage, logs, n, problems) for n in shown]
    holder = current_holder(storage)
    adopted = _attempt(lambda: read_adopted(storage), problems)
    marker = _attempt(lambda: read_marker(storage), problems)
    newest = _attempt(lambda: _body(storage, logs, committed[-1]), problems) if committed else None
    query = _attempt(lambda: _description(storage, logs, planned), problems)
    return {
        "location": storage.location,
        "query_id": metadata.query_id,
        "created_ms": metadata.created_ms,
        "adopted": None if adopted is None else asdict(adopted),
        "last_driver": None if holder is None else str(holder),
        "rewind_to": first_retained(planned, committed),
        "rewound_to": None if marker is None else marker.to,
        "query": query,
        "retained": len(retained),
        "batches": batches,
        "state": {} if newest is None else _state(storage, logs, newest, problems),
        "problems": list(dict.fromkeys(problems)),
    }


def _batch(storage: Storage, logs: BatchLogs, batch_id: int, problems: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"batch_id": batch_id, "is_planned": False, "is_committed": False}
    if batch_id in logs.planned():
        planned = _attempt(lambda: logs.offsets(batch_id), problems)
        if planned is not None:
            record, writer = planned
            sources = {name: {"start": r.start, "end": r.end} for name, r in record.sources.items()}
            found |= {"is_planned": True, "batch_time_ms": record.batch_time_ms, "run_id": writer.run_id}
            found |= {"watermark_ms": record.watermark_ms, "sources": sources}
            found |= {"models_read": dict(record.models)}
            found |= {"operators": {id_: asdict(told) for id_, told in record.operators.items()}}
    if batch_id in logs.committed():
        body = _attempt(lambda: _body(storage, logs, batch_id), problems)
        if body is not None:
            found |= {"is_committed": True, "next_watermark_ms": body.next_watermark_ms}
            found |= {"source_rows": dict(body.source_rows), "output_rows": body.output_rows}
            found |= {"models": dict(body.models), "state_files": len(body.state)}
    return found


def _description(storage: Storage, logs: BatchLogs, planned: list[int]) -> Any:
    if not planned:
        return None
    digest = logs.offsets(planned[-1])[0].plan
    return Plans(storage).get(digest) if digest else None


def _body(storage: Storage, logs: BatchLogs, batch_id: int) -> CommitBody:
    return parse_commit(logs.commit(batch_id).body, named(storage, f"commits/{batch_id}"))


def _state(
    storage: LargeFileStorage, logs: BatchLogs, body: CommitBody, problems: list[str]
) -> dict[str, Any]:
    planned = _attempt(lambda: logs.offsets(body.batch_id), problems)
    told = {} if planned is None else planned[0].operators
    found = {id_: {"partitions": one.partitions, "files": 0, "bytes": 0} for id_, one in sorted(told.items())}
    for file in body.state:
        entry = found.setdefault(file.operator, {"partitions": 0, "files": 0, "bytes": 0})
        entry["partitions"] = max(entry["partitions"], file.partition + 1)
        entry["files"] += 1
        entry["bytes"] += file.size
        _attempt(partial(check_state, storage, file), problems)
    return found


def _attempt(act: Callable[[], Any], problems: list[str]) -> Any:
    try:
        return act()
    except CheckpointError as error:
        problems.append(str(error))
        return None
