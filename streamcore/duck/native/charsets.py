"""Text as bytes in the character sets that Spark knows, and back."""

from __future__ import annotations

import codecs

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException, QueryExecutionException

_CODECS = {
    "iso-8859-1": "latin-1",
    "us-ascii": "ascii",
    "utf-16": "utf-16-be",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
    "utf-32": "utf-32-be",
    "utf-8": "utf-8",
}
# Marks of the order of bytes, for the sets that have both orders.
_MARKS = {
    "utf-16": {codecs.BOM_UTF16_BE: "utf-16-be", codecs.BOM_UTF16_LE: "utf-16-le"},
    "utf-32": {codecs.BOM_UTF32_BE: "utf-32-be", codecs.BOM_UTF32_LE: "utf-32-le"},
}


@by_value
def encode(text: str, charset: str, *, replaces: bool) -> bytes:
    r"""Text as bytes; what the set has not is a question mark, or an error.

    >>> encode("a", "UTF-16", replaces=False), encode("aß", "us-ascii", replaces=True)
    (b'\xfe\xff\x00a', b'a?')
    """
    codec = _codec(charset, "encode")
    try:
        found = text.encode(codec, "replace" if replaces else "strict")
    except UnicodeEncodeError as error:
        raise _malformed(charset, "encode") from error
    return codecs.BOM_UTF16_BE + found if found and charset.lower() == "utf-16" else found


@by_value
def decode(value: bytes, charset: str, *, replaces: bool) -> str:
    r"""Bytes as text; what is malformed is the replacement character, or an error.

    >>> decode(b"\xff\xfea\x00", "utf-16", replaces=False)
    'a'
    """
    codec = _codec(charset, "decode")
    for mark, marked in _MARKS.get(charset.lower(), {}).items():
        if value.startswith(mark):
            value, codec = value[len(mark) :], marked
            break
    try:
        return value.decode(codec, "replace" if replaces else "strict")
    except UnicodeDecodeError as error:
        raise _malformed(charset, "decode") from error


def _codec(charset: str, function: str) -> str:
    found = _CODECS.get(charset.lower())
    if found is None:
        raise IllegalArgumentException(
            f"[INVALID_PARAMETER_VALUE.CHARSET] The value of parameter(s) `charset` in `{function}` is "
            f"invalid: expects one of the {', '.join(_CODECS)}, but got {charset}. SQLSTATE: 22023"
        )
    return found


def _malformed(charset: str, function: str) -> QueryExecutionException:
    return QueryExecutionException(
        f"[MALFORMED_CHARACTER_CODING] Invalid value found when performing `{function}` with {charset} "
        "SQLSTATE: 22000"
    )
