"""Named arrays as bytes: the same arrays give the same bytes, and no code is run to read them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from streamcore.errors import StreamcoreError

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""Arrays of numbers and booleans, by name."""

_TYPES = frozenset("?bhilqBHILQefd")
_TAKEN = "__metadata__"


class NotTensors(StreamcoreError):
    """Bytes that no arrays can be read from, or arrays that cannot be written as bytes."""


def encode(arrays: Arrays) -> bytes:
    """The arrays in the format safetensors; neither their order nor their layout in memory shows.

    Raises NotTensors, which names the array, for one whose elements are neither numbers nor booleans.

    >>> encode({"b": np.zeros(2), "a": np.ones(())}) == encode({"a": np.ones(()), "b": np.zeros(2)})
    True
    """
    from safetensors.numpy import save

    return bytes(save({name: _plain(name, arrays[name]) for name in sorted(arrays)}))


def _plain(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if name == _TAKEN:
        raise NotTensors(f"the name {name!r} of an array means something else in the format safetensors")
    if array.dtype.char not in _TYPES:
        raise NotTensors(
            f"the array {name!r} has elements of the type {array.dtype}; numbers and booleans can be kept"
        )
    # safetensors takes the memory as it lies there, whatever the strides say.
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def decode(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays that `encode` was given; NotTensors when these bytes hold none.

    >>> decode(encode({"weights": np.array([0.5, -1.0])}))
    {'weights': array([ 0.5, -1. ])}
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load(data))
    except (SafetensorError, KeyError, ValueError) as error:
        raise NotTensors(f"these {len(data)} bytes hold no arrays: {error}") from error


def digest(data: bytes) -> str:
    """The SHA-256 of the bytes in hex digits: the name of what they are."""
    return hashlib.sha256(data).hexdigest()
