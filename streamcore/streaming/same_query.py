"""Whether the query that is started is the one that the checkpoint belongs to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from streamcore.checkpoint import STATE_HASH
from streamcore.errors import CheckpointCorrupted, CheckpointMismatch
from streamcore.plan import modes
from streamcore.streaming.description import Description, compare, continued

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamcore.checkpoint import Checkpoint
    from streamcore.streaming.differences import Difference

_log = logging.getLogger("streamcore.streaming")


def check_same_query(checkpoint: Checkpoint, description: Description) -> Description:
    """The description of the query that the checkpoint is to keep.

    Raises CheckpointMismatch, which names every difference, when state or offsets mean something else.
    What may change is logged.  Nothing has been written when this raises.
    """
    old = checkpoint.plan
    if old is None:
        return description
    location = checkpoint.storage.location
    try:
        verdict, kept = compare(old, description), continued(old, description)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointCorrupted(
            f"the description of the query in {location}/plans is not one: restore it from a backup, or "
            "start with a new checkpoint and a new output"
        ) from error
    if verdict.refused:
        raise CheckpointMismatch(_refusal(location, verdict.refused))
    if description["operators"] and checkpoint.state_hash != STATE_HASH:
        raise CheckpointMismatch(
            f"the state in {location} is found by {checkpoint.state_hash!r}, and this version of streamcore "
            f"finds it by {STATE_HASH!r}: run the query with the version that wrote it"
        )
    for difference in verdict.accepted:
        _log.warning("the query goes on over %s with a change: %s", location, difference)
    return kept


def check_same_modes(checkpoint: Checkpoint, asked: Mapping[str, str], logged: Mapping[str, str]) -> None:
    """Raises CheckpointMismatch when expressions would mean something else than in the batches before."""
    for key in modes.SETTINGS:
        if asked.get(key) != logged.get(key):
            begun, now = (settings.get(key, "its default") for settings in (logged, asked))
            raise CheckpointMismatch(
                f"the checkpoint {checkpoint.storage.location} was begun under {key}={begun}, and the query "
                f"was made under {now}: set {key} back before the query is made, or start with a new "
                "checkpoint and a new output"
            )


def _refusal(location: str, differences: Sequence[Difference]) -> str:
    changes = "; ".join(str(difference) for difference in differences)
    ways_out = [difference.way_out for difference in differences if difference.way_out]
    refusal = (
        f"the checkpoint {location} is of another query, and what it keeps would be mixed with what this "
        f"one means. {changes}. Restore the query as it was, or start the changed query with a new "
        "checkpoint and a new output"
    )
    return "; ".join([refusal, *ways_out])
