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


# ---- bytes in text -------------------------------------------------------------------------------


@by_value
def unbase64(text: str) -> bytes:
    """The bytes of base64 text; what is no letter of it is passed over, pads must fill up the last four.

    >>> unbase64("YW Jj"), unbase64("a!b")
    (b'abc', b'i')
    """
    before, pad, rest = text.partition("=")
    letters = _NO_LETTER.sub("", before)
    spare = len(letters) % 4
    if pad and (spare == 0 or (spare == 2 and not rest.startswith("="))):
        raise IllegalArgumentException("Input byte array has wrong 4-byte ending unit")
    if spare == 1:
        raise IllegalArgumentException("Last unit does not have enough valid bits")
    behind = _LETTER.search(text, len(before))
    if behind is not None:
        raise IllegalArgumentException(f"Input byte array has incorrect ending byte at {behind.end()}")
    return _of_letters(letters)


@by_value
def to_binary(text: str, form: str, *, fails: bool) -> bytes | None:
    """The bytes of text in a format; an error, or null, for text that is malformed."""
    kind = form.lower()
    if kind in ("utf-8", "utf8"):
        return text.encode()
    if kind not in _STRICTLY:
        if not fails:
            return None
        raise IllegalArgumentException(
            f"[INVALID_PARAMETER_VALUE.BINARY_FORMAT] The value of parameter(s) `format` in `to_binary` is "
            f"invalid: expects one of binary formats 'base64', 'hex', 'utf-8', but got '{form}'. SQLSTATE: "
            "22023"
        )
    found = _STRICTLY[kind](text)
    if found is None and fails:
        raise IllegalArgumentException(
            f"[CONVERSION_INVALID_INPUT] The value '{text}' ('{kind.upper()}') cannot be converted to "
            '"BINARY" '
            "because it is malformed. Correct the value as per the syntax, or change its format. Use "
            "`try_to_binary` to tolerate malformed input and return NULL instead. SQLSTATE: 22018"
        )
    return found


def _of_hex(text: str) -> bytes | None:
    if not re.fullmatch("[0-9A-Fa-f]*", text):
        return None
    return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)


# Pads stand at the end, side by side, and fill up a group of four.
_BASE64 = re.compile(r"((?:[A-Za-z0-9+/]\s*)*)(={0,2})")


_LETTER = re.compile("[A-Za-z0-9+/]")
_NO_LETTER = re.compile("[^A-Za-z0-9+/]")


def _strictly_of_base64(text: str) -> bytes | None:
    found = _BASE64.fullmatch(text.lstrip())
    if found is None:
        return None
    letters = _NO_LETTER.sub("", found[1])
    is_whole = (len(letters) + len(found[2])) % 4 == 0 if found[2] else len(letters) % 4 != 1
    return _of_letters(letters) if is_whole else None


def _of_letters(letters: str) -> bytes:
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


_STRICTLY = {"hex": _of_hex, "base64": _strictly_of_base64}


# ---- other measures of text ----------------------------------------------------------------------


@by_value
def levenshtein(one: str, other: str) -> int:
    """How many characters must be changed to make one text of another."""
    row = list(range(len(other) + 1))
    for at, character in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, wanted in enumerate(other, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (character != wanted)),
            )
    return row[-1]
