r"""Numbers in JSON as they are written: DuckDB's parser keeps them as doubles.

A number that may have lost something on its way is read again from the text, in which every number is first
made a string that begins with a mark (the character U+0001).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from streamcore.duck.quoting import string
from streamcore.spi.types import DecimalType

# What stands between numbers: anything but a number, strings whole.  At the end there is an empty number.
_BETWEEN: Final = r'((?:[^"0-9-]|"(?:[^"\\]|\\.)*")*)'
_NUMBER: Final = r"(-?[0-9][0-9.eE+-]*|-[A-Za-z]+|$)"
_MARKED: Final = r'\1"\\u0001\2"'
_LAST: Final = r'(?:"\\u0001")+$'
# A double keeps every number of 15 digits.
_MANY_DIGITS: Final = r"[0-9.]{16}"
_LONGEST_DOUBLE: Final = 26


@dataclass(frozen=True)
class Place:
    """Where a value stands: the text of a well-formed document, and the path in it."""

    text: str
    path: str = "$"

    def field(self, name: str) -> Place | None:
        """The place of an object's field; None when no path leads to it."""
        return None if set(name) & set('"\\') else Place(self.text, f'{self.path}."{name}"')


def structure_text(structure: object) -> str:
    """The structure argument of from_json as SQL."""
    return string(json.dumps(structure, ensure_ascii=False))


def marked(text: str) -> str:
    """SQL of the JSON `text` with every number as a marked string."""
    numbers = f"regexp_replace({text}, {string(f'(?s){_BETWEEN}{_NUMBER}')}, {string(_MARKED)}, 'g')"
    return f"regexp_replace({numbers}, {string(_LAST)}, '')"


def without_mark(text: str) -> str:
    """SQL of a leaf, given as JSON text, whose number is written as it was."""
    return f"CASE WHEN starts_with({text}, '\"\\u0001') THEN ({text})[8:-2] ELSE {text} END"


def without_marks(value: str) -> str:
    """SQL of a string whose numbers, its own or those of the JSON in it, are written as they were."""
    nested = f"regexp_replace({value}, {string(_quoted_mark())}, '\\1', 'g')"
    return f"CASE WHEN starts_with({value}, chr(1)) THEN ({value})[2:] ELSE {nested} END"


def may_have_lost_digits(text: str, data_type: DecimalType) -> str:
    """Whether a leaf, given as JSON text, is a double that may round to another decimal than was written.

    It does not when its distance to what was written is far less than half a digit at the scale, and it lies
    not in the middle between two digits.
    """
    largest = 2**51 // 10**data_type.scale
    is_double = f"(contains({text}, '.') OR contains({text}, 'e')) AND NOT starts_with({text}, '\"')"
    middle = string(rf"\.\d{{{data_type.scale}}}5$")
    is_middle = f"(ends_with({text}, '5') AND regexp_matches({text}, {middle}))"
    is_large = f"abs(TRY_CAST({text} AS DOUBLE)) >= {largest}"
    return f"coalesce({is_double} AND ({is_large} OR contains({text}, 'e') OR {is_middle}), false)"


def may_be_rewritten(value: str, place: Place | None) -> str:
    """Whether a string may be a number, or hold one, that was written in another way.

    Where its place is known, the document is asked whether it is a number.
    """
    # Most strings are told without a pattern: by their first character (a small letter, above all), their
    # length (DuckDB writes no number in more), and by having neither a point nor an exponent.
    is_fraction = f"(contains({value}, '.') OR contains({value}, 'e'))"
    may = f"({value} < ':' AND strlen({value}) < {_LONGEST_DOUBLE} AND {is_fraction})"
    # A pattern in the place of the cast would cost a tenth of what all the reading does.
    is_number = f"({may} AND TRY_CAST({value} AS DOUBLE) IS NOT NULL)"
    if place is not None:
        document = f"CASE WHEN {is_number} THEN {place.text} END"
        is_number = f"coalesce(json_type({document}, {string(place.path)}) = 'DOUBLE', false)"
    holds = rf"({value} >= '[' AND regexp_matches({value}, '^[{{\[].*\d[.eE]'))"
    return f"(({value} < '\\' OR {value} >= '{{') AND ({is_number} OR {holds}))"


def has_many_digits(text: str) -> str:
    """Whether a document has a number of more digits than a double keeps."""
    return f"regexp_matches({text}, {string(_MANY_DIGITS)})"


def nests_deeply(text: str) -> str:
    """Whether a document is nested more than 1,000 times, the most that Spark's parser takes."""
    strings = string(r'"(?:[^"\\]|\\.)*"')
    brackets = f"regexp_replace(regexp_replace({text}, {strings}, '', 'g'), '[^\\[\\]{{}}]+', '', 'g')"
    # Of short texts, and of those with few brackets, nothing more is asked.
    opening = f"(length({text}) - length(translate({text}, '[{{', '')))"
    step = "CASE WHEN c IN ('[', '{') THEN 1 ELSE -1 END"
    steps = f"list_transform(string_split({brackets}, ''), lambda c: {step})"
    # The depth in the lower half of a number, the largest so far in the upper.
    half = 1 << 32
    now = f"(d % {half} + s)"
    deepest = f"greatest(d // {half}, {now}) * {half} + {now}"
    depths = f"list_reduce({steps}, lambda d, s: {deepest}, CAST(0 AS BIGINT))"
    return (
        f"CASE WHEN strlen({text}) > 2000 THEN CASE WHEN {opening} > 1000 "
        f"THEN {depths} // {half} > 1000 ELSE false END ELSE false END"
    )


def _quoted_mark() -> str:
    return r'"\\u0001([^"]*)"'
