"""Functions over text: codes, masks, URLs, UTF-8; hashes of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, given_columns, literal, many

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def hash(*cols: ColumnOrName) -> Column:
    """Spark's MurmurHash3 of the columns, with its seed of 42."""
    return function("hash", *many(cols))


def xxhash64(*cols: ColumnOrName) -> Column:
    """Spark's XXH64 of the columns, with its seed of 42."""
    return function("xxhash64", *many(cols))


def crc32(col: ColumnOrName) -> Column:
    """The cyclic redundancy check of bytes, as a bigint."""
    return function("crc32", expression(col))


def mask(
    col: ColumnOrName,
    upperChar: ColumnOrName | None = None,
    lowerChar: ColumnOrName | None = None,
    digitChar: ColumnOrName | None = None,
    otherChar: ColumnOrName | None = None,
) -> Column:
    """Text with its letters and digits replaced by one character of each kind."""
    defaults = ("X", "x", "n", None)
    given = (upperChar, lowerChar, digitChar, otherChar)
    masks = [
        literal(default) if one is None else expression(one)
        for one, default in zip(given, defaults, strict=True)
    ]
    return function("mask", expression(col), *masks)


def parse_url(url: ColumnOrName, partToExtract: ColumnOrName, key: ColumnOrName | None = None) -> Column:
    """A part of a URL (HOST, PATH, QUERY, ...), or of its query what a key is set to."""
    return function("parse_url", expression(url), expression(partToExtract), *given_columns(key))


def try_parse_url(url: ColumnOrName, partToExtract: ColumnOrName, key: ColumnOrName | None = None) -> Column:
    """As `parse_url`; null for what is not a URL."""
    return function("try_parse_url", expression(url), expression(partToExtract), *given_columns(key))


def soundex(col: ColumnOrName) -> Column:
    """The SoundEx code of text."""
    return function("soundex", expression(col))


def quote(col: ColumnOrName) -> Column:
    """Text in single quotes, those within it escaped."""
    return function("quote", expression(col))


def to_base32(col: ColumnOrName) -> Column:
    """Bytes as base32 text."""
    return function("to_base32", expression(col))


def from_base32(col: ColumnOrName) -> Column:
    """Base32 text as bytes."""
    return function("from_base32", expression(col))


def is_valid_utf8(str: ColumnOrName) -> Column:
    """Whether bytes are UTF-8."""
    return function("is_valid_utf8", expression(str))


def make_valid_utf8(str: ColumnOrName) -> Column:
    """Bytes as text, with the replacement character for what is not UTF-8."""
    return function("make_valid_utf8", expression(str))


def validate_utf8(str: ColumnOrName) -> Column:
    """Bytes as text; an error when they are not UTF-8."""
    return function("validate_utf8", expression(str))


def try_validate_utf8(str: ColumnOrName) -> Column:
    """Bytes as text; null when they are not UTF-8."""
    return function("try_validate_utf8", expression(str))


def to_char(col: ColumnOrName, format: ColumnOrName) -> Column:
    """A number by a format such as `$99.99`; a time by a pattern; bytes as base64, hex or utf-8."""
    return function("to_char", expression(col), expression(format))


def to_varchar(col: ColumnOrName, format: ColumnOrName) -> Column:
    """As `to_char`."""
    return function("to_varchar", expression(col), expression(format))


def to_number(col: ColumnOrName, format: ColumnOrName) -> Column:
    """The decimal that text writes by a format such as `$99.99`."""
    return function("to_number", expression(col), expression(format))


def try_to_number(col: ColumnOrName, format: ColumnOrName) -> Column:
    """As `to_number`; null for text that does not fit the format."""
    return function("try_to_number", expression(col), expression(format))


def sentences(
    string: ColumnOrName, language: ColumnOrName | None = None, country: ColumnOrName | None = None
) -> Column:
    """The words of each sentence of a text."""
    given = [literal("") if one is None else expression(one) for one in (language, country)]
    return function("sentences", expression(string), *given)
