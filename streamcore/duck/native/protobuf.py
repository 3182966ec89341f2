"""Protobuf within columns: `from_protobuf` and `to_protobuf`."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from streamcore.duck.native.registry import over_arrays
from streamcore.formats.protobuf.decoding import decoder
from streamcore.formats.protobuf.options import protobuf_options
from streamcore.formats.protobuf.writing import encoder

if TYPE_CHECKING:
    import pyarrow as pa


@over_arrays
def from_protobuf(
    arrays: Sequence[pa.Array], _: pa.DataType, *, files: str, message: str, options: Mapping[str, str]
) -> pa.Array:
    """The structs that messages are; the descriptor set comes as base64."""
    return decoder(base64.b64decode(files), message, protobuf_options(options)).decoded(arrays[0])


@over_arrays
def to_protobuf(
    arrays: Sequence[pa.Array], _: pa.DataType, *, sql: str, files: str, message: str
) -> pa.Array:
    """Structs as messages."""
    return encoder(sql, base64.b64decode(files), message).encoded(arrays[0])
