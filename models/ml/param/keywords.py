"""Constructors and setters that take keywords only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def keyword_only(func: F) -> F:
    """A method that refuses positional arguments, and leaves the keywords in `self._input_kwargs`.

    So a constructor knows which of its arguments were given: `self.setParams(**self._input_kwargs)`.
    """

    @functools.wraps(func)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args:
            raise TypeError(f"Method {func.__name__} forces keyword arguments.")
        self._input_kwargs = kwargs
        return func(self, **kwargs)

    return cast("F", wrapper)
