"""What the letters of a datetime pattern mean, and which of them Spark refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from streamcore.errors import IllegalArgumentException

_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[\[\]]|[^A-Za-z'\[\]]+")
_WEEK_BASED: Final = frozenset("YWwec")
_NEVER: Final = frozenset("ABnNp")
_NOT_READ: Final = frozenset("EFqQ")
# The most letters of one field; those that are not named here are no fields.
_MOST: Final = {
    "G": 4, "y": 6, "u": 6, "M": 4, "L": 4, "d": 2, "D": 3, "H": 2, "h": 2, "K": 2, "k": 2, "m": 2, "s": 2,
    "S": 9, "E": 4, "F": 1, "q": 4, "Q": 4, "a": 1, "V": 2, "z": 4, "O": 4, "X": 5, "x": 5, "Z": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A part of a pattern: a field of `count` equal letters, an optional section, or text as it stands.

    `following` are the digits that fixed fields directly behind a number of no fixed width leave to it.
    """

    letter: str = ""
    count: int = 0
    text: str = ""
    section: tuple[Piece, ...] | None = None
    following: int = 0


@cache
def pieces_of(pattern: str, *, is_read: bool) -> tuple[Piece, ...]:
    """The parts of a pattern; raises IllegalArgumentException for what Spark refuses."""
    tokens = _tokens(pattern)
    letters = {token[0] for token in tokens if token[:1].isalpha()}
    _refuse(pattern, tokens, letters, is_read=is_read)
    found, rest = _section(tokens, pattern, depth=0)
    assert not rest
    if "G" not in letters:
        found = _with_letter(found, "y", "u")
    return _with_widths(found)


def _tokens(pattern: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(pattern):
        match = _TOKEN.match(pattern, position)
        if match is None:
            raise _error(pattern, "a quote is not closed")
        tokens.append(match.group())
        position = match.end()
    return tokens


def _refuse(pattern: str, tokens: list[str], letters: set[str], *, is_read: bool) -> None:
    week_based = sorted(letters & _WEEK_BASED)
    if week_based:
        raise IllegalArgumentException(
            "[INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN] All week-based patterns are "
            f"unsupported since Spark 3.0, detected week-based character: {week_based[0]}. Please use the "
            "SQL function EXTRACT instead. SQLSTATE: 42K0B"
        )
    for letter in sorted(letters):
        if letter in _NEVER or letter not in _MOST or (is_read and letter in _NOT_READ):
            purpose = "for reading" if is_read else "for writing"
            raise _error(pattern, f"the letter {letter!r} is not offered {purpose}")
    for token in tokens:
        if token[:1].isalpha() and len(token) > _MOST[token[0]]:
            raise _error(pattern, f"too many letters: {token!r}")
        if token[0] == "V" and len(token) != _MOST["V"]:
            raise _error(pattern, "the letter 'V' stands twice")
        if token[0] == "O" and len(token) not in (1, 4):
            raise _error(pattern, "the letter 'O' stands once or four times")


def _error(pattern: str, reason: str) -> IllegalArgumentException:
    return IllegalArgumentException(
        f"[INVALID_DATETIME_PATTERN] Unrecognized datetime pattern: {pattern!r}: {reason}. SQLSTATE: 22007"
    )


def _section(tokens: list[str], pattern: str, depth: int) -> tuple[tuple[Piece, ...], list[str]]:
    found: list[Piece] = []
    while tokens:
        part, tokens = tokens[0], tokens[1:]
        if part == "[":
            inner, tokens = _section(tokens, pattern, depth + 1)
            found.append(Piece(section=inner))
        elif part == "]":
            if not depth:
                raise _error(pattern, "a section is closed that was not opened")
            return tuple(found), tokens
        elif part[0].isalpha():
            found.append(Piece(part[0], len(part)))
        else:
            found.append(Piece(text=_literal(part, pattern)))
    return tuple(found), tokens


def _literal(token: str, pattern: str) -> str:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'") or "'"
    if any(reserved in token for reserved in "{}#"):
        raise _error(pattern, "the signs '{', '}' and '#' are reserved")
    return token


def _with_letter(pieces: tuple[Piece, ...], old: str, new: str) -> tuple[Piece, ...]:
    return tuple(
        replace(piece, section=_with_letter(piece.section, old, new))
        if piece.section is not None
        else replace(piece, letter=new)
        if piece.letter == old
        else piece
        for piece in pieces
    )


def _with_widths(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same, with the digits that each number of no fixed width leaves to those behind it."""
    found: list[Piece] = []
    following = 0
    for piece in reversed(pieces):
        if piece.section is not None:
            found.append(replace(piece, section=_with_widths(piece.section)))
            following = 0
        elif is_fixed(piece):
            found.append(piece)
            following += 2 if piece.letter != "D" else piece.count
        else:
            found.append(replace(piece, following=following if is_number(piece) else 0))
            following = 0
    return tuple(reversed(found))


def is_number(piece: Piece) -> bool:
    """Whether a piece is written in digits alone."""
    if piece.letter in ("M", "L", "q", "Q"):
        return piece.count <= 2
    return piece.letter in tuple("yudDHhKkmsF")


def is_fixed(piece: Piece) -> bool:
    """Whether a number has always as many digits."""
    if piece.letter in ("y", "u"):
        return piece.count == 2
    return is_number(piece) and (piece.count == 2 if piece.letter != "D" else piece.count == 3)
