"""What Spark says of the errors that DuckDB finds by itself: failed casts and overflows."""

from __future__ import annotations

import re
from collections.abc import Callable

from streamcore.errors import (
    ArithmeticException,
    DateTimeException,
    NumberFormatException,
    StreamcoreError,
)

_TYPES = {
    "BOOL": "BOOLEAN", "INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INT", "INT64": "BIGINT",
    "VARCHAR": "STRING", "BLOB": "BINARY", "TIMESTAMP": "TIMESTAMP_NTZ",
}  # fmt: skip
_LETTERS = {"INT8": "", "INT16": "S", "INT64": "L", "DOUBLE": "D"}
_SIGNS = {"addition": "+", "subtraction": "-", "multiplication": "*"}
_TRY = {"addition": "try_add", "subtraction": "try_subtract", "multiplication": "try_multiply"}
_Made = Callable[[re.Match[str]], StreamcoreError]
_BYPASS = 'If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error'

UNREADABLE: dict[str, str] = {character: chr(0xE000 + at) for at, character in enumerate("._eExX")}
"""What is put for characters that DuckDB would read in a number and Spark does not."""

STOP = chr(0xE006)
"""What is put before a text that DuckDB would read as a day or a time and Spark does not."""

_READABLE = str.maketrans({stand_in: character for character, stand_in in UNREADABLE.items()})


def unreadable(characters: str) -> str:
    """The stand-ins of characters, in their order.

    >>> len(unreadable("._"))
    2
    """
    return "".join(UNREADABLE[character] for character in characters)


def in_sparks_words(text: str) -> StreamcoreError | None:
    """The error as Spark puts it; None when DuckDB's text is of another kind.

    >>> print(in_sparks_words("Could not convert string 'x' to INT32"))
    [CAST_INVALID_INPUT] The value 'x' of the type "STRING" cannot be cast to "INT" because it is malformed. \
Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input \
and return NULL instead. SQLSTATE: 22018
    """
    for pattern, made in _FORMS:
        found = pattern.search(text)
        if found is not None:
            return made(found)
    return None


def _malformed(found: re.Match[str]) -> StreamcoreError:
    kind = found["to"] if "to" in found.re.groupindex else "DATE"
    value = found["value"].translate(_READABLE).removeprefix(STOP)
    class_ = DateTimeException if kind.startswith(("DATE", "TIMESTAMP")) else NumberFormatException
    return class_(
        f"[CAST_INVALID_INPUT] The value '{value}' of the type \"STRING\" cannot be cast to "
        f'"{_TYPES.get(kind, kind)}" because it is malformed. Correct the value as per the syntax, or change '
        "its target type. Use `try_cast` to tolerate malformed input and return NULL instead. SQLSTATE: 22018"
    )


def _too_large(found: re.Match[str]) -> StreamcoreError:
    source, to = found["source"], found["to"]
    value = _as_java(found["value"]) if source in ("FLOAT", "DOUBLE") else found["value"]
    letter = "" if value == "NaN" else _LETTERS.get(source, "")
    return ArithmeticException(
        f"[CAST_OVERFLOW] The value {value}{letter} of the type "
        f'"{_TYPES.get(source, source)}" cannot be cast to "{_TYPES.get(to, to)}" due to an overflow. Use '
        "`try_cast` to tolerate overflow and return NULL instead. SQLSTATE: 22003"
    )


def _as_java(number: str) -> str:
    """A double of DuckDB's text as Java writes it.

    >>> _as_java("1e+20"), _as_java("nan")
    ('1.0E20', 'NaN')
    """
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    mantissa, _, exponent = number.partition("e")
    if number in words or not exponent:
        return words.get(number, number)
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}E{int(exponent)}"


def _decimal_too_large(found: re.Match[str]) -> StreamcoreError:
    return ArithmeticException(
        f'[CAST_OVERFLOW] The value {found["value"]}BD of the type "DECIMAL" cannot be cast to '
        f'"{_TYPES.get(found["to"], found["to"])}" due to an overflow. Use `try_cast` to tolerate overflow '
        "and return NULL instead. SQLSTATE: 22003"
    )


def _not_in_decimal(found: re.Match[str]) -> StreamcoreError:
    return ArithmeticException(
        f"[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]  {found['value']} cannot be represented as "
        f"Decimal({found['precision']}, {found['scale']}). {_BYPASS}, and return NULL instead. "
        "SQLSTATE: 22003"
    )


def _overflow(found: re.Match[str]) -> StreamcoreError:
    tried = _TRY.get(found["what"])
    return _arithmetic(
        f"overflow. Use '{tried}' to tolerate overflow and return NULL instead" if tried else "overflow"
    )


def _narrow_overflow(found: re.Match[str]) -> StreamcoreError:
    sign, tried = _SIGNS[found["what"]], _TRY[found["what"]]
    return ArithmeticException(
        f"[BINARY_ARITHMETIC_OVERFLOW] {found['left']}S {sign} {found['right']}S caused overflow. Use "
        f"`{tried}` to ignore overflow problem and return NULL. SQLSTATE: 22003"
    )


def _sum_overflow(_: re.Match[str]) -> StreamcoreError:
    return _arithmetic("overflow. Use 'try_add' to tolerate overflow and return NULL instead")


def _divided_overflow(_: re.Match[str]) -> StreamcoreError:
    return _arithmetic(
        "Overflow in integral divide. Use 'try_divide' to tolerate overflow and return NULL instead"
    )


def _decimal_overflow(_: re.Match[str]) -> StreamcoreError:
    return ArithmeticException(
        "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION] The result cannot be represented in "
        f"38 digits. {_BYPASS}, and return NULL instead. SQLSTATE: 22003"
    )


def _bare_overflow(_: re.Match[str]) -> StreamcoreError:
    return _arithmetic("overflow")


def _arithmetic(what: str) -> ArithmeticException:
    return ArithmeticException(f"[ARITHMETIC_OVERFLOW] {what}. {_BYPASS}. SQLSTATE: 22003")


def _form(pattern: str, made: _Made) -> tuple[re.Pattern[str], _Made]:
    return re.compile(pattern, re.DOTALL), made


_DECIMAL = r"DECIMAL\((?P<precision>\d+),(?P<scale>\d+)\)"
_FORMS = (
    _form(
        r"Could not convert string ['\"](?P<value>.*)['\"] to (?P<to>[A-Z0-9]+(?:\([\d,]+\))?)", _malformed
    ),
    _form(r"invalid date field format: \"(?P<value>.*)\", expected", _malformed),
    _form(r"Type INT128 with value -?\d+ can't be cast .* destination type INT64", _sum_overflow),
    _form(
        r"Type (?P<source>\w+) with value (?P<value>\S+) can't be cast .* destination type (?P<to>\w+)",
        _too_large,
    ),
    _form(r"Failed to cast decimal value (?P<value>\S+) to type (?P<to>\w+)", _decimal_too_large),
    _form(rf"Could not cast value (?P<value>\S+) to {_DECIMAL}", _not_in_decimal),
    _form(rf"Casting value \"(?P<value>[^\"]*)\" to type {_DECIMAL} failed", _not_in_decimal),
    _form(
        r"Overflow in (?P<what>addition|subtraction|multiplication) of INT(?:8|16) "
        r"\((?P<left>-?\d+) . (?P<right>-?\d+)\)",
        _narrow_overflow,
    ),
    _form(r"Overflow in \w+ of DECIMAL\(38\) ", _decimal_overflow),
    _form(r"Overflow in division of", _divided_overflow),
    _form(r"Overflow on abs\(|Overflow in negation", _bare_overflow),
    _form(r"Overflow in (?P<what>\w+) of INT(?:8|16|32|64) ", _overflow),
)
