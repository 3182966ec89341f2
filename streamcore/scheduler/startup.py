"""What a worker does before its first task: calls that parts above the scheduler ask for, by name.

By name, because a worker is a new process that has imported nothing yet.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_calls: dict[str, None] = {}


def add_start_call(target: str) -> None:
    """Let every worker that starts from now on call `module:function` first."""
    _calls[target] = None


def remove_start_call(target: str) -> None:
    """Undo `add_start_call`; nothing when it was not called."""
    _calls.pop(target, None)


def start_calls() -> tuple[str, ...]:
    """Return the calls asked for, in order."""
    return tuple(_calls)


def run_start_calls(targets: Iterable[str]) -> None:
    """Make the calls; in the worker."""
    for target in targets:
        module, _, function = target.partition(":")
        getattr(import_module(module), function)()
