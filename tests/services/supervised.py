"""A server process of the tests' own that cannot outlive them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.services import supervisor
from tests.services.readiness import ServiceDidNotStart


@dataclass(frozen=True)
class Account:
    """The Unix account that a server runs under when the tests themselves run as root."""

    name: str
    uid: int
    gid: int


class SupervisedProcess:
    """One run of a server that keeps its files and its `server.log` in the folder `home`.

    It ends with `signal`, and at the latest when this process ends, even by SIGKILL: then by `last_signal`,
    and `home` goes with it.
    """

    def __init__(
        self, command: Sequence[str], home: Path, last_signal: str = "SIGKILL", account: Account | None = None
    ) -> None:
        who = [] if account is None else ["--user", account.name, "--group", str(account.gid)]
        orders = ["--home", str(home), "--last-signal", last_signal, *who, "--", *command]
        self._log = home / "server.log"
        with self._log.open("ab") as output:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__, *orders],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=home,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop their servers in order
            )

    @property
    def running(self) -> bool:
        return self._supervisor.poll() is None

    def signal(self, name: str, timeout: float = 60) -> None:
        """Send a signal that ends the server, and wait for the end; does nothing after it."""
        if self.running and self._supervisor.stdin is not None:
            self._supervisor.stdin.write(f"{name}\n".encode())
            self._supervisor.stdin.flush()
        self._supervisor.wait(timeout)
        if self._supervisor.stdin is not None:
            self._supervisor.stdin.close()

    def check(self) -> None:
        """Raise ServiceDidNotStart, with the end of its log, if the server has ended."""
        if not self.running:
            last_words = "\n".join(self._log.read_text(errors="replace").splitlines()[-25:])
            code = self._supervisor.returncode
            raise ServiceDidNotStart(f"the server ended with exit code {code}; its last words:\n{last_words}")
