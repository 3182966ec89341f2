"""Avro by a registry: the schema to read into and to write by, and the decoder of what any schema wrote."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.formats.avro.decoding import decoder
from streamcore.formats.avro.options import AvroOptions
from streamcore.formats.batches import Decoder
from streamcore.formats.registry.connections import FoundSchema, connect, connection
from streamcore.formats.registry.options import RegistryOptions, registry_options
from streamcore.formats.registry.reading import RegistryDecoder, registry_decoder


def avro_registry(
    options: Mapping[str, Any], address: str | None, subject: str | None, function: str
) -> tuple[RegistryOptions | None, dict[str, str]]:
    """The registry that is meant, None for none, and the options that are Avro's own."""
    said, rest = registry_options(options, address, subject)
    if said is None and subject is not None:
        raise AnalysisException(f"{function}() was given a subject and no schemaRegistryAddress.")
    return said, rest


def schema_to_read(said: RegistryOptions, given: str | None) -> str:
    """The schema to read into: the one that was given, or the latest of the subject."""
    if given:
        return given
    if said.subject is None:
        raise AnalysisException(
            "from_avro() with a schema registry needs a subject, or the schema to read into."
        )
    return _text(connect(said).latest(said.subject))


def schema_to_write(said: RegistryOptions, given: str | None) -> tuple[str, int]:
    """The schema to write by, and its id: the one that was given, or the latest of the subject."""
    if said.subject is None:
        raise AnalysisException("to_avro() with a schema registry needs a subject.")
    if given:
        return given, connect(said).id_of(said.subject, given, "AVRO", registers=said.registers)
    found = connect(said).latest(said.subject)
    return _text(found), found.id


@functools.lru_cache(maxsize=256)
def avro_decoder(wanted: str, options: AvroOptions, reference: str) -> RegistryDecoder:
    """The decoder of messages that schemas of a registry wrote, into one schema."""
    options = replace(options, reader_schema=options.reader_schema or wanted)

    def of(schema_id: int, data: bytes) -> tuple[Decoder, bytes]:
        return decoder(_text(connection(reference).by_id(schema_id)), options), data

    return registry_decoder(decoder(wanted, options), of)


def _text(found: FoundSchema) -> str:
    if found.references:
        names = ", ".join(name for name, _ in found.references)
        raise UnsupportedOperationException(
            f"The schema of the id {found.id} refers to others ({names}), which is not offered for Avro: "
            "register it with their types written out."
        )
    return found.text
