"""Java's regular expressions by Python's: for patterns that vary by row, and for what RE2 does not have."""

from __future__ import annotations

import functools
import re

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

_CLASSES = {
    "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z",
    "Punct": r"!-/:-@\[-`{-~", "Space": r" \t\n\x0b\f\r", "XDigit": "0-9a-fA-F", "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f", "Graph": "!-~", "Print": " -~", "ASCII": r"\x00-\x7f",
}  # fmt: skip
_PIECE = re.compile(
    r"\\Q(.*?)(?:\\E|\Z)|\\p\{(\w+)\}|\\P\{(\w+)\}|\\([hHRXGZz])|\(\?<(?=[A-Za-z])"
    r"|(\\.)|(\[)|(\])|(&&)|(\.)",
    re.DOTALL,
)


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    r"""Python's form of a Java pattern.

    >>> compiled(r"\p{Alpha}+(?<year>\d{4})").pattern
    '[a-zA-Z]+(?P<year>\\d{4})'

    Raises UnsupportedOperationException for what Python does not have, IllegalArgumentException for what is
    no pattern.
    """
    text = _in_python(pattern)
    try:
        return re.compile(text, re.ASCII)
    except re.error as error:
        raise IllegalArgumentException(
            "[INVALID_PARAMETER_VALUE.PATTERN] The value of parameter(s) `regexp` is invalid: "
            f"'{pattern}'. ({error}) SQLSTATE: 22023"
        ) from error


def _in_python(pattern: str) -> str:
    depth = 0

    def form(found: re.Match[str]) -> str:
        nonlocal depth
        quoted, inside, outside, escape, plain, opening, closing, both, dot = found.groups()
        if opening or closing:
            depth += 1 if opening else -1
            if depth > 1:
                raise _refused(pattern, "a character class within another")
            return found[0]
        if both and depth:
            raise _refused(pattern, "an intersection of character classes")
        if inside or outside:
            return _class(pattern, inside or outside, negated=bool(outside), within=depth > 0)
        if escape:
            return _ESCAPES.get(escape) or _refuse(pattern, f"\\{escape}")
        if quoted is not None:
            return re.escape(quoted)
        if dot:
            return dot if depth else r"[^\n\r\u0085\u2028\u2029]"
        return plain or both or "(?P<"

    return _PIECE.sub(form, pattern)


_ESCAPES = {"h": r"[ \t\xa0]", "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])", "z": r"\Z", "Z": r"(?=\n?\Z)"}


def _class(pattern: str, name: str, *, negated: bool, within: bool) -> str:
    if name not in _CLASSES or (negated and within):
        raise _refused(pattern, f"\\p{{{name}}}")
    if within:
        return _CLASSES[name]
    return f"[{'^' if negated else ''}{_CLASSES[name]}]"


def _refuse(pattern: str, feature: str) -> str:
    raise _refused(pattern, feature)


def _refused(pattern: str, feature: str) -> UnsupportedOperationException:
    return UnsupportedOperationException(
        f"The regular expression {pattern!r} uses {feature}, which is not offered."
    )


@by_value
def rlike(text: str, pattern: str) -> bool:
    """Whether the pattern is found in the text."""
    return compiled(pattern).search(text) is not None


@by_value
def regexp_replace(text: str, pattern: str, new: str, start: int = 1) -> str:
    """The text with each match from a position on replaced."""
    if start < 1:
        raise IllegalArgumentException(
            "[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE] The `position` must be between (0, 2147483647] "
            f"(current value = {start}). SQLSTATE: 42K09"
        )
    if start - 1 >= len(text) and start > 1:
        return text
    pieces, at = [text[: start - 1]], start - 1
    for found in compiled(pattern).finditer(text, start - 1):
        pieces += [text[at : found.start()], _replaced(found, new)]
        at = found.end()
    return "".join([*pieces, text[at:]])


_REFERENCE = re.compile(r"\\(.)|\$(\d)|\$\{(\w+)\}", re.DOTALL)


def _replaced(found: re.Match[str], new: str) -> str:
    def value(reference: re.Match[str]) -> str:
        escaped, number, name = reference.groups()
        if escaped is not None:
            return escaped
        try:
            return found[int(number) if number else name] or ""
        except IndexError as error:
            raise IllegalArgumentException(
                "[INVALID_REGEXP_REPLACE] Could not perform regexp_replace for source = "
                f'"{found.string}", pattern = "{found.re.pattern}", replacement = "{new}". SQLSTATE: 22023'
            ) from error

    return _REFERENCE.sub(value, new)


def _checked(pattern: re.Pattern[str], group: int, name: str) -> int:
    if not 0 <= group <= pattern.groups:
        raise IllegalArgumentException(
            f"[INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX] The value of parameter(s) `idx` in `{name}` is "
            f"invalid: Expects group index between 0 and {pattern.groups}, but got {group}. SQLSTATE: 22023"
        )
    return group


@by_value
def regexp_extract(text: str, pattern: str, group: int) -> str:
    """A group of the first match; empty when there is none."""
    made = compiled(pattern)
    found = made.search(text)
    if found is None:
        return ""
    return found[_checked(made, group, "regexp_extract")] or ""


@by_value
def regexp_extract_all(text: str, pattern: str, group: int) -> list[str]:
    """A group of each match."""
    made = compiled(pattern)
    return [found[_checked(made, group, "regexp_extract_all")] or "" for found in made.finditer(text)]


@by_value
def regexp_count(text: str, pattern: str) -> int:
    """How many matches there are."""
    return sum(1 for _ in compiled(pattern).finditer(text))


@by_value
def regexp_substr(text: str, pattern: str) -> str | None:
    """The first match that is not empty."""
    found = compiled(pattern).search(text)
    return found[0] if found is not None and found[0] else None


@by_value
def regexp_instr(text: str, pattern: str) -> int:
    """Where the first match begins, counted from 1; 0 without one."""
    found = compiled(pattern).search(text)
    return 0 if found is None else found.start() + 1


@by_value
def split(text: str, pattern: str, limit: int) -> list[str]:
    """The parts between matches; with a limit the last one takes the rest."""
    if text == "":
        return [""]
    if pattern == "":
        return list(text) if limit <= 0 or limit >= len(text) else [*text[: limit - 1], text[limit - 1 :]]
    parts: list[str] = []
    at = 0
    for found in compiled(pattern).finditer(text):
        if 0 < limit <= len(parts) + 1:
            break
        if found.end() == 0:
            # Nothing found at the beginning parts nothing.
            continue
        parts.append(text[at : found.start()])
        at = found.end()
    return [*parts, text[at:]]
