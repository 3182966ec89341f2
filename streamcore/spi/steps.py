"""The named steps of the commit protocol, and the hook that lets a test stop the process at any of them.

The engine calls `reached("write-offsets:before")` when it is about to take a step and
`reached("write-offsets:after")` when it has taken it.  Nothing listens in production: the call is one
global look-up.  `streamcore.testing.crash_points` listens in tests and kills the process.

A connector whose commit has several acts of its own declares inner steps once, at import, so that the
crash tests find them without being told:

>>> declare("doc-sink.rename", owner="the example sink")
'doc-sink.rename'
>>> "doc-sink.rename:before" in crash_points()
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PLAN = "plan"
WRITE_OFFSETS = "write-offsets"
RUN = "run"
SINK_COMMIT = "sink-commit"
WRITE_COMMIT = "write-commit"
SOURCE_COMMIT = "source-commit"

STEPS = (PLAN, WRITE_OFFSETS, RUN, SINK_COMMIT, WRITE_COMMIT, SOURCE_COMMIT)
"""The steps of every micro-batch, in their order; garbage collection belongs to the last."""

_inner: dict[str, str] = {}
_listener: Callable[[str], None] | None = None


def reached(point: str) -> None:
    """Says that the process has come to `point`, "<step>:before" or "<step>:after"."""
    if _listener is not None:
        _listener(point)


def declare(step: str, owner: str) -> str:
    """Names an inner step of `owner` (a sink's module, say) and returns it.

    Raises ValueError for a name that another owner has, or that holds a colon.
    """
    if ":" in step or not step:
        raise ValueError(f"a step is named without a colon, not {step!r}")
    holder = "the commit protocol" if step in STEPS else _inner.get(step, owner)
    if holder != owner:
        raise ValueError(f"the step {step!r} already belongs to {holder}; name yours '<connector>.<act>'")
    _inner[step] = owner
    return step


def steps() -> tuple[str, ...]:
    """The protocol's steps, then the inner ones of all connectors imported so far."""
    return STEPS + tuple(_inner)


def crash_points() -> tuple[str, ...]:
    """Every "<step>:before" and "<step>:after"."""
    return tuple(f"{step}:{side}" for step in steps() for side in ("before", "after"))


def listen(listener: Callable[[str], None] | None) -> None:
    """Calls `listener` with every point from now on; None stops it.  For tests."""
    global _listener  # noqa: PLW0603 - one hook for the process is the point: arming it costs callers nothing
    _listener = listener
