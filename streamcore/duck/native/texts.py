"""Functions of text that SQL has no words for."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException

_MASKED = {"Lu": 0, "Ll": 1, "Nd": 2}


@by_value
def mask(text: str, *, upper: str | None, lower: str | None, digit: str | None, other: str | None) -> str:
    """Each character as that of its kind; a kind without one keeps its characters.

    >>> mask("AbC-1", upper="X", lower="x", digit="n", other=None)
    'XxX-n'
    """
    by_kind = (upper, lower, digit, other)
    masks = ((c, by_kind[_MASKED.get(unicodedata.category(c), 3)]) for c in text)
    return "".join(c if found is None else found for c, found in masks)


# A consonant's digit; 7 for a vowel, 0 for what parts nothing (H, W).
_SOUNDEX = "71237128722455712623718272"


@by_value
def soundex(text: str) -> str:
    """The code of how a word sounds.

    >>> soundex("Miller"), soundex("1abc")
    ('M460', '1abc')
    """
    first = text[:1].upper()
    if not ("A" <= first <= "Z"):
        return text
    code, last = first, _sound(first)
    for character in text[1:].upper():
        if not ("A" <= character <= "Z"):
            last = "7"
            continue
        sound = _sound(character)
        if "1" <= sound <= "6" and sound != last:
            code += sound
            if len(code) == 4:
                return code
        if sound != "0":
            last = sound
    return code.ljust(4, "0")


def _sound(letter: str) -> str:
    return "0" if letter in "HW" else _SOUNDEX[ord(letter) - ord("A")]


@by_value
def luhn_check(text: str) -> bool:
    """Whether the digits of a number fit its last one.

    >>> luhn_check("8112189876"), luhn_check("79927398714")
    (True, False)
    """
    if not re.fullmatch("[0-9]+", text):
        return False
    doubled = [2 * int(d) if at % 2 else int(d) for at, d in enumerate(reversed(text))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


@by_value
def to_base32(value: bytes) -> str:
    """Bytes in the letters of base 32."""
    return base64.b32encode(value).decode("ascii")


@by_value
def quote(text: str) -> str:
    """Text between quotes, as it is written in SQL."""
    return "'" + text.replace("'", "\\'") + "'"


@by_value
def is_valid_utf8(value: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@by_value
def make_valid_utf8(value: bytes) -> str:
    """Bytes as text, the replacement character for what is not UTF-8."""
    return value.decode("utf-8", "replace")


@by_value
def validate_utf8(value: bytes, *, fails: bool) -> str | None:
    """Bytes as text; an error, or null, for what is not UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        if not fails:
            return None
    shown = "".join(f"\\x{octet:02X}" for octet in value)
    raise IllegalArgumentException(
        f"[INVALID_UTF8_STRING] Invalid UTF8 byte sequence found in string: {shown}. SQLSTATE: 22029"
    )


@by_value
def from_base32(text: str) -> bytes:
    """The bytes of text in the letters of base 32."""
    try:
        return base64.b32decode(text)
    except binascii.Error as error:
        raise IllegalArgumentException(
            "[CONVERSION_INVALID_INPUT] The value "
            f'\'{text}\' ("STRING") cannot be converted to "BINARY" because it is malformed. SQLSTATE: 22018'
        ) from error


@by_value
def instr(text: str, wanted: str, position: int, occurrence: int = 1) -> int:
    """Where a text stands in another for the nth time, from a position on; from the end if it is negative.

    >>> instr("abcabcabc", "bc", 1, 2), instr("abcabcabc", "bc", -1, 2)
    (5, 5)
    """
    if occurrence < 1:
        raise IllegalArgumentException(
            "[INVALID_PARAMETER_VALUE.OCCURRENCE] The value of parameter(s) `occurrence` in `instr` is "
            "invalid: "
            f"expects a positive integer, but got {occurrence}. SQLSTATE: 22023"
        )
    if position == 0:
        return 0
    if wanted == "":
        return 1
    forward = position > 0
    at = position - 2 if forward else len(text) + position + 1
    for _ in range(occurrence):
        # A match may begin within the one before.
        at = text.find(wanted, at + 1) if forward else text.rfind(wanted, 0, max(at - 1 + len(wanted), 0))
        if at < 0:
            return 0
    return at + 1
