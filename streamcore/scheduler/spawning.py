"""Child processes of this Python: started from scratch, tied to the driver by one pipe and its death."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from importlib import import_module; import_module(sys.argv[3]).main(int(sys.argv[1]))"
)


def child_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a child: those of this process, and `more`.

    Text hashes with a fixed seed, so that it does the same in every child.
    """
    # A task has one core: a numerical library with threads of its own would take those of its siblings.
    return {"OMP_NUM_THREADS": "1", **os.environ, **(more or {}), "PYTHONHASHSEED": "0"}


def spawn(
    module: str, handle: int, environment: Mapping[str, str], python: str = sys.executable
) -> subprocess.Popen[bytes]:
    """Starts a child that calls `main(handle)` of `module`; it alone inherits the pipe `handle`.

    Its standard input is a pipe that ends when this process does (see `streamcore.scheduler.attachment`).
    """
    command = [python, "-c", _BOOT, str(handle), json.dumps(sys.path), module]
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)  # noqa: FBT003
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, startupinfo=startup)
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, pass_fds=(handle,))


def cause_of_death(code: int) -> str:
    """What an exit code says.

    >>> cause_of_death(-9)
    'signal 9'
    """
    return f"signal {-code}" if code < 0 else f"exit code {code}"
