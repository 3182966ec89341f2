"""Servers that belong to the tests: they may be stopped, killed and started again in the middle of a test."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.readiness import wait_until_ready
from tests.services.supervised import SupervisedProcess


class Server(ABC):
    """Keeps its address and its data from one `start` to the next.

    As a context manager it starts, and at the end it is gone with its data.
    """

    @abstractmethod
    def start(self) -> None:
        """Start and return when it answers; raises ServiceDidNotStart."""

    @abstractmethod
    def stop(self) -> None:
        """Shut down in order, as an operator would."""

    @abstractmethod
    def kill(self) -> None:
        """End at once, as in a crash."""

    @abstractmethod
    def close(self) -> None:
        """End it, if it runs, and remove its data."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether the server is there."""

    def restart(self) -> None:
        """Stop it if it runs, and start it again."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ProcessServer(Server):
    """A server that runs as a process of this machine and never outlives the tests."""

    STOP = "SIGTERM"
    KILL = "SIGKILL"

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="streamcore-test-"))
        self._process: SupervisedProcess | None = None

    @abstractmethod
    def launch(self) -> SupervisedProcess:
        """Start the process, without waiting for it."""

    @abstractmethod
    def answers(self) -> bool:
        """Return whether a client is served; wait a second for it at most."""

    def start(self) -> None:
        process = self._process = self.launch()

        def answers() -> bool:
            process.check()
            return self.answers()

        wait_until_ready(type(self).__name__, answers)

    def stop(self) -> None:
        self._end(self.STOP)

    def kill(self) -> None:
        self._end(self.KILL)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def _end(self, signal: str) -> None:
        if self._process is not None:
            self._process.signal(signal)
