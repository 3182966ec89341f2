"""Regular expressions: Java's syntax as RE2's, refused where the meanings differ."""

from __future__ import annotations

import re

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
    (re.compile(r"(?<!\\)(?:\\\\)*\\[GZRXhHkV]"), "the escapes \\G \\Z \\R \\X \\h \\k"),
)
_CLASSES = {"Alpha": "alpha", "Digit": "digit", "Alnum": "alnum", "Upper": "upper", "Lower": "lower",
            "Punct": "punct", "Space": "space", "XDigit": "xdigit", "Blank": "blank", "Cntrl": "cntrl",
            "Graph": "graph", "Print": "print", "ASCII": "ascii"}  # fmt: skip


def java_regex(call: Call, index: int) -> Compiled:
    """An argument that is a regular expression, which must be a literal so that it can be checked."""
    found = call.arg(index)
    if found.is_literal and found.value is None:
        return cast(found, STRING, call.context)
    if not found.is_literal:
        raise UnsupportedOperationException(
            f"{call.name}() with a pattern that is not a literal is not offered: Java's and RE2's syntax "
            "differ, and only a literal can be checked."
        )
    return Compiled(string(re2_pattern(str(found.value))), STRING, nullable=False, value=found.value)


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
