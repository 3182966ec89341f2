"""A line at the terminal that shows how far the running stages are."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TextIO

from streamcore.scheduler.status import StageStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from streamcore.scheduler.status import StageRecord, StatusStore

    class Settings(Protocol):
        """Where flags come from."""

        def flag(self, key: str) -> bool:
            """Return a flag."""


_FIRST_SHOWN_AFTER = 0.5
_SHOWN_EVERY = 0.2
_WIDTH = 80


def wanted(conf: Settings, stream: TextIO) -> bool:
    """Say whether to show progress: at a terminal, unless `spark.ui.showConsoleProgress` is off."""
    return stream.isatty() and conf.flag("spark.ui.showConsoleProgress")


def progress_line(stages: Sequence[StageRecord], width: int = _WIDTH) -> str:
    """Return one line that shows the running stages, or nothing when none runs.

    >>> from streamcore.scheduler.status import StageRecord
    >>> stage = StageRecord(3, 0, "count", 4, completed_tasks=1, active_tasks=2)
    >>> progress_line([stage], 34)
    '[Stage 3:==>         (1 + 2) / 4]'
    """
    if not stages:
        return ""
    each = width // len(stages)
    return "".join(_stage_bar(stage, each) for stage in stages)


def _stage_bar(stage: StageRecord, width: int) -> str:
    head = f"[Stage {stage.stage_id}:"
    tail = f" ({stage.completed_tasks} + {stage.active_tasks}) / {stage.num_tasks}]"
    room = max(0, width - len(head) - len(tail) - 1)
    done = room * stage.completed_tasks // max(stage.num_tasks, 1)
    arrow = ">" if done < room else ""
    return head + ("=" * done + arrow).ljust(room) + tail


class ProgressBar:
    """Shows the stages that have run for half a second, from a thread of its own."""

    def __init__(self, status: StatusStore, stream: TextIO) -> None:
        self._status = status
        self._stream = stream
        self._stopped = threading.Event()
        self._shown = ""
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Clear the line and end the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(_SHOWN_EVERY):
            self._show(progress_line(self._long_running()))
        self._show("")

    def _long_running(self) -> list[StageRecord]:
        since = self._status.now() - _FIRST_SHOWN_AFTER
        return [
            stage
            for stage in self._status.stages()
            if stage.status is StageStatus.ACTIVE and stage.submitted is not None and stage.submitted < since
        ]

    def _show(self, line: str) -> None:
        if line != self._shown:
            self._stream.write("\r" + line.ljust(len(self._shown)) + ("\r" if not line else ""))
            self._stream.flush()
            self._shown = line
