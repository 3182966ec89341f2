"""Avro within columns: `from_avro` and `to_avro`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from streamcore.duck.native.registry import over_arrays
from streamcore.formats.avro.decoding import decoder
from streamcore.formats.avro.options import avro_options
from streamcore.formats.avro.writing import encoder

if TYPE_CHECKING:
    import pyarrow as pa


@over_arrays
def from_avro(
    arrays: Sequence[pa.Array], _: pa.DataType, *, schema: str, options: Mapping[str, str]
) -> pa.Array:
    """The values that bytes of a schema are."""
    return decoder(schema, avro_options(options)).decoded(arrays[0])


@over_arrays
def to_avro(
    arrays: Sequence[pa.Array], _: pa.DataType, *, sql: str, nullable: bool, schema: str | None
) -> pa.Array:
    """Values as bytes of a schema, or of the one that their type makes."""
    return encoder(sql, nullable, schema).encoded(arrays[0])
