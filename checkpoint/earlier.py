"""Checkpoints of format 1, which this version does not continue: what to say to their owners.

Format 1 kept one watermark for all operators, found state by another function, and did not know which
query its state belonged to.  Rows are not lost by starting anew, if the sources start where the last
committed batch ended; the refusal says where that is.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.names import COMMITS, OFFSETS, numbered
from streamcore.errors import CheckpointError
from streamcore.storage.canonical import canonical

if TYPE_CHECKING:
    from streamcore.storage import Storage


def is_format_one(first_line: str) -> bool:
    """Whether a file of a checkpoint begins as those of format 1 do.

    >>> is_format_one("streamcore metadata 1"), is_format_one("streamcore metadata 2")
    (True, False)
    """
    words = first_line.split(" ")
    return len(words) == 3 and words[0] == "streamcore" and words[2] == "1"


def refusal_of_format_one(storage: Storage) -> CheckpointError:
    """The error for a checkpoint of format 1: why, the way out, and the exact offsets to start from."""
    planned, committed = numbered(storage, OFFSETS), numbered(storage, COMMITS)
    return CheckpointError(
        f"the checkpoint {storage.location} has format 1, and this version of streamcore continues format 2: "
        "it finds state by another function, keeps watermarks per operator, and checks the query against the "
        "checkpoint. Finish the query with the version that wrote the checkpoint, or start anew, with a new "
        f"checkpoint and a new output, {_where(storage, planned, committed)}"
    )


def _where(storage: Storage, planned: list[int], committed: list[int]) -> str:
    if not committed:
        return "from where it once began: it has committed no batch"
    ends = _ends(storage, committed[-1])
    if ends is None:
        return f"from the end of its last committed batch ({committed[-1]}), whose offsets cannot be read"
    offsets = "; ".join(f"{name}: {canonical(end)}" for name, end in sorted(ends.items()))
    where = f"from the end of its last committed batch ({committed[-1]}): {offsets}"
    if planned and planned[-1] > committed[-1]:
        where += (
            f". Batch {planned[-1]} was planned after it, and the sink may hold it already: let the earlier "
            "version finish it first"
        )
    return where


def _ends(storage: Storage, batch_id: int) -> dict[str, Any] | None:
    try:
        data = storage.get(f"{OFFSETS}/{batch_id}")
        head, _, last = data.rstrip(b"\n").rpartition(b"\n")
        if last != b"sha256 " + hashlib.sha256(head + b"\n").hexdigest().encode():
            return None
        sources = json.loads(head.split(b"\n")[1])["sources"]
        return {str(name): span["end"] for name, span in sources.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # the message says so
