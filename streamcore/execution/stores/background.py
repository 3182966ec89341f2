"""Merges beside the batches: one thread, so that they take one core at most."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("streamcore.execution")


class BackgroundMerger:
    """Runs what is submitted, one after another, in a thread that starts with the first."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether `close` was called."""
        return self._stopping.is_set()

    def submit(self, merge: Callable[[], None]) -> None:
        """Queues a merge; nothing happens after `close`."""
        with self._starting:
            if self.is_stopping:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="state-merges", daemon=True)
                self._thread.start()
            self._waiting.put(merge)

    def close(self) -> None:
        """Drops what has not begun, and waits for what has: it ends with the piece that it is at."""
        with self._starting:
            self._stopping.set()
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            # What nobody holds any more may be collected, and closed, in any thread.
            if thread is not threading.current_thread():
                thread.join()

    def _run(self) -> None:
        while (merge := self._waiting.get()) is not None and not self.is_stopping:
            try:
                merge()
            except Exception:  # noqa: BLE001 - a batch must not fail for what only makes later ones faster
                # The store goes on with its runs as they are, slower in the long run.
                _log.exception("merging state files failed")
            # What it holds (a view, and by it maps of files that are deleted) must not wait for the next.
            del merge
