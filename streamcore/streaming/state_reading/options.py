"""The options of the format `statestore`: read and checked as PySpark does, before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.errors import NumberFormatException, QueryExecutionException

if TYPE_CHECKING:
    from streamcore.spi.options import Options

_KNOWN = (
    "path",
    "batchId",
    "operatorId",
    "storeName",
    "joinSide",
    "snapshotStartBatchId",
    "snapshotPartitionId",
    "readChangeFeed",
    "changeStartBatchId",
    "changeEndBatchId",
    "stateVarName",
    "readRegisteredTimers",
    "flattenCollectionTypes",
)
METADATA_OPTIONS = ("path", "batchId")
"""What the format `state-metadata` knows."""


@dataclass(frozen=True)
class StateOptions:
    """What to read.

    batch_id
        The batch after which the state is read; None for the newest.
    operator
        A number, counted from the sink, or an operator's id.
    partition, snapshot_batch
        Read one partition alone; PySpark builds it from the snapshot of that batch.
    changes
        First and last batch (None: the newest) whose changes are read; None to read the state itself.
    """

    path: str
    batch_id: int | None
    operator: str
    store: str | None
    join_side: str
    partition: int | None
    snapshot_batch: int | None
    changes: tuple[int, int | None] | None
    variable: str | None
    timers: bool


def state_options(options: Options) -> StateOptions:
    """Raises QueryExecutionException, with PySpark's error class, for options that do not fit each other."""
    options.reject_unknown(_KNOWN, "the statestore source")
    options.boolean("flattenCollectionTypes", default=True)  # Only collections of one variable are flattened.
    side, store = _join_side(options), _text(options, "storeName")
    if side != "none" and "storeName" in options:
        raise _conflict("joinSide", "storeName")
    partition, start = (
        whole_number(options, "snapshotPartitionId"),
        whole_number(options, "snapshotStartBatchId"),
    )
    for name, given, other in (
        ("snapshotPartitionId", partition, start),
        ("snapshotStartBatchId", start, partition),
    ):
        if given is None and other is not None:
            raise required(name)
    return StateOptions(
        path=path_in(options),
        batch_id=whole_number(options, "batchId"),
        operator=_operator(options),
        store=store,
        join_side=side,
        partition=partition,
        snapshot_batch=start,
        changes=_changes(options, side),
        variable=_text(options, "stateVarName"),
        timers=options.boolean("readRegisteredTimers", default=False),
    )


def path_in(options: Options) -> str:
    """The checkpoint location."""
    if "path" not in options:
        raise required("path")
    return options["path"]


def whole_number(options: Options, name: str) -> int | None:
    """A batch, partition or operator by number; None when it is not given."""
    if name not in options:
        return None
    try:
        value = int(options[name])
    except ValueError:
        raise NumberFormatException(f'For input string: "{options[name]}" (option {name})') from None
    if value < 0:
        raise invalid(name, "cannot be negative.", "IS_NEGATIVE")
    return value


def invalid(option: str, why: str, subclass: str = "WITH_MESSAGE") -> QueryExecutionException:
    """The error for a value that an option cannot have."""
    return QueryExecutionException(
        f"[STDS_INVALID_OPTION_VALUE.{subclass}] Invalid value for source option '{option}': {why} "
        "SQLSTATE: 42616"
    )


def _operator(options: Options) -> str:
    text = options.get("operatorId", "0")
    if text.lstrip("-").isdigit():
        whole_number(options, "operatorId")
    return text


def _text(options: Options, name: str) -> str | None:
    text = options.get(name)
    if text is not None and not text:
        raise invalid(name, "cannot be empty.", "IS_EMPTY")
    return text


def _join_side(options: Options) -> str:
    side = options.get("joinSide", "none").lower()
    if side not in ("left", "right", "none"):
        raise invalid("joinSide", "Valid values are left,right,none")
    return side


def _changes(options: Options, side: str) -> tuple[int, int | None] | None:
    first, last = (whole_number(options, name) for name in ("changeStartBatchId", "changeEndBatchId"))
    if not options.boolean("readChangeFeed", default=False):
        for name in ("changeStartBatchId", "changeEndBatchId"):
            if name in options:
                raise invalid(name, "Only specify this option when readChangeFeed is set to true.")
        return None
    if side != "none":
        raise _conflict("joinSide", "readChangeFeed")
    for name in ("batchId", "snapshotStartBatchId", "snapshotPartitionId"):
        if name in options:
            raise _conflict(name, "readChangeFeed")
    if first is None:
        raise required("changeStartBatchId")
    check_order(first, last)
    return first, last


def check_order(first: int, last: int | None) -> None:
    """Raises when the last batch of a change feed is before its first."""
    if last is not None and last < first:
        raise invalid(
            "changeEndBatchId",
            "changeEndBatchId cannot be smaller than changeStartBatchId. Please check the input to "
            "changeEndBatchId, or if you are using its default value, make sure that changeStartBatchId is "
            f"less than {last}.",
        )


def _conflict(one: str, other: str) -> QueryExecutionException:
    return QueryExecutionException(
        f"[STDS_CONFLICT_OPTIONS] The options ['{one}', '{other}'] cannot be specified together. Please "
        "specify the one. SQLSTATE: 42613"
    )


def required(name: str, why: str = "") -> QueryExecutionException:
    """The error for an option that is not given."""
    return QueryExecutionException(
        f"[STDS_REQUIRED_OPTION_UNSPECIFIED] '{name}' must be specified{why}. SQLSTATE: 42601"
    )
