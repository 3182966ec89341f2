"""Patterns for paths, in the grammar of Hadoop's `FileSystem.globStatus`, which Spark users write.

`*`, `?`, `[ab]`, `[a-c]`, `[^a]` (also `[!a]`), `{a,b}` (nested, and over several parts of a path), and
a backslash before a character that stands for itself.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from typing import Final

from streamcore.errors import IllegalArgumentException

_MAGIC: Final = frozenset("*?[]{}\\")
_IN_A_CLASS: Final = re.compile(r"\\.|[^\\]", re.DOTALL)


def has_magic(path: str) -> bool:
    """Whether a path is a pattern.

    >>> has_magic("in/{a,b}"), has_magic("in/a")
    (True, False)
    """
    return not _MAGIC.isdisjoint(path)


def escaped(path: str) -> str:
    r"""The pattern that only this path fits.

    >>> print(escaped("in/[a]"))
    in/\[a\]
    """
    return "".join(f"\\{character}" if character in _MAGIC else character for character in path)


def matches(name: str, pattern: str) -> bool:
    """Whether one part of a path fits one part of a pattern.

    Raises IllegalArgumentException for a pattern that opens a bracket and does not close it.

    >>> matches("x.csv", "*.{json,csv}"), matches("b", "[^a]"), matches("a", "[!a]")
    (True, True, False)
    """
    return _compiled(pattern).fullmatch(name) is not None


def expand(pattern: str) -> list[str]:
    """The existing paths that fit an absolute pattern, sorted, each once."""
    found = {path for simple in alternatives(pattern) for path in _below("/", _parts(simple))}
    return sorted(found)


def separated(names: str) -> list[str]:
    """The names in a list by commas; a comma in braces, or after a backslash, belongs to its name.

    >>> separated("/in/{a,b}/*, /more")
    ['/in/{a,b}/*', '/more']
    """
    return [name.strip() for name in _choices(names)]


def fixed_root(pattern: str) -> str:
    """The folder above the first part of a path that is a pattern; the path itself when none is.

    >>> fixed_root("/in/2026/*/x"), fixed_root("/in")
    ('/in/2026', '/in')
    """
    parts = []
    for part in _parts(pattern):
        if has_magic(part):
            break
        parts.append(part)
    return "/" + "/".join(parts)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _below(folder: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    first, rest = parts[0], parts[1:]
    if not has_magic(first):
        path = os.path.join(folder, first)  # noqa: PTH118 - a path object costs more than the look
        if os.path.lexists(path):
            yield from _below(path, rest)
        return
    for name in _names(folder):
        if matches(name, first):
            yield from _below(os.path.join(folder, name), rest)  # noqa: PTH118 - as above


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - as above
    except (FileNotFoundError, NotADirectoryError):
        return []


def alternatives(pattern: str) -> Iterator[str]:
    """The patterns whose braces stay within one part of a path: `{a/b,c}` becomes `a/b` and `c`."""
    found = next((span for span in _braces(pattern) if "/" in pattern[span[0] : span[1]]), None)
    if found is None:
        yield pattern
        return
    start, end = found
    for choice in _choices(pattern[start + 1 : end]):
        yield from alternatives(pattern[:start] + choice + pattern[end + 1 :])


def _braces(pattern: str) -> Iterator[tuple[int, int]]:
    """Where the outer braces open and close."""
    depth = start = 0
    for place, mark in _marks(pattern):
        if mark == "{":
            start = place if depth == 0 else start
            depth += 1
        elif mark == "}" and depth:
            depth -= 1
            if depth == 0:
                yield start, place


def _choices(inner: str) -> list[str]:
    depth, cuts = 0, [-1]
    for place, mark in _marks(inner):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if mark == "," and depth == 0:
            cuts.append(place)
    return [inner[a + 1 : b] for a, b in zip(cuts, [*cuts[1:], len(inner)], strict=True)]


def _marks(pattern: str) -> Iterator[tuple[int, str]]:
    """The characters that are not escaped."""
    place = 0
    while place < len(pattern):
        if pattern[place] == "\\":
            place += 2
            continue
        yield place, pattern[place]
        place += 1


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    text, place, depth = [], 0, 0
    while place < len(pattern):
        mark = pattern[place]
        place += 1
        if mark == "\\":
            if place == len(pattern):
                raise _malformed(pattern, "nothing follows its last backslash")
            text.append(re.escape(pattern[place]))
            place += 1
        elif mark == "[":
            piece, place = _class(pattern, place)
            text.append(piece)
        elif mark == "{":
            depth += 1
            text.append("(?:")
        elif mark == "," and depth:
            text.append("|")
        elif mark == "}" and depth:
            depth -= 1
            text.append(")")
        else:
            text.append({"*": ".*", "?": "."}.get(mark) or re.escape(mark))
    if depth:
        raise _malformed(pattern, "a { is not closed")
    return re.compile("".join(text), re.DOTALL)


def _class(pattern: str, start: int) -> tuple[str, int]:
    """A class as a regular expression, and the place after it."""
    negated = pattern[start : start + 1] in ("^", "!")
    place = start + negated
    members: list[str] = []
    while (found := _IN_A_CLASS.match(pattern, place)) is not None:
        place = found.end()
        mark = found[0]
        if mark == "]" and members:
            return f"[{'^' if negated else ''}{''.join(members)}]", place
        members.append(_member(mark, pattern, place))
    raise _malformed(pattern, "a [ is not closed")


def _member(mark: str, pattern: str, place: int) -> str:
    is_range = mark == "-" and pattern[place : place + 1] not in ("", "]")
    return mark if is_range else re.escape(mark[-1])


def _malformed(pattern: str, why: str) -> IllegalArgumentException:
    return IllegalArgumentException(f"the path pattern {pattern!r} cannot be read: {why}")
