"""Waiting for a server to answer, and the ports it answers on."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable


class ServiceDidNotStart(Exception):
    """A service that this machine should be able to run does not run: a failure, never a reason to skip."""


def free_port() -> int:
    """Return a TCP port that is free on loopback now; it stays one server's own across restarts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(what: str, answers: Callable[[], bool], timeout: float = 90) -> None:
    """Return once `answers()` is true; raise ServiceDidNotStart after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not answers():
        if time.monotonic() > deadline:
            raise ServiceDidNotStart(f"{what} did not answer within {timeout:.0f} s")
        time.sleep(0.05)
