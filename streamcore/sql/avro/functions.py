"""Avro within columns: bytes of messages as values, and back."""

from __future__ import annotations

from collections.abc import Mapping

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.formats.registry.avro import avro_registry, schema_to_read, schema_to_write
from streamcore.formats.registry.connections import connect
from streamcore.formats.registry.header import with_header
from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal, options_map

__all__ = ["from_avro", "to_avro"]


def from_avro(
    data: ColumnOrName,
    jsonFormatSchema: str | None = None,
    options: Mapping[str, str] | None = None,
    subject: str | None = None,
    schemaRegistryAddress: str | None = None,
) -> Column:
    """Read binary values that were written by an Avro schema, or by the schemas of a registry.

    Parameters
    ----------
    data
        The binary column.
    jsonFormatSchema
        The schema that wrote the values, as JSON.  With a registry it is the one to read into, instead of
        the latest of the subject.
    options
        `mode` FAILFAST (as it is) or PERMISSIVE, `avroSchema` for the reader's schema,
        `enableStableIdentifiersForUnionType`, `stableIdentifierPrefixForUnionType`,
        `recursiveFieldMaxDepth`; with a registry also `confluent.schema.registry.<setting>`.
    subject, schemaRegistryAddress
        A registry with Confluent's API, whose header the values bear: each is read by the schema that wrote
        it, and evolved by Avro's rules.
    """
    _check_column(data)
    if options is not None and not isinstance(options, Mapping):
        raise _wrong_type("options", "dict, optional")
    said, rest = avro_registry(options or {}, schemaRegistryAddress, subject, "from_avro")
    if said is None:
        _check_text(jsonFormatSchema)
        return function("from_avro", expression(data), literal(jsonFormatSchema), *options_map(rest))
    wanted = schema_to_read(said, jsonFormatSchema)
    named = connect(said).reference
    return function(
        "from_avro_registry", expression(data), literal(wanted), literal(named), *options_map(rest)
    )


def to_avro(
    data: ColumnOrName,
    jsonFormatSchema: str = "",
    options: Mapping[str, str] | None = None,
    subject: str | None = None,
    schemaRegistryAddress: str | None = None,
) -> Column:
    """Write values as Avro: by a schema, by the one that the column's type makes, or by one of a registry.

    Parameters
    ----------
    data
        The column.
    jsonFormatSchema
        The schema to write by, as JSON.
    options
        Of a registry: `confluent.schema.registry.<setting>`, and `auto.register.schemas` to register the
        schema if the subject has it not.
    subject, schemaRegistryAddress
        A registry with Confluent's API, whose header the values get: with the id of the schema given, or of
        the subject's latest.
    """
    _check_column(data)
    _check_text(jsonFormatSchema)
    said, rest = avro_registry(options or {}, schemaRegistryAddress, subject, "to_avro")
    for name in rest:
        raise IllegalArgumentException(f"to_avro() does not know the option {name!r}")
    if said is None:
        return function(
            "to_avro", expression(data), *([literal(jsonFormatSchema)] if jsonFormatSchema else [])
        )
    schema, number = schema_to_write(said, jsonFormatSchema)
    header = with_header(number, b"").hex()
    return function("to_avro_registry", expression(data), literal(schema), literal(header))


def _check_column(data: object) -> None:
    if not isinstance(data, Column | str):
        raise _wrong_type("data", "pyspark.sql.Column or str")


def _check_text(schema: object) -> None:
    if not isinstance(schema, str):
        raise _wrong_type("jsonFormatSchema", "str")


def _wrong_type(name: str, kind: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"[INVALID_TYPE] Argument `{name}` should not be of another type than {kind}.")
