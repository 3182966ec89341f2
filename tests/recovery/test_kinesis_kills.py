"""A query over Kinesis is killed at random moments while records go on arriving and shards are split."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recovery.job import WINDOW_SECONDS, as_json
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, plain
from tests.services.kinesis_streams import KinesisStreams

pytestmark = pytest.mark.integration

Event = tuple[float, str, int]


class Traffic(threading.Thread):
    """Puts a few records every few milliseconds, in two keys; a shard is split on the way."""

    def __init__(self, kinesis: KinesisStreams, stream: str) -> None:
        super().__init__(daemon=True)
        self._kinesis, self._stream = kinesis, stream
        self._over = threading.Event()
        self.events: list[Event] = []

    def run(self) -> None:
        number = 0
        while not self._over.wait(0.03):
            sent = []
            for _ in range(10):
                event = (number // 10 / 4, "abc"[number % 3], number)
                sent.append((f"key {number % 2}", as_json(event).encode()))
                self.events.append(event)
                number += 1
            self._kinesis.put(self._stream, sent)
            if number == 100:
                self._kinesis.split(self._stream)

    def end(self) -> None:
        """Ends with one record in the far future: it closes every window."""
        self._over.set()
        self.join()
        self._kinesis.put(self._stream, [("key 0", as_json((10_000_000.0, "end", 0)).encode())])


def windows(events: list[Event]) -> set[tuple[float, str, int, int]]:
    counts: Counter[tuple[float, str]] = Counter()
    totals: Counter[tuple[float, str]] = Counter()
    for ts, k, v in events:
        group = (ts // WINDOW_SECONDS * WINDOW_SECONDS, k)
        counts[group] += 1
        totals[group] += v
    return {(*group, counts[group], totals[group]) for group in counts}


def kill_at_random(nursery: Nursery, kinesis: KinesisStreams, folder: Path, kills: int) -> None:
    stream = kinesis.new_stream()
    source = {
        **kinesis.options,
        "kinesis.streamName": stream,
        "kinesis.startingPosition": "TRIM_HORIZON",
        "kinesis.getRecords.fetchIntervalMs": "20",
    }
    trials = Trials(Place("parquet", "append", folder), ("aws-kinesis", source))
    job = trials.job(trigger="forever")
    seed = random.randrange(10**9)
    dice = random.Random(seed)
    traffic = Traffic(kinesis, stream)
    traffic.start()
    for _ in range(kills):
        ending = nursery.run(job, kill_after=dice.uniform(0.1, 1.2))
        assert ending.code == KILLED, ending.error
    traffic.end()
    last = nursery.run(replace(job, trigger="availableNow"))
    assert last.code == 0, last.error
    rows = trials.place.rows(job.sink)
    assert len(rows) == len(plain(rows)), f"rows are doubled (seed {seed})"
    assert plain(rows) == windows(traffic.events), f"rows are lost or wrong (seed {seed})"


def test_a_query_over_kinesis_that_is_killed_at_random_counts_every_record_once(
    nursery: Nursery, kinesis: KinesisStreams, tmp_path: Path
) -> None:
    kill_at_random(nursery, kinesis, tmp_path, kills=3)


@pytest.mark.soak
def test_a_query_over_kinesis_that_is_killed_many_times_counts_every_record_once(
    nursery: Nursery, kinesis: KinesisStreams, tmp_path: Path
) -> None:
    kill_at_random(nursery, kinesis, tmp_path, kills=40)
