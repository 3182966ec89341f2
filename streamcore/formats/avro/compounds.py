"""Values of Avro with parts, made of readers of their parts; what is wrong within names the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streamcore.formats.avro.primitives import Read, long_at, string_at
from streamcore.formats.malformed import Malformed

_NOTHINGS = 1_000_000
"""How many items of no bytes (null, a record without fields) a block may have: bytes do not bound them."""


def failing(reason: str) -> Read:
    """What fails for every row that has it."""

    def run(_: bytes, __: int) -> tuple[Any, int]:
        raise Malformed(reason)

    return run


def without_value(read: Read) -> Read:
    """A member that is left out of the result."""

    def run(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        return {}, read(data, at)[1]

    return run


def as_member(name: str, read: Read) -> Read:
    """A member of a union's struct."""

    def run(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        value, at = read(data, at)
        return {name: value}, at

    return run


def branching(branches: Sequence[Read]) -> Read:
    """The branch of a union that its number says."""
    count = len(branches)

    def run(data: bytes, at: int) -> tuple[Any, int]:
        branch, at = long_at(data, at)
        if not 0 <= branch < count:
            raise Malformed(f"a union of {count} has no branch {branch}")
        return branches[branch](data, at)

    return run


def recorded(steps: Sequence[tuple[str, str | None, Read]], defaults: Mapping[str, Any]) -> Read:
    """The fields of a record; one without a name to read into is passed over."""

    def run(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        found = dict(defaults)
        name = ""
        try:
            for name, into, read in steps:  # noqa: B007 - the name of the field that fails
                value, at = read(data, at)
                if into is not None:
                    found[into] = value
        except Malformed as error:
            raise error.within(name) from None
        return found, at

    return run


def _blocks(data: bytes, at: int) -> tuple[int, int]:
    """The number of items in the next block; its size in bytes, if given, is passed over."""
    count, at = long_at(data, at)
    if count < 0:
        _, at = long_at(data, at)
        count = -count
    if count > len(data) - at + _NOTHINGS:
        raise Malformed(f"a block of {count} items in {len(data) - at} bytes")
    return count, at


def listed(read: Read) -> Read:
    """The items of an array, block by block."""

    def run(data: bytes, at: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        try:
            count, at = _blocks(data, at)
            while count:
                for _ in range(count):
                    value, at = read(data, at)
                    found.append(value)
                count, at = _blocks(data, at)
        except Malformed as error:
            raise error.within("element") from None
        return found, at

    return run


def mapped(read: Read) -> Read:
    """The entries of a map; of two equal keys the last counts."""

    def run(data: bytes, at: int) -> tuple[list[tuple[str, Any]], int]:
        found: dict[str, Any] = {}
        try:
            count, at = _blocks(data, at)
            while count:
                for _ in range(count):
                    key, at = string_at(data, at)
                    found[key], at = read(data, at)
                count, at = _blocks(data, at)
        except Malformed as error:
            raise error.within("value") from None
        return list(found.items()), at

    return run
