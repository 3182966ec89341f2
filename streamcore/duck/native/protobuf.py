"""Protobuf within columns: `from_protobuf` and `to_protobuf`."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from streamcore.duck.native.registry import over_arrays
from streamcore.formats.batches import over_present
from streamcore.formats.protobuf.decoding import decoder
from streamcore.formats.protobuf.options import protobuf_options
from streamcore.formats.protobuf.writing import encoder
from streamcore.formats.registry.header import headed
from streamcore.formats.registry.protobuf import protobuf_decoder

if TYPE_CHECKING:
    import pyarrow as pa


@over_arrays
def from_protobuf(
    arrays: Sequence[pa.Array], _: pa.DataType, *, files: str, message: str, options: Mapping[str, str]
) -> pa.Array:
    """The structs that messages are; the descriptor set comes as base64."""
    return decoder(base64.b64decode(files), message, protobuf_options(options)).decoded(arrays[0])


@over_arrays
def from_registry(
    arrays: Sequence[pa.Array],
    _: pa.DataType,
    *,
    files: str,
    message: str,
    options: Mapping[str, str],
    registry: str | None,
) -> pa.Array:
    """The structs that messages behind a registry's header are."""
    made = protobuf_decoder(base64.b64decode(files), message, protobuf_options(options), registry)
    return over_present(arrays[0], made.values)


@over_arrays
def to_protobuf(
    arrays: Sequence[pa.Array], _: pa.DataType, *, sql: str, files: str, message: str, header: str = ""
) -> pa.Array:
    """Structs as messages, behind a header in hexadecimal."""
    return headed(header, encoder(sql, base64.b64decode(files), message).encoded(arrays[0]))
