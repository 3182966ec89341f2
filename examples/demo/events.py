"""Ad events in the shape of the Yahoo Streaming Benchmark, as a function of their number.

Event 12,345 is the same event in every run.  So a broker that has lost its memory can be given the
same records at the same offsets again, and the right answer can be computed from a count alone.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

CHUNK = 100  # events are drawn together in chunks of this size
PARTITIONS = 4
CAMPAIGNS = 10
WINDOW_MS = 10_000
_ADS_PER_CAMPAIGN = 10
_FIRST_MS = 1_767_225_605_000  # 2026-01-01 00:00:05 UTC
_MS_PER_EVENT = 1
_DISORDER_MS = 5_000  # an event may come this much too late, which the watermark allows for


@dataclass(frozen=True)
class AdEvent:
    """One record; `event_time` is in milliseconds since 1970."""

    user_id: str
    page_id: str
    ad_id: str
    ad_type: str
    event_type: str
    event_time: int
    ip_address: str

    def to_json(self) -> bytes:
        """Return the record's value in Kafka."""
        return json.dumps(vars(self)).encode()


def place_of(number: int) -> tuple[int, int]:
    """Return the partition and the offset of an event."""
    return number % PARTITIONS, number // PARTITIONS


def chunk(index: int) -> list[AdEvent]:
    """Return events index * CHUNK and following."""
    draw = random.Random(f"ad events, chunk {index}")
    return [_event(draw, index * CHUNK + position) for position in range(CHUNK)]


@cache
def campaign_of_ad() -> dict[str, str]:
    """Return the campaign of each ad, the static side of the join."""
    draw = random.Random("ads")
    return {_uuid(draw): f"campaign {number % CAMPAIGNS}" for number in range(CAMPAIGNS * _ADS_PER_CAMPAIGN)}


def views(events: int) -> Counter[tuple[int, str]]:
    """Return the right answer for the first `events` events: views by (window start in ms, campaign)."""
    campaigns = campaign_of_ad()
    return Counter(
        (event.event_time // WINDOW_MS * WINDOW_MS, campaigns[event.ad_id])
        for event in _first(events)
        if event.event_type == "view"
    )


@cache
def _ads() -> list[str]:
    return list(campaign_of_ad())


def _first(events: int) -> Iterator[AdEvent]:
    for index in range(events // CHUNK):
        yield from chunk(index)


def _event(draw: random.Random, number: int) -> AdEvent:
    return AdEvent(
        user_id=f"{draw.getrandbits(128):032x}",
        page_id=f"{draw.getrandbits(128):032x}",
        ad_id=draw.choice(_ads()),
        ad_type=draw.choice(("banner", "modal", "sponsored-search", "mail", "mobile")),
        event_type=draw.choice(("view", "click", "purchase")),
        event_time=_FIRST_MS + number * _MS_PER_EVENT - draw.randrange(_DISORDER_MS),
        ip_address="1.2.3.4",
    )


def _uuid(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128)))
