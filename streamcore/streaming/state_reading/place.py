"""From the options of a read to one store of one operator, as the checkpoint describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.errors import CheckpointCorrupted, QueryExecutionException
from streamcore.execution.python_state.variables import TIMERS, store_of
from streamcore.streaming.state_reading.options import check_order, invalid, required
from streamcore.streaming.state_reading.shapes import StoreShape

if TYPE_CHECKING:
    from streamcore.checkpoint.reading import CommittedBatches
    from streamcore.streaming.state_reading.options import StateOptions

_TRANSFORM = "transformWithState"


@dataclass(frozen=True)
class StorePlace:
    """A store of a checkpoint: where it is, and how its rows look.

    `first` to `last` are the batches whose changes are read; the state itself is that after `last`, and
    `first` is None then.  `partition` is the only one to read, None for all.
    """

    operator: str
    store: str
    shape: StoreShape
    last: int
    first: int | None = None
    partition: int | None = None


def find_store(batches: CommittedBatches, options: StateOptions) -> StorePlace:
    """Raises QueryExecutionException, with PySpark's error class, when there is no such batch or store."""
    first, last = _batches(batches, options)
    described = operators_of(batches, last)
    id_ = _operator(described, options.operator, batches.location)
    operator = described[id_]
    store = _store(id_, operator, options)
    partitions = batches.offsets(last).operators[id_].partitions
    if options.partition is not None and options.partition >= partitions:
        raise invalid("snapshotPartitionId", f"the operator {id_} has {partitions} partitions.")
    shape = StoreShape.parse(operator["stores"][store])
    return StorePlace(id_, store, shape, last, first, options.partition)


def operators_of(batches: CommittedBatches, batch_id: int) -> Mapping[str, Any]:
    """Id -> description of each stateful operator of a batch; CheckpointCorrupted when it is not one."""
    plan = batches.plan(batch_id)
    try:
        found: Mapping[str, Any] = plan["operators"]
        return {id_: found[id_] for id_ in sorted(found, key=lambda id_: int(found[id_]["number"]))}
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointCorrupted(
            f"the description of batch {batch_id} in {batches.location}/plans does not say how the state "
            "looks: restore it from a backup"
        ) from error


def committed_batch(batches: CommittedBatches, wanted: int | None) -> int:
    """The wanted batch, or the newest; raises QueryExecutionException when it is not retained."""
    retained = batches.batches()
    if retained and wanted is None:
        return retained[-1]
    if wanted is not None and wanted in retained:
        return wanted
    kept = f"It retains the batches {retained[0]} to {retained[-1]}. " if retained else ""
    which = "" if wanted is None else f" {wanted}"
    raise QueryExecutionException(
        f"[STDS_COMMITTED_BATCH_UNAVAILABLE] No committed batch{which} found, checkpoint location: "
        f"{batches.location}. {kept}Ensure that the query has run and committed any microbatch before "
        "stopping. SQLSTATE: KD006"
    )


def _batches(batches: CommittedBatches, options: StateOptions) -> tuple[int | None, int]:
    if options.changes is not None:
        first, last = options.changes[0], committed_batch(batches, options.changes[1])
        check_order(first, last)
        committed_batch(batches, first)
        if first > 0:
            committed_batch(batches, first - 1)  # A change is told from the state before it.
        return first, last
    batch_id = committed_batch(batches, options.batch_id)
    if options.snapshot_batch is not None:
        committed_batch(batches, options.snapshot_batch)
        if options.snapshot_batch > batch_id:
            raise invalid("snapshotStartBatchId", f"must be less than or equal to the batch {batch_id}.")
    return None, batch_id


def _operator(described: Mapping[str, Any], wanted: str, location: str) -> str:
    if wanted in described:
        return wanted
    by_number = {str(operator["number"]): id_ for id_, operator in described.items()}
    if wanted in by_number:
        return by_number[wanted]
    known = ", ".join(f"{number} ({id_})" for number, id_ in by_number.items()) or "none"
    raise QueryExecutionException(
        f"[STDS_FAILED_TO_READ_STATE_SCHEMA] {location} has no stateful operator {wanted}; it has {known}. "
        "SQLSTATE: 42K03"
    )


def _store(id_: str, operator: Mapping[str, Any], options: StateOptions) -> str:
    kind = operator["operator"]
    stores = operator["stores"]
    if not kind.startswith(_TRANSFORM):
        _refuse_variables(kind, options)
    wanted = _wanted(options)
    if wanted in stores:
        return wanted
    has = f"the operator {id_} ({kind}) has {_listed(stores)}"
    option = _chosen_by(options)
    if option is None:
        raise required("stateVarName" if kind.startswith(_TRANSFORM) else "storeName", f": {has}")
    raise invalid(option, f"{has}, not {wanted!r}.")


def _chosen_by(options: StateOptions) -> str | None:
    """The option that says which store to read."""
    given = {
        "readRegisteredTimers": options.timers,
        "stateVarName": options.variable is not None,
        "storeName": options.store is not None,
        "joinSide": options.join_side != "none",
    }
    return next((name for name, is_given in given.items() if is_given), None)


def _wanted(options: StateOptions) -> str:
    if options.timers:
        return TIMERS
    if options.variable is not None:
        return store_of(options.variable)
    return options.store or _of_side(options.join_side)


def _of_side(side: str) -> str:
    return DEFAULT_STORE if side == "none" else side


def _listed(stores: Mapping[str, Any]) -> str:
    return (
        "the stores " + ", ".join(sorted(stores)) if len(stores) > 1 else f"the store {next(iter(stores))!r}"
    )


def _refuse_variables(kind: str, options: StateOptions) -> None:
    only = "is only supported with the transformWithState operator. Found operator"
    again = "Please remove this option and re-run the query."
    if options.variable is not None:
        raise invalid("stateVarName", f"Providing state variable names {only}={kind}. {again}")
    if options.timers:
        raise invalid("readRegisteredTimers", f"Providing readRegisteredTimers=true {only}={kind}. {again}")
