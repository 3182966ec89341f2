"""Avro within columns: bytes of messages as values, and back."""

from __future__ import annotations

from collections.abc import Mapping

from streamcore.errors import ArgumentTypeError
from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal, options_map

__all__ = ["from_avro", "to_avro"]


def from_avro(data: ColumnOrName, jsonFormatSchema: str, options: Mapping[str, str] | None = None) -> Column:
    """Read binary values that were written by an Avro schema.

    Parameters
    ----------
    data
        The binary column.
    jsonFormatSchema
        The schema that wrote the values, as JSON.
    options
        `mode` FAILFAST (as it is) or PERMISSIVE, `avroSchema` for the reader's schema,
        `enableStableIdentifiersForUnionType`, `stableIdentifierPrefixForUnionType`,
        `recursiveFieldMaxDepth`.
    """
    _check_column(data)
    _check_text(jsonFormatSchema)
    if options is not None and not isinstance(options, Mapping):
        raise _wrong_type("options", "dict, optional")
    return function("from_avro", expression(data), literal(jsonFormatSchema), *options_map(options))


def to_avro(data: ColumnOrName, jsonFormatSchema: str = "") -> Column:
    """Write values as Avro, by a schema or by the one that the column's type makes.

    Parameters
    ----------
    data
        The column.
    jsonFormatSchema
        The schema to write by, as JSON.
    """
    _check_column(data)
    _check_text(jsonFormatSchema)
    return function("to_avro", expression(data), *([literal(jsonFormatSchema)] if jsonFormatSchema else []))


def _check_column(data: object) -> None:
    if not isinstance(data, Column | str):
        raise _wrong_type("data", "pyspark.sql.Column or str")


def _check_text(schema: object) -> None:
    if not isinstance(schema, str):
        raise _wrong_type("jsonFormatSchema", "str")


def _wrong_type(name: str, kind: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"[INVALID_TYPE] Argument `{name}` should not be of another type than {kind}.")
