"""Regular expressions: Java's syntax as RE2's, refused where the meanings differ."""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamcore.duck.quoting import string
from streamcore.errors import UnsupportedOperationException
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import STRING
from streamcore.plan.translation.core import Call, Compiled

_ONLY_JAVA = (
    (re.compile(r"\(\?<?[=!]"), "lookahead and lookbehind"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]"), "back references"),
    (re.compile(r"(?<!\\)(?:\\\\)*([*+?]|\{\d+(,\d*)?\})\+"), "possessive quantifiers"),
    (re.compile(r"\(\?>"), "atomic groups"),
    (re.compile(r"\[[^\]]*&&"), "intersections of character classes"),
    (re.compile(r"\(\?[a-z]*[udx]"), "the flags d, u and x"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\[GZRXhHkV]"), "the escapes \\G \\Z \\R \\X \\h \\k"),
)
_CLASSES = {"Alpha": "alpha", "Digit": "digit", "Alnum": "alnum", "Upper": "upper", "Lower": "lower",
            "Punct": "punct", "Space": "space", "XDigit": "xdigit", "Blank": "blank", "Cntrl": "cntrl",
            "Graph": "graph", "Print": "print", "ASCII": "ascii"}  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """A regular expression of Java.

    Parameters
    ----------
    java
        The pattern as it is given.
    re2
        SQL of the pattern as RE2 has it; None when it varies by row, or uses what RE2 has not.
    groups
        How many groups it has, where it is known.
    may_be_empty
        Whether it may match without taking a character: then the ways of looking for more differ.
    plain
        The text that it matches, when it is no more than that.
    """

    java: Compiled
    re2: str | None = None
    groups: int = 0
    may_be_empty: bool = True
    plain: str | None = None

    def has_group(self, number: Compiled) -> bool:
        """Whether RE2 can answer for the group of this number."""
        known = self.re2 is not None and number.is_literal and number.value is not None
        return known and 0 <= int(number.value) <= self.groups


def java_pattern(call: Call, index: int) -> Pattern:
    """An argument that is a regular expression."""
    given = call.arg(index)
    java = cast(given, STRING, call.context)
    if not given.is_literal or given.value is None:
        return Pattern(java)
    text = str(given.value)
    try:
        re2 = re2_pattern(text)
        # What only RE2 has names characters: for the count of groups any will do.
        python = re.compile(re.sub(r"\[:\w+:\]|\\[pP](?:\{\^?\w+\}|\w)", "a", re2))
    except (UnsupportedOperationException, re.error):
        return Pattern(java)
    plain = None if _SPECIAL.search(text) else text
    return Pattern(java, string(re2), python.groups, python.match("") is not None, plain)


_SPECIAL = re.compile(r"[\\.\[\]{}()*+?^$|]")


def re2_pattern(pattern: str) -> str:
    r"""The RE2 pattern with the meaning of a Java pattern.

    >>> print(re2_pattern(r"\p{Alpha}+(?<year>\d{4})"))
    [[:alpha:]]+(?P<year>\d{4})

    Raises UnsupportedOperationException for what RE2 cannot do.
    """
    for feature, name in _ONLY_JAVA:
        if feature.search(pattern):
            raise UnsupportedOperationException(
                f"The regular expression {pattern!r} uses {name}, which the engine (RE2) does not have."
            )
    pattern = re.sub(
        r"\\p\{(\w+)\}", lambda m: f"[[:{_CLASSES[m[1]]}:]]" if m[1] in _CLASSES else m[0], pattern
    )
    return re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern)


def re2_replacement(replacement: str) -> str:
    r"""RE2's form of a Java replacement: `$1` becomes `\1`, an escaped character stands for itself.

    >>> print(re2_replacement("$2-$1"))
    \2-\1
    """

    def form(match: re.Match[str]) -> str:
        if match.group(1) is not None:
            return f"\\{match.group(1)}"
        plain = match.group(2)
        return "\\\\" if plain == "\\" else plain

    return re.sub(r"\$(\d)|\\(.)", form, replacement)
