"""Going back to a retained batch, safe against a crash at any moment.

A marker with the aim is written first; from then on nobody sees the batches after it.  They are removed
only when the sink has followed, and the marker last: a sink that cannot take rows back costs nothing.  A
marker that comes back from the dead (an unsynced removal before a power cut) is older than the batches
planned since, and is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.checkpoint.envelope import damaged, seal, unseal
from streamcore.checkpoint.names import REWOUND, named
from streamcore.errors import AnalysisException, CheckpointCorrupted
from streamcore.spi.steps import declare, reached
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from streamcore.checkpoint.batches import BatchLogs
    from streamcore.storage import Storage

REWIND = declare("rewind", owner="streamcore.checkpoint")


@dataclass(frozen=True)
class Marker:
    """The batch to go back to, and the epoch of the driver that was told so."""

    to: int
    epoch: int


def write_marker(storage: Storage, marker: Marker) -> None:
    """From here on the rewind happens, now or at the next start."""
    body = canonical({"to": marker.to, "epoch": marker.epoch})
    storage.replace(REWOUND, seal(REWOUND, body))


def read_marker(storage: Storage) -> Marker | None:
    """The rewind under way; None when there is none."""
    file = named(storage, REWOUND)
    try:
        data = storage.get(REWOUND)
    except FileNotFoundError:
        return None
    body = unseal(REWOUND, data, file)
    try:
        fields = Fields.parse(body)
        marker = Marker(fields.integer("to"), fields.integer("epoch"))
        fields.finish()
    except ValueError as error:
        raise damaged(file, str(error)) from error
    return marker


def is_stale(marker: Marker, logs: BatchLogs) -> bool:
    """Whether batches were planned after this rewind had ended."""
    later = [batch_id for batch_id in logs.planned() if batch_id > last_kept(marker.to)]
    try:
        return bool(later) and logs.offsets(later[0])[1].epoch > marker.epoch
    except CheckpointCorrupted:
        return False  # a damaged file is a reason to go back before it


def remove_later(to: int, logs: BatchLogs) -> None:
    """Removes what comes after batch `to`, the youngest first, outcomes before intents."""
    reached(f"{REWIND}:before")
    for batch_id in reversed(logs.committed()):
        if batch_id > to:
            logs.remove_commit(batch_id)
    for batch_id in reversed(logs.planned()):
        if batch_id > last_kept(to):
            logs.remove_offsets(batch_id)
    reached(f"{REWIND}:after")


def last_kept(to: int) -> int:
    """The newest intent that stays.

    At the very beginning the first intent stays: it alone knows where the sources once began.
    """
    return max(to, 0)


def check_target(to: int, first: int | None, last: int, logs: BatchLogs, location: str) -> None:
    """Raises AnalysisException when `to` is not among the retained batches `first` to `last`, or damaged."""
    if first is None or not first <= to <= last:
        retained = "it retains no batch" if first is None else f"it retains the batches {first} to {last}"
        raise AnalysisException(f"the checkpoint {location} cannot go back to batch {to}: {retained}")
    if to >= 0:
        logs.commit(to)
    logs.offsets(last_kept(to))


def first_retained(planned: list[int], committed: list[int]) -> int | None:
    """The oldest batch that one can go back to; -1 is the state before batch 0.

    >>> first_retained([0, 1, 2], [0, 1]), first_retained([4, 5], [4, 5]), first_retained([], [])
    (-1, 4, None)
    """
    if 0 in planned:
        return -1
    whole = set(planned) & set(committed)
    return min(whole, default=None)
