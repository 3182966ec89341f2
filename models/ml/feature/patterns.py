"""Regular expressions of Java, by Python's own module."""

from __future__ import annotations

import re

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

_POSIX = {
    "Lower": "a-z", "Upper": "A-Z", "Alpha": "A-Za-z", "Digit": "0-9", "Alnum": "A-Za-z0-9",
    "XDigit": "0-9A-Fa-f", "Punct": r"!-/:-@\[-`{-~", "Blank": r" \t", "Space": r" \t\n\x0b\f\r",
    "Cntrl": r"\x00-\x1f\x7f", "Graph": "!-~", "Print": " -~", "ASCII": r"\x00-\x7f",
}  # fmt: skip
_ONLY_JAVA = (
    (re.compile(r"\[[^\]]*&&"), "intersections of character classes"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\[GRXhHvVzQN]"), r"the escapes \G \R \X \h \v \z \Q \N"),
)
_PROPERTY = re.compile(r"(?P<inside>\[[^\]]*)?\\(?P<kind>[pP])\{(?P<name>\w+)\}")


def java_pattern(pattern: str) -> re.Pattern[str]:
    r"""A pattern with the meaning that Java gives it, whose `\s`, `\w` and `\d` are those of ASCII.

    >>> java_pattern(r"\p{Punct}+(?<year>\d{4})").pattern
    '[!-/:-@\\[-`{-~]+(?P<year>\\d{4})'

    Raises IllegalArgumentException for a pattern with a mistake, and UnsupportedOperationException for one
    that Python reads in another way.
    """
    for feature, name in _ONLY_JAVA:
        if feature.search(pattern):
            raise UnsupportedOperationException(
                f"The regular expression {pattern!r} uses {name}, which are not offered"
            )
    while found := _PROPERTY.search(pattern):
        pattern = pattern[: found.start()] + _property(found, pattern) + pattern[found.end() :]
    named = re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern)
    try:
        return re.compile(named, re.ASCII)
    except re.error as error:
        raise IllegalArgumentException(f"{error.msg} in the regular expression {pattern}") from error


def split(pattern: re.Pattern[str], text: str) -> list[str]:
    """The text between matches; no empty text at the end, nor at the start for a match of nothing.

    >>> split(java_pattern(","), ",a,,b,,")
    ['', 'a', '', 'b']
    """
    parts, at = [], 0
    for match in pattern.finditer(text):
        if match.end() > 0:
            parts.append(text[at : match.start()])
            at = match.end()
    if not parts:
        return [text]
    parts.append(text[at:])
    while parts and not parts[-1]:
        parts.pop()
    return parts


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    """All matches, one after the other."""
    return [match.group() for match in pattern.finditer(text)]


def _property(match: re.Match[str], pattern: str) -> str:
    name, inside = match["name"], match["inside"]
    if name not in _POSIX or (inside is not None and match["kind"] == "P"):
        raise UnsupportedOperationException(
            f"The regular expression {pattern!r} uses \\{match['kind']}{{{name}}}, which is not offered"
        )
    if inside is not None:
        return inside + _POSIX[name]
    return f"[{'^' if match['kind'] == 'P' else ''}{_POSIX[name]}]"
