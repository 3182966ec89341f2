"""Which partition a key belongs to: the same in every process, on every day."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

_MASK = (1 << 64) - 1
# With PYTHONHASHSEED=0, as the workers have it, the interpreter's own hash of text is the fixed one.
_FIXED_SEED = sys.flags.hash_randomization == 0
_STABLE = frozenset({int, float, bool} | ({str, bytes} if _FIXED_SEED else set()))


def portable_hash(x: Hashable) -> int:
    """Return a hash of `x` that does not depend on the process, for keys of partitions.

    Equal to PySpark's under `PYTHONHASHSEED=0`: None hashes to 0, a tuple by its items, text and bytes by
    SipHash-1-3 with a zero key, all else by `hash`.  Objects whose `hash` depends on that of text get the
    fixed value in workers only; the driver asks a worker for those.

    >>> portable_hash(None), portable_hash("streamcore") == portable_hash("streamcore")
    (0, True)
    >>> portable_hash((None, 1)) & 0xffffffff
    219750521
    """
    if x is None:
        return 0
    if isinstance(x, tuple):
        value = 0x345678
        for item in x:
            value = ((value ^ portable_hash(item)) * 1000003) & sys.maxsize
        return value ^ len(x)
    if not _FIXED_SEED:
        if isinstance(x, str):
            return _text_hash(x)
        if isinstance(x, bytes):
            return siphash13(x)
    return hash(x)


def is_portable(x: object) -> bool:
    """Say whether `portable_hash` of `x` is the same in this process as in a worker."""
    if _FIXED_SEED or x is None or isinstance(x, (int, float, str, bytes)):
        return True
    return type(x) is tuple and all(map(is_portable, x))


class Partitioner:
    """A number of partitions and a function from keys to integers; two with the same of both are equal.

    >>> Partitioner(4, portable_hash)(6)
    2
    """

    __slots__ = ("numPartitions", "partitionFunc")

    def __init__(self, numPartitions: int, partitionFunc: Callable[[Any], int]) -> None:
        self.numPartitions = numPartitions
        self.partitionFunc = partitionFunc

    def __call__(self, key: Any) -> int:
        return self.partitionFunc(key) % self.numPartitions

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Partitioner)
            and self.numPartitions == other.numPartitions
            and self.partitionFunc == other.partitionFunc
        )

    def __hash__(self) -> int:
        return hash((self.numPartitions, self.partitionFunc))

    def of_all(self, keys: Sequence[Any]) -> list[int]:
        """Return the partition of each key."""
        function, n = self.partitionFunc, self.numPartitions
        if function is portable_hash and set(map(type, keys)) <= _STABLE:
            return [hash(key) % n for key in keys]
        return [function(key) % n for key in keys]


@lru_cache(maxsize=65536)
def _text_hash(text: str) -> int:
    """Return CPython's hash of a str: SipHash over its characters in their narrowest fixed width."""
    widest = max(map(ord, text), default=0)
    encoding = "latin-1" if widest < 0x100 else f"utf-{16 if widest < 0x10000 else 32}-{sys.byteorder[0]}e"
    return siphash13(text.encode(encoding, "surrogatepass"))


def siphash13(data: bytes) -> int:
    """Return SipHash-1-3 of `data` under a zero key as CPython's signed hash; 0 of nothing.

    >>> siphash13(b"") == hash("") == 0
    True
    """
    if not data:
        return 0
    state = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        state = _absorb(state, int.from_bytes(data[at : at + 8], "little"))
    last = int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56
    a, b, c, d = _absorb(state, last)
    state = (a, b, c ^ 0xFF, d)
    for _ in range(3):
        state = _round(*state)
    a, b, c, d = state
    value = a ^ b ^ c ^ d
    signed = value - (1 << 64) if value >> 63 else value
    return -2 if signed == -1 else signed


def _absorb(state: tuple[int, int, int, int], word: int) -> tuple[int, int, int, int]:
    a, b, c, d = state
    a, b, c, d = _round(a, b, c, d ^ word)
    return a ^ word, b, c, d


def _round(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    a = (a + b) & _MASK
    c = (c + d) & _MASK
    b = _rotate(b, 13) ^ a
    d = _rotate(d, 16) ^ c
    a = _rotate(a, 32)
    c = (c + b) & _MASK
    a = (a + d) & _MASK
    b = _rotate(b, 17) ^ c
    d = _rotate(d, 21) ^ a
    return a, b, _rotate(c, 32), d


def _rotate(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK
