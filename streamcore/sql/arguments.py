"""The kinds of arguments that the DataFrame API takes; another kind is refused, never taken for something."""

from __future__ import annotations

import json
from typing import Any

from streamcore.errors import ArgumentTypeError, IllegalArgumentException


def require_kind(value: Any, argument: str, kinds: type | tuple[type, ...], words: str) -> None:
    """Raises ArgumentTypeError unless the value is of one of these kinds; a bool is no number.

    >>> require_kind("x", "num", int, "int")
    Traceback (most recent call last):
    streamcore.errors.ArgumentTypeError: [NOT_EXPECTED_TYPE] Argument `num` should be int, got str.
    """
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if isinstance(value, wanted) and (not isinstance(value, bool) or bool in wanted):
        return
    raise ArgumentTypeError(
        f"[NOT_EXPECTED_TYPE] Argument `{argument}` should be {words}, got {type(value).__name__}."
    )


def names_in(subset: Any, every: list[str], argument: str = "subset") -> list[str]:
    """The columns that a subset names: one name, several, or all for None."""
    if subset is None:
        return every
    require_kind(subset, argument, (str, list, tuple), "str, list or tuple")
    names = [subset] if isinstance(subset, str) else list(subset)
    for name in names:
        require_kind(name, argument, str, "str")
    return names


def given_options(arguments: dict[str, Any], *others: str) -> dict[str, Any]:
    """The arguments of a method (its `locals()`) that are options of a format: all but `others`."""
    return {name: value for name, value in arguments.items() if name not in ("self", *others)}


def metadata_of(value: Any) -> dict[str, Any]:
    """The metadata of a column: a dict of values that JSON can hold.

    >>> metadata_of({"unit": "s"})
    {'unit': 's'}
    """
    require_kind(value, "metadata", dict, "dict")
    try:
        read: dict[str, Any] = json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise IllegalArgumentException(f"a column's metadata has to be a JSON object: {error}") from error
    return read
