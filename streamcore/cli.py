"""The command line: `streamcore COMMAND ...`, or `python -m streamcore COMMAND ...`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from streamcore.commands import checkpoint, files, models, rewind, run
from streamcore.errors import StreamcoreError
from streamcore.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_BROKEN_PIPE = 128 + 13


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns 0 when it did its work, 1 with a message on stderr when it was refused, 141 when whoever read
    its output went away.
    """
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read what is printed, `head` say, has seen enough; the interpreter must not flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE


def _run(arguments: Sequence[str] | None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except StreamcoreError as error:
        print(f"streamcore: {error}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="streamcore", description="Structured streaming without a JVM.")
    parser.add_argument("--version", action="version", version=f"streamcore {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (checkpoint, files, models, rewind, run):
        module.register(commands)
    return parser
