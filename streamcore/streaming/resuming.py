"""Where a start reads on: sources that it knows go on, new ones begin, those that are not read stay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streamcore.checkpoint.records import OffsetRange
from streamcore.errors import CheckpointMismatch

if TYPE_CHECKING:
    from streamcore.checkpoint.records import OffsetRecord
    from streamcore.checkpoint.recovery import StartPoint
    from streamcore.spi.datasource import Offset

_log = logging.getLogger("streamcore.streaming")


@dataclass(frozen=True)
class Resumption:
    """Where a start goes on.

    ends
        Source -> the offset up to which everything is committed; also of sources that are no longer read.
    planned
        The batch that was planned before and is run as planned; None when there is none.
    """

    ends: dict[str, Offset]
    planned: OffsetRecord | None


def resumed(start: StartPoint, initial: Mapping[str, Callable[[], Offset]], location: str) -> Resumption:
    """Where the sources of a query go on; `initial` asks each for the offset at which it once begins.

    Raises CheckpointMismatch when the planned batch has rows of a source that is no longer read: they
    would be lost.
    """
    last = start.offsets
    spans = {} if last is None else last.sources
    ends = {name: span.start if start.is_planned else span.end for name, span in spans.items()}
    begun = {name: ask() for name, ask in initial.items() if name not in spans}
    if last is None:
        return Resumption(begun, None)
    for name, offset in begun.items():
        _log.info("the source %s is new to %s: it begins at %s", name, location, offset)
    for name in sorted(ends.keys() - initial.keys()):
        _log.info(
            "the source %s is not read: if it comes back to %s, it goes on at %s", name, location, ends[name]
        )
    if not start.is_planned:
        return Resumption({**ends, **begun}, None)
    _check_all_read(last, initial, location)
    nothing = {name: OffsetRange(offset, offset) for name, offset in begun.items()}
    return Resumption({**ends, **begun}, replace(last, sources={**spans, **nothing}))


def _check_all_read(planned: OffsetRecord, names: Mapping[str, object], location: str) -> None:
    gone = [n for n, span in sorted(planned.sources.items()) if n not in names and span.start != span.end]
    if gone:
        raise CheckpointMismatch(
            f"batch {planned.batch_id} of {location} was planned with rows of {', '.join(gone)} and is not "
            "committed, but the query no longer reads that source: start it once as it was, with "
            "trigger(availableNow=True), and take the source away after that"
        )
