"""Ending work at once: whoever starts work holds the Interruption, whoever does it looks at it.

The engine puts the work of a query under one Interruption, in each thread that does a part of it.  What may
take long without a statement of the engine (a loop that waits for a broker) calls `raise_if_interrupted`
now and then, where nothing is half done.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from streamcore.errors import WorkInterrupted

_here = threading.local()


class Interruption:
    """Whether some work is to end at once; once asked for it stays so."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """From now on the work ends as soon as it can."""
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        """Whether the work is to end."""
        return self._asked.is_set()


def current_interruption() -> Interruption | None:
    """What this thread's work can be ended by; None when by nothing."""
    return getattr(_here, "interruption", None)


@contextmanager
def interruptible(interruption: Interruption | None) -> Iterator[None]:
    """The block is work that `interruption` ends.

    >>> asked = Interruption()
    >>> with interruptible(asked):
    ...     raise_if_interrupted()
    ...     asked.ask()
    ...     raise_if_interrupted()
    Traceback (most recent call last):
    streamcore.errors.WorkInterrupted: the work was interrupted
    """
    before = current_interruption()
    _here.interruption = interruption
    try:
        yield
    finally:
        _here.interruption = before


def raise_if_interrupted() -> None:
    """Raises WorkInterrupted when this thread's work is to end."""
    interruption = current_interruption()
    if interruption is not None and interruption.is_asked:
        raise WorkInterrupted("the work was interrupted")
