"""CSV and XML within columns, XPath, and the schemas of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamcore.plan.expressions import call
from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.spi.types import StructType

Options = Mapping[str, str]


def _said(options: Options | None) -> list[exp.Expression]:
    if not options:
        return []
    return [call("map", *(literal(str(part)) for pair in options.items() for part in pair))]


def from_csv(col: ColumnOrName, schema: Column | str, options: Options | None = None) -> Column:
    """A CSV line as a struct of the schema; a field that does not fit is null."""
    return function("from_csv", expression(col), literal(schema), *_said(options))


def to_csv(col: ColumnOrName, options: Options | None = None) -> Column:
    """A struct as a CSV line."""
    return function("to_csv", expression(col), *_said(options))


def schema_of_csv(csv: Column | str, options: Options | None = None) -> Column:
    """The schema of a CSV line, in DDL."""
    return function("schema_of_csv", literal(csv), *_said(options))


def schema_of_json(json: Column | str, options: Options | None = None) -> Column:
    """The schema of a JSON text, in DDL."""
    return function("schema_of_json", literal(json), *_said(options))


def from_xml(col: ColumnOrName, schema: StructType | Column | str, options: Options | None = None) -> Column:
    """An XML element as a struct of the schema; what does not fit is null.  No entity is looked up."""
    shape = schema if isinstance(schema, Column | str) else schema.json()
    return function("from_xml", expression(col), literal(shape), *_said(options))


def to_xml(col: ColumnOrName, options: Options | None = None) -> Column:
    """A struct as an XML element."""
    return function("to_xml", expression(col), *_said(options))


def schema_of_xml(xml: Column | str, options: Options | None = None) -> Column:
    """The schema of an XML element, in DDL."""
    return function("schema_of_xml", literal(xml), *_said(options))


def xpath(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The values of the nodes at an XPath."""
    return function("xpath", expression(xml), expression(path))


def xpath_boolean(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """Whether something is at an XPath."""
    return function("xpath_boolean", expression(xml), expression(path))


def xpath_double(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The number at an XPath, as a double."""
    return function("xpath_double", expression(xml), expression(path))


def xpath_number(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The number at an XPath, as a double."""
    return function("xpath_number", expression(xml), expression(path))


def xpath_float(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The number at an XPath, as a float."""
    return function("xpath_float", expression(xml), expression(path))


def xpath_int(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The whole number at an XPath, as an int."""
    return function("xpath_int", expression(xml), expression(path))


def xpath_long(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The whole number at an XPath, as a bigint."""
    return function("xpath_long", expression(xml), expression(path))


def xpath_short(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The whole number at an XPath, as a smallint."""
    return function("xpath_short", expression(xml), expression(path))


def xpath_string(xml: ColumnOrName, path: ColumnOrName) -> Column:
    """The text at an XPath."""
    return function("xpath_string", expression(xml), expression(path))
