"""Functions over text and bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.sql.functions.building import ColumnOrName, expression, function, many, value

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def lower(col: ColumnOrName) -> Column:
    """In lower case."""
    return function("lower", expression(col))


def upper(col: ColumnOrName) -> Column:
    """In upper case."""
    return function("upper", expression(col))


def lcase(col: ColumnOrName) -> Column:
    """In lower case."""
    return function("lcase", expression(col))


def ucase(col: ColumnOrName) -> Column:
    """In upper case."""
    return function("ucase", expression(col))


def initcap(col: ColumnOrName) -> Column:
    """Each word with a capital."""
    return function("initcap", expression(col))


def length(col: ColumnOrName) -> Column:
    """Characters of text, or bytes of binary."""
    return function("length", expression(col))


def char_length(col: ColumnOrName) -> Column:
    """Characters of text."""
    return function("char_length", expression(col))


def character_length(col: ColumnOrName) -> Column:
    """Characters of text."""
    return function("character_length", expression(col))


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
    """The code of the first character."""
    return function("ascii", expression(col))


def chr(col: ColumnOrName) -> Column:
    """The character of a code."""
    return function("chr", expression(col))


def base64(col: ColumnOrName) -> Column:
    """Bytes as base64 text."""
    return function("base64", expression(col))


def unbase64(col: ColumnOrName) -> Column:
    """Base64 text as bytes."""
    return function("unbase64", expression(col))


def hex(col: ColumnOrName) -> Column:
    """As hexadecimal text."""
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


def crc32(col: ColumnOrName) -> Column:
    """The CRC-32 as a bigint."""
    return function("crc32", expression(col))


def soundex(col: ColumnOrName) -> Column:
    """The Soundex code."""
    return function("soundex", expression(col))


def concat(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Texts, bytes or arrays one after another; null when one is null."""
    return function("concat", *many(cols))


def contains(left: ColumnOrName, right: ColumnOrName) -> Column:
    """Whether `left` contains `right`."""
    return function("contains", expression(left), expression(right))


def startswith(str: ColumnOrName, prefix: ColumnOrName) -> Column:
    """Whether `str` begins with `prefix`."""
    return function("startswith", expression(str), expression(prefix))


def endswith(str: ColumnOrName, suffix: ColumnOrName) -> Column:
    """Whether `str` ends with `suffix`."""
    return function("endswith", expression(str), expression(suffix))


def rlike(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """Whether a regular expression matches."""
    return function("rlike", expression(str), expression(regexp))


def regexp(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """Whether a regular expression matches."""
    return function("regexp", expression(str), expression(regexp))


def regexp_like(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """Whether a regular expression matches."""
    return function("regexp_like", expression(str), expression(regexp))


def regexp_count(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """How often a regular expression matches."""
    return function("regexp_count", expression(str), expression(regexp))


def regexp_substr(str: ColumnOrName, regexp: ColumnOrName) -> Column:
    """The first match of a regular expression."""
    return function("regexp_substr", expression(str), expression(regexp))


def levenshtein(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The edit distance."""
    return function("levenshtein", expression(left), expression(right))


def sha2(col: ColumnOrName, numBits: int) -> Column:
    """The SHA-2 digest of 224, 256, 384 or 512 bits."""
    return function("sha2", expression(col), value(numBits))


def repeat(col: ColumnOrName, n: Any) -> Column:
    """Text or binary `n` times."""
    return function("repeat", expression(col), value(n))


def substring(str: ColumnOrName, pos: Any, len: Any) -> Column:
    """The part from a 1-based position on."""
    return function("substring", expression(str), value(pos), value(len))


def substring_index(str: ColumnOrName, delim: str, count: int) -> Column:
    """Everything before the count-th delimiter."""
    return function("substring_index", expression(str), value(delim), value(count))


def instr(str: ColumnOrName, substr: Any) -> Column:
    """The 1-based position of a text; 0 when it is not there."""
    return function("instr", expression(str), value(substr))


def translate(srcCol: ColumnOrName, matching: str, replace: str) -> Column:
    """Characters replaced one for one."""
    return function("translate", expression(srcCol), value(matching), value(replace))


def encode(col: ColumnOrName, charset: str) -> Column:
    """Text as bytes."""
    return function("encode", expression(col), value(charset))


def decode(col: ColumnOrName, charset: str) -> Column:
    """Bytes as text."""
    return function("decode", expression(col), value(charset))


def format_number(col: ColumnOrName, d: int) -> Column:
    """A number with thousands separators and `d` decimals."""
    return function("format_number", expression(col), value(d))


def get_json_object(col: ColumnOrName, path: str) -> Column:
    """The value at a JSON path, as text."""
    return function("get_json_object", expression(col), value(path))


def json_array_length(col: ColumnOrName) -> Column:
    """The number of elements of a JSON array text."""
    return function("json_array_length", expression(col))


def json_object_keys(col: ColumnOrName) -> Column:
    """The keys of a JSON object text."""
    return function("json_object_keys", expression(col))


def left(str: ColumnOrName, len: ColumnOrName) -> Column:
    """The first characters."""
    return function("left", expression(str), expression(len))


def right(str: ColumnOrName, len: ColumnOrName) -> Column:
    """The last characters."""
    return function("right", expression(str), expression(len))


def find_in_set(str: ColumnOrName, str_array: ColumnOrName) -> Column:
    """The 1-based place of a text in a comma-separated list."""
    return function("find_in_set", expression(str), expression(str_array))


def uuid() -> Column:
    """A random UUID."""
    return function("uuid")
