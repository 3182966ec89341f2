"""Avro within columns: `from_avro` and `to_avro`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from streamcore.duck.native.registry import over_arrays
from streamcore.formats.avro.decoding import decoder
from streamcore.formats.avro.options import avro_options
from streamcore.formats.avro.writing import encoder
from streamcore.formats.batches import over_present
from streamcore.formats.registry.avro import avro_decoder
from streamcore.formats.registry.header import headed

if TYPE_CHECKING:
    import pyarrow as pa


@over_arrays
def from_avro(
    arrays: Sequence[pa.Array], _: pa.DataType, *, schema: str, options: Mapping[str, str]
) -> pa.Array:
    """The values that bytes of a schema are."""
    return decoder(schema, avro_options(options)).decoded(arrays[0])


@over_arrays
def from_registry(
    arrays: Sequence[pa.Array], _: pa.DataType, *, schema: str, options: Mapping[str, str], registry: str
) -> pa.Array:
    """The values that messages of a registry's schemas are, in one schema."""
    return over_present(arrays[0], avro_decoder(schema, avro_options(options), registry).values)


@over_arrays
def to_avro(
    arrays: Sequence[pa.Array],
    _: pa.DataType,
    *,
    sql: str,
    nullable: bool,
    schema: str | None,
    header: str = "",
) -> pa.Array:
    """Values as bytes of a schema, or of the one that their type makes, behind a header in hexadecimal."""
    return headed(header, encoder(sql, nullable, schema).encoded(arrays[0]))
