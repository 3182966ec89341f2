"""Threads that start with the job group, description, tags and properties of the thread that made them."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from streamcore.context import Context
from streamcore.sql.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


class InheritableThread(threading.Thread):
    """A thread whose jobs belong to the job group of the thread that started it."""

    def start(self) -> None:
        """Start the thread with a copy of this thread's properties."""
        self.run = _with_properties(self.run, _properties())  # type: ignore[method-assign]
        super().start()


@overload
def inheritable_thread_target(f: Session | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
@overload
def inheritable_thread_target(f: Callable[P, R]) -> Callable[P, R]: ...
def inheritable_thread_target(f: Callable[..., Any] | Session | None = None) -> Any:
    """Return a function that runs `f` with the properties of the thread that calls this; or a decorator.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> context = Context.getOrCreate()
    >>> context.setLocalProperty("who", "me")
    >>> with ThreadPoolExecutor(1) as pool:
    ...     pool.submit(inheritable_thread_target(lambda: context.getLocalProperty("who"))).result()
    'me'
    """
    if f is None or isinstance(f, Session):
        return inheritable_thread_target
    return functools.wraps(f)(_with_properties(f, _properties()))


def _properties() -> dict[str, str]:
    context = Context._active  # noqa: SLF001 - asking must not make a context
    return {} if context is None else context._local.all()  # noqa: SLF001


def _with_properties(function: Callable[P, R], properties: dict[str, str]) -> Callable[P, R]:
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        context = Context._active  # noqa: SLF001
        if context is not None:
            for key, value in properties.items():
                context.setLocalProperty(key, value)
        return function(*args, **kwargs)

    return run
