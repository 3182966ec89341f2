"""Reading a JSON object strictly: every field is there, has its type, and none is left over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Fields:
    """The fields of one JSON object, taken one by one; ValueError says what is wrong.

    >>> fields = Fields.parse('{"batch_id":3,"note":"x"}')
    >>> fields.integer("batch_id")
    3
    >>> fields.finish()
    Traceback (most recent call last):
    ...
    ValueError: the field 'note' is not known
    """

    def __init__(self, values: object) -> None:
        self._values = _object(values)

    @classmethod
    def parse(cls, text: str) -> Fields:
        """The object written in `text`."""
        return cls(json.loads(text))

    def any(self, key: str) -> Any:
        """The value of `key`, whatever it is."""
        if key not in self._values:
            raise ValueError(f"the field {key!r} is missing")
        return self._values.pop(key)

    def integer(self, key: str) -> int:
        """The value of `key`, which must be an integer."""
        return integer(self.any(key), key)

    def optional_integer(self, key: str) -> int | None:
        """The value of `key`, which must be an integer or null."""
        value = self.any(key)
        return None if value is None else integer(value, key)

    def text(self, key: str) -> str:
        """The value of `key`, which must be a string."""
        return text(self.any(key), key)

    def mapping(self, key: str, read: Callable[[Any, str], _T]) -> dict[str, _T]:
        """The object under `key`, each value through `read(value, its key)`."""
        return {name: read(value, name) for name, value in _object(self.any(key)).items()}

    def finish(self) -> None:
        """Raises for the first field that nobody took."""
        for key in sorted(self._values):
            raise ValueError(f"the field {key!r} is not known")


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - every defect is one kind of error
    return dict(value)


def integer(value: Any, key: str) -> int:
    """`value`, which must be an integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"the field {key!r} is not an integer")  # noqa: TRY004 - see Fields
    return value


def text(value: Any, key: str) -> str:
    """`value`, which must be a string."""
    if not isinstance(value, str):
        raise ValueError(f"the field {key!r} is not a string")  # noqa: TRY004 - see Fields
    return value
