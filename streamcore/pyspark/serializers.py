"""Serializers that programs hand to `SparkContext`; it takes any, and chooses its own way."""

from __future__ import annotations

import marshal
import pickle
from typing import Any

import cloudpickle  # type: ignore[import-untyped]


class CPickleSerializer:
    """Pickles values; only for bytes that this program itself has written."""

    def dumps(self, obj: Any) -> bytes:
        """Return the bytes of a value."""
        return pickle.dumps(obj, protocol=5)

    def loads(self, obj: bytes) -> Any:
        """Return the value of bytes."""
        return pickle.loads(obj)  # noqa: S301 - what it is for


PickleSerializer = CPickleSerializer


class CloudPickleSerializer(CPickleSerializer):
    """Pickles functions too."""

    def dumps(self, obj: Any) -> bytes:
        """Return the bytes of a value."""
        data: bytes = cloudpickle.dumps(obj, protocol=5)
        return data


class MarshalSerializer:
    """Python's own format for numbers, text and containers of them."""

    def dumps(self, obj: Any) -> bytes:
        """Return the bytes of a value."""
        return marshal.dumps(obj)

    def loads(self, obj: bytes) -> Any:
        """Return the value of bytes."""
        return marshal.loads(obj)  # noqa: S302 - what it is for


class NoOpSerializer:
    """Leaves bytes as they are."""

    def dumps(self, obj: bytes) -> bytes:
        """Return `obj`."""
        return obj

    def loads(self, obj: bytes) -> bytes:
        """Return `obj`."""
        return obj


class UTF8Deserializer:
    """Decodes text; None when `use_unicode` is false, which leaves bytes."""

    def __init__(self, use_unicode: bool = True) -> None:
        self.use_unicode = use_unicode

    def loads(self, obj: bytes) -> str | bytes:
        """Return the text of bytes."""
        return obj.decode("utf-8") if self.use_unicode else obj


class BatchedSerializer:
    """Names another serializer and a batch size; batches are chosen by size here."""

    def __init__(self, serializer: Any, batchSize: int = -1) -> None:
        self.serializer = serializer
        self.batchSize = batchSize

    def dumps(self, obj: Any) -> bytes:
        """Return the bytes of a value."""
        data: bytes = self.serializer.dumps(obj)
        return data

    def loads(self, obj: bytes) -> Any:
        """Return the value of bytes."""
        return self.serializer.loads(obj)


class AutoBatchedSerializer(BatchedSerializer):
    """The same, for programs that ask for it by this name."""
