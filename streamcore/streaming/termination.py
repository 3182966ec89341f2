"""SIGTERM as Ctrl-C: the program ends in order, and its queries at a batch boundary."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from streamcore.errors import IllegalArgumentException

_EXIT_CODE = 128 + signal.SIGTERM


@contextmanager
def ends_in_order() -> Iterator[None]:
    """Within the block SIGTERM raises SystemExit(143) in the main thread, as Ctrl-C raises KeyboardInterrupt.

    Only in the main thread, and only where the program has no handler of its own.  A second SIGTERM, while
    the program ends, ends it at once.
    """
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if not is_ours:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _end:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_EXIT_CODE)


def require_positive_timeout(timeout: object) -> None:
    """Raises IllegalArgumentException unless it is None or a number of seconds above 0."""
    if timeout is not None and (not isinstance(timeout, int | float) or timeout <= 0):
        raise IllegalArgumentException(
            f"[VALUE_NOT_POSITIVE] Value for `timeout` must be positive, got {timeout!r}."
        )
