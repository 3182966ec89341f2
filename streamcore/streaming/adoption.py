"""The first start of a query over an adopted checkpoint: whether it fits, and where its sources begin."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from streamcore.errors import CheckpointMismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamcore.checkpoint.adopting import Adopted
    from streamcore.spi.datasource import Offset
    from streamcore.streaming.description import Description
    from streamcore.streaming.stream_source import SourceReader


def check_adopted(adopted: Adopted | None, readers: Sequence[SourceReader], description: Description) -> None:
    """Raises CheckpointMismatch when the query is not one that goes on from what was adopted.

    It has no state, reads every source that was adopted, and each reads what it read there.
    """
    if adopted is None:
        return
    operators, sources = description["operators"], description["sources"]
    if operators:
        raise CheckpointMismatch(
            f"the query keeps state ({', '.join(sorted(operators))}), and the query of {adopted.came_from} "
            "that was adopted kept none, so the rows that it has read would be missing from it: start the "
            "query with a new checkpoint and a new output, its sources where they begin"
        )
    known = {reader.name: reader for reader in readers}
    missing = sorted(adopted.ends.keys() - known.keys())
    new = sorted(name for name in known.keys() - adopted.ends.keys() if not sources[name]["named"])
    if missing or new:
        raise CheckpointMismatch(_names_differ(adopted, sorted(known)))
    for name, end in adopted.ends.items():
        if end is not None:
            known[name].check_adopted(end)


def _names_differ(adopted: Adopted, names: Sequence[str]) -> str:
    return (
        f"the checkpoint was adopted from {adopted.came_from} with the sources "
        f"{', '.join(sorted(adopted.ends))}, and the query reads {', '.join(names)}: adopt again, with one "
        "--source NAME for each source of the Spark query, in its order, or name the query's sources so, "
        'with readStream.name("...")'
    )


def beginnings(readers: Sequence[SourceReader], adopted: Adopted | None) -> dict[str, Callable[[], Offset]]:
    """Source -> what gives the offset at which it begins: the adopted one, else its own."""
    found = {reader.name: reader.initial_offset for reader in readers}
    ends = {} if adopted is None else adopted.ends
    return {**found, **{name: partial(_given, end) for name, end in ends.items() if end is not None}}


def _given(offset: Offset) -> Offset:
    return offset
