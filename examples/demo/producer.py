"""The producer: a thread that sends events at a steady rate and never forgets how many."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from demo.broker import Broker
from demo.events import CHUNK, PARTITIONS, chunk, place_of

_STILL_KEPT = 60_000  # about what fits into the embedded broker's 5 MiB per partition
_TICK_S = 0.02


class Journal:
    """How many events have been promised to the topic, in a file that a crash cannot tear."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.promised = int(path.read_text()) if path.exists() else 0

    def promise(self, events: int) -> None:
        """Write down that the topic is to hold this many; called before they are sent."""
        beside = self._path.with_suffix(".new")
        beside.write_text(str(events))
        beside.replace(self._path)
        self.promised = events


class EventProducer(threading.Thread):
    """Sends `rate` events a second from `start()` to `stop()`, going on where the journal ends."""

    def __init__(self, broker: Broker, journal: Journal, rate: float) -> None:
        super().__init__(name="producer", daemon=True)
        self._broker = broker
        self._journal = journal
        self._rate = rate
        self._stopping = threading.Event()

    @property
    def produced(self) -> int:
        """How many events the topic has got, or is about to get, since the very first run."""
        return self._journal.promised

    def catch_up(self) -> int:
        """Bring the topic up to the journal, or the journal up to the topic; return the events sent.

        The embedded broker starts empty and gets all of them again.  A real one has them, but for those
        that a killed run had promised and not sent.
        """
        there = self._broker.end_offsets()
        in_topic = max(offset * PARTITIONS for offset in there)
        upto = -(-max(in_topic, self._journal.promised) // CHUNK) * CHUNK
        self._journal.promise(upto)
        missing = [n for n in range(upto) if place_of(n)[1] >= there[place_of(n)[0]]]
        self._send_again(missing, oldest_kept=upto - _STILL_KEPT if self._broker.is_embedded else 0)
        return len(missing)

    def run(self) -> None:
        """Send chunk after chunk, each when its time has come."""
        began, before = time.monotonic(), self.produced
        while not self._stopping.is_set():
            due = before + int((time.monotonic() - began) * self._rate)
            while self.produced + CHUNK <= due and not self._stopping.is_set():
                self._send_chunk(self.produced // CHUNK)
            self._stopping.wait(_TICK_S)

    def stop(self) -> None:
        """Send no more, and return when the broker has everything that was promised."""
        self._stopping.set()
        if self.is_alive():
            self.join()
        self._broker.flush()

    def _send_chunk(self, index: int) -> None:
        self._journal.promise((index + 1) * CHUNK)
        for number, event in enumerate(chunk(index), start=index * CHUNK):
            self._broker.send(place_of(number)[0], event.to_json())
        self._broker.flush()

    def _send_again(self, numbers: list[int], oldest_kept: int) -> None:
        index, events = -1, chunk(0)
        for number in numbers:
            if number < oldest_kept:  # read long ago, and about to be dropped: only its offset matters
                self._broker.send(place_of(number)[0], b"")
                continue
            if number // CHUNK != index:
                index = number // CHUNK
                events = chunk(index)
            self._broker.send(place_of(number)[0], events[number % CHUNK].to_json())
        self._broker.flush()
