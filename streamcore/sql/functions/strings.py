"""Functions over text and bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_columns,
    given_literals,
    literal,
    many,
    operand,
)

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def lower(col: ColumnOrName) -> Column:
    """In lower case."""
    return function("lower", expression(col))


def upper(col: ColumnOrName) -> Column:
    """In upper case."""
    return function("upper", expression(col))


def lcase(str: ColumnOrName) -> Column:
    """In lower case."""
    return function("lcase", expression(str))


def ucase(str: ColumnOrName) -> Column:
    """In upper case."""
    return function("ucase", expression(str))


def initcap(col: ColumnOrName) -> Column:
    """Each word with a capital."""
    return function("initcap", expression(col))


def length(col: ColumnOrName) -> Column:
    """Characters of text, or bytes of binary."""
    return function("length", expression(col))


def char_length(str: ColumnOrName) -> Column:
    """Characters of text."""
    return function("char_length", expression(str))


def character_length(str: ColumnOrName) -> Column:
    """Characters of text."""
    return function("character_length", expression(str))


def octet_length(col: ColumnOrName) -> Column:
    """Bytes."""
    return function("octet_length", expression(col))


def bit_length(col: ColumnOrName) -> Column:
    """Bits."""
    return function("bit_length", expression(col))


def reverse(col: ColumnOrName) -> Column:
    """Text or array backwards."""
    return function("reverse", expression(col))


def ascii(col: ColumnOrName) -> Column:
    """The code point of the first character; 0 for empty text."""
    return function("ascii", expression(col))


def char(col: ColumnOrName) -> Column:
    """The character of a code, modulo 256."""
    return function("char", expression(col))


def chr(n: ColumnOrName) -> Column:
    """The character of a code, modulo 256."""
    return function("chr", expression(n))


def base64(col: ColumnOrName) -> Column:
    """Bytes as base64 text."""
    return function("base64", expression(col))


def unbase64(col: ColumnOrName) -> Column:
    """Base64 text as bytes."""
    return function("unbase64", expression(col))


def hex(col: ColumnOrName) -> Column:
    """Bytes, text or a whole number in hexadecimal."""
    return function("hex", expression(col))


def unhex(col: ColumnOrName) -> Column:
    """Hexadecimal text as bytes."""
    return function("unhex", expression(col))


def md5(col: ColumnOrName) -> Column:
    """The MD5 digest as hexadecimal text."""
    return function("md5", expression(col))


def sha1(col: ColumnOrName) -> Column:
    """The SHA-1 digest as hexadecimal text."""
    return function("sha1", expression(col))


def sha(col: ColumnOrName) -> Column:
    """The SHA-1 digest as hexadecimal text."""
    return function("sha", expression(col))


def sha2(col: ColumnOrName, numBits: int) -> Column:
    """The SHA-2 digest of 224, 256, 384 or 512 bits as hexadecimal text."""
    return function("sha2", expression(col), literal(numBits))


def concat(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Texts, bytes or arrays one after another; null when one is null."""
    return function("concat", *many(cols))


def concat_ws(sep: str, *cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Texts with a separator between them; nulls are left out."""
    return function("concat_ws", literal(sep), *many(cols))


def contains(left: ColumnOrName, right: ColumnOrName) -> Column:
    """Whether `left` contains `right`."""
    return function("contains", expression(left), expression(right))


def startswith(str: ColumnOrName, prefix: ColumnOrName) -> Column:
    """Whether `str` begins with `prefix`."""
    return function("startswith", expression(str), expression(prefix))


def endswith(str: ColumnOrName, suffix: ColumnOrName) -> Column:
    """Whether `str` ends with `suffix`."""
    return function("endswith", expression(str), expression(suffix))


def levenshtein(left: ColumnOrName, right: ColumnOrName, threshold: int | None = None) -> Column:
    """The edit distance; -1 where it is above `threshold`."""
    return function("levenshtein", expression(left), expression(right), *given_literals(threshold))


def jaro_winkler_similarity(left: ColumnOrName, right: ColumnOrName) -> Column:
    """How alike two texts are, from 0 to 1."""
    return function("jaro_winkler_similarity", expression(left), expression(right))


def repeat(col: ColumnOrName, n: ColumnOrName | int) -> Column:
    """Text `n` times."""
    return function("repeat", expression(col), operand(n))


def substring(str: ColumnOrName, pos: ColumnOrName | int, len: ColumnOrName | int) -> Column:
    """The part from a 1-based position on; negative positions count from the end."""
    return function("substring", expression(str), operand(pos), operand(len))


def substr(str: ColumnOrName, pos: ColumnOrName, len: ColumnOrName | None = None) -> Column:
    """The part from a 1-based position on; negative positions count from the end."""
    return function("substr", expression(str), expression(pos), *given_columns(len))


def substring_index(str: ColumnOrName, delim: str, count: int) -> Column:
    """What stands before the count-th delimiter (from the end when negative)."""
    return function("substring_index", expression(str), literal(delim), literal(count))


def locate(substr: str, str: ColumnOrName, pos: int = 1) -> Column:
    """The 1-based position of a text at or after `pos`; 0 when it is not there."""
    return function("locate", literal(substr), expression(str), literal(pos))


def position(substr: ColumnOrName, str: ColumnOrName, start: ColumnOrName | None = None) -> Column:
    """The 1-based position of `substr` in `str`; 0 when it is not there."""
    return function("position", expression(substr), expression(str), *given_columns(start))


def translate(srcCol: ColumnOrName, matching: str, replace: str) -> Column:
    """Characters replaced one for one; those without a partner are removed."""
    return function("translate", expression(srcCol), literal(matching), literal(replace))


def encode(col: ColumnOrName, charset: str) -> Column:
    """Text as bytes of a character set."""
    return function("encode", expression(col), literal(charset))


def decode(col: ColumnOrName, charset: str) -> Column:
    """Bytes of a character set as text."""
    return function("decode", expression(col), literal(charset))


def to_binary(col: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """Text as bytes: hexadecimal, or base64 or utf-8 by `format`."""
    return function("to_binary", expression(col), *given_columns(format))


def try_to_binary(col: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """As `to_binary`; null where that fails."""
    return function("try_to_binary", expression(col), *given_columns(format))


def format_number(col: ColumnOrName, d: int) -> Column:
    """A number with thousands separators and `d` decimals."""
    return function("format_number", expression(col), literal(d))


def format_string(format: str, *cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Text in the manner of printf."""
    return function("format_string", literal(format), *many(cols))


def printf(format: ColumnOrName, *cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Text in the manner of printf; the format is a column."""
    return function("printf", expression(format), *many(cols))


def left(str: ColumnOrName, len: ColumnOrName) -> Column:
    """The first characters."""
    return function("left", expression(str), expression(len))


def right(str: ColumnOrName, len: ColumnOrName) -> Column:
    """The last characters."""
    return function("right", expression(str), expression(len))


def find_in_set(str: ColumnOrName, str_array: ColumnOrName) -> Column:
    """The 1-based place of a text in a comma-separated list; 0 when it is not there."""
    return function("find_in_set", expression(str), expression(str_array))


def elt(*inputs: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The n-th of the texts behind the first argument."""
    return function("elt", *many(inputs))


def trim(col: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at both ends."""
    return function("trim", *given_columns(trim), expression(col))


def btrim(str: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at both ends."""
    return function("btrim", expression(str), *given_columns(trim))


def ltrim(col: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at the front."""
    return function("ltrim", *given_columns(trim), expression(col))


def rtrim(col: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at the end."""
    return function("rtrim", *given_columns(trim), expression(col))


def lpad(col: ColumnOrName, len: Any, pad: Any) -> Column:
    """Filled up at the front to a length, or cut to it."""
    return function("lpad", expression(col), literal(len), literal(pad))


def rpad(col: ColumnOrName, len: Any, pad: Any) -> Column:
    """Filled up at the end to a length, or cut to it."""
    return function("rpad", expression(col), literal(len), literal(pad))


def replace(src: ColumnOrName, search: ColumnOrName, replace: ColumnOrName | None = None) -> Column:
    """Every occurrence of `search` replaced (removed without `replace`)."""
    return function("replace", expression(src), expression(search), *given_columns(replace))


def overlay(
    src: ColumnOrName, replace: ColumnOrName, pos: ColumnOrName | int, len: ColumnOrName | int = -1
) -> Column:
    """A part of the text replaced by another."""
    return function("overlay", expression(src), expression(replace), operand(pos), operand(len))


def split(str: ColumnOrName, pattern: Any, limit: ColumnOrName | int = -1) -> Column:
    """Text cut at a regular expression, into at most `limit` parts when positive."""
    return function("split", expression(str), literal(pattern), operand(limit))


def split_part(src: ColumnOrName, delimiter: ColumnOrName, partNum: ColumnOrName) -> Column:
    """The n-th part of text cut at a delimiter, from the end when negative."""
    return function("split_part", expression(src), expression(delimiter), expression(partNum))


def like(str: ColumnOrName, pattern: ColumnOrName, escapeChar: ColumnOrName | None = None) -> Column:
    """SQL LIKE."""
    return function("like", expression(str), expression(pattern), *given_columns(escapeChar))


def ilike(str: ColumnOrName, pattern: ColumnOrName, escapeChar: ColumnOrName | None = None) -> Column:
    """SQL LIKE without case."""
    return function("ilike", expression(str), expression(pattern), *given_columns(escapeChar))


def rlike(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """Whether a regular expression matches somewhere."""
    return function("rlike", expression(str), expression(regexp))


def regexp(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """Whether a regular expression matches somewhere."""
    return function("regexp", expression(str), expression(regexp))


def regexp_like(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """Whether a regular expression matches somewhere."""
    return function("regexp_like", expression(str), expression(regexp))


def regexp_count(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """How often a regular expression matches."""
    return function("regexp_count", expression(str), expression(regexp))


def regexp_substr(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """The first match of a regular expression; null without one."""
    return function("regexp_substr", expression(str), expression(regexp))


def regexp_instr(str: ColumnOrName, regexp: ColumnOrName, idx: Any = None) -> Column:
    """The 1-based position of the first match; 0 without one."""
    return function("regexp_instr", expression(str), expression(regexp), *given_literals(idx))


def regexp_extract(str: ColumnOrName, pattern: str, idx: int) -> Column:
    """The group `idx` of the first match; empty text without a match."""
    return function("regexp_extract", expression(str), literal(pattern), literal(idx))


def regexp_extract_all(str: ColumnOrName, regexp: ColumnOrName, idx: Any = None) -> Column:
    """The group of every match, as an array."""
    return function("regexp_extract_all", expression(str), expression(regexp), *given_literals(idx))


def regexp_replace(string: ColumnOrName, pattern: Any, replacement: Any, position: Any = None) -> Column:
    """Every match (from `position` on) replaced; `$1` stands for a group."""
    return function(
        "regexp_replace",
        expression(string),
        literal(pattern),
        literal(replacement),
        *given_literals(position),
    )


def url_encode(str: ColumnOrName) -> Column:
    """Text as it stands in a URL's query."""
    return function("url_encode", expression(str))


def url_decode(str: ColumnOrName) -> Column:
    """The text of a URL's query."""
    return function("url_decode", expression(str))


def try_url_decode(str: ColumnOrName) -> Column:
    """As `url_decode`; null where that fails."""
    return function("try_url_decode", expression(str))


def uuid(seed: int | None = None) -> Column:
    """A random UUID; a micro-batch that is run again gives the same ones."""
    return function("uuid", *given_literals(seed))


def instr(str: ColumnOrName, substr: Any, start: Any = None, occurrence: Any = None) -> Column:
    """The 1-based position of the n-th occurrence of a text at or after `start`; 0 when it is not there."""
    if occurrence is not None and start is None:
        start = 1
    return function("instr", expression(str), literal(substr), *given_literals(start, occurrence))
