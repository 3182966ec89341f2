"""A variant as an object of Python."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from streamcore.spi.types.variant import VariantType
from streamcore.spi.variant.encoding import Float32, Tree, decoded, encoded
from streamcore.spi.variant.json_text import parsed, python_leaf, written


class VariantVal:
    """A value of any shape, as a column of variants holds it.

    >>> found = VariantVal.parseJson('{"a": [1, 2.5]}')
    >>> found.toPython()
    {'a': [1, Decimal('2.5')]}
    >>> found.toJson()
    '{"a":[1,2.5]}'
    """

    __UDT__ = VariantType()

    def __init__(self, value: bytes | bytearray, metadata: bytes | bytearray) -> None:
        self.value = value
        self.metadata = metadata

    def __str__(self) -> str:
        return self.toJson()

    def __repr__(self) -> str:
        return f"VariantVal({self.value!r}, {self.metadata!r})"

    def toPython(self) -> Any:
        """The value as dicts, lists and plain values."""
        return _plain(decoded(self.value, self.metadata))

    def toJson(self, zone_id: str = "UTC") -> str:
        """The value as JSON; instants are shown in the zone."""
        zone = dt.UTC if zone_id == "UTC" else ZoneInfo(zone_id)
        return written(decoded(self.value, self.metadata), python_leaf(zone))

    @classmethod
    def parseJson(cls, json_str: str) -> VariantVal:
        """The variant of a JSON text.  Raises ValueError where it is none."""
        return cls(*encoded(parsed(json_str)))


def _plain(tree: Tree) -> Any:
    if isinstance(tree, dict):
        return {key: _plain(item) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_plain(item) for item in tree]
    return float(tree) if isinstance(tree, Float32) else tree
