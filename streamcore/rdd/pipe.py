"""Sending a partition through an external command."""

from __future__ import annotations

import shlex
import subprocess
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

from streamcore.errors import StreamcoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Pipe:
    """Writes records as lines to a command's standard input and yields the lines of its output.

    A record that cannot be produced fails the task, as it does everywhere else.
    """

    def __init__(self, command: str, env: Mapping[str, str], check_code: bool) -> None:
        self._command = command
        self._env = dict(env)
        self._check_code = check_code

    def __call__(self, _: int, records: Iterable[Any]) -> Iterator[str]:
        process = subprocess.Popen(
            shlex.split(self._command), env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        assert process.stdout is not None
        failures: list[BaseException] = []
        writer = Thread(target=_feed, args=(records, process.stdin, failures), daemon=True)
        writer.start()
        try:
            for line in process.stdout:
                yield line.rstrip(b"\n").decode()
            writer.join()
            code = process.wait()
        finally:
            process.stdout.close()
            if process.poll() is None:
                process.kill()
                process.wait()
        if failures:
            raise failures[0]
        if self._check_code and code:
            raise StreamcoreError(f"the command {self._command!r} of pipe ended with code {code}")


def _feed(records: Iterable[Any], stdin: IO[bytes], failures: list[BaseException]) -> None:
    try:
        with stdin:
            for record in records:
                stdin.write(str(record).rstrip("\n").encode() + b"\n")
    except BrokenPipeError:
        return  # the command has read all it wanted
    except BaseException as error:  # noqa: BLE001 - raised again by the task
        failures.append(error)
