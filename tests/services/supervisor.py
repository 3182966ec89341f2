"""Runs one server and takes it along when whoever asked for it is gone.

Started as a script by `SupervisedProcess`. Each line on standard input is the name of a signal for the
server; the end of standard input means that the asking process has ended, however it ended, and the server
must too. A pipe does this on every Unix; PR_SET_PDEATHSIG exists on Linux alone and follows a thread.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading


def relay(server: subprocess.Popen[bytes], last_signal: signal.Signals, orphaned: threading.Event) -> None:
    for line in sys.stdin:
        send(server, signal.Signals[line.strip()])
    orphaned.set()
    send(server, last_signal)


def send(server: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        server.send_signal(number)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--last-signal", default="SIGKILL")
    parser.add_argument("--user", default=None)
    parser.add_argument("--group", type=int, default=None)
    parser.add_argument("--home", required=True, help="removed when the asking process ended first")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args()
    server = subprocess.Popen(
        asked.command,
        stdin=subprocess.DEVNULL,
        user=asked.user,
        group=asked.group,
        extra_groups=None if asked.user is None else [],
    )
    orphaned = threading.Event()
    last_signal = signal.Signals[asked.last_signal]
    threading.Thread(target=relay, args=(server, last_signal, orphaned), daemon=True).start()
    code = server.wait()
    if orphaned.is_set():
        shutil.rmtree(asked.home, ignore_errors=True)
    # A daemon thread may hold the lock of standard input: leave without the interpreter's farewell.
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
