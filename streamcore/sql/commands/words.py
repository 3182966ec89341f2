"""The words of a statement, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from streamcore.errors import ParseException


class Kind(Enum):
    """What a word is."""

    WORD = "a keyword or a name"
    QUOTED = "a name in backticks"
    STRING = "a literal in quotes"
    NUMBER = "a number"
    SIGN = "a sign"


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `text[start:end]` of the statement is how it is written."""

    kind: Kind
    text: str
    start: int
    end: int


_PATTERN: Final = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
    |(?P<comment>/\*)
    |(?P<STRING>[rR](?:'[^']*'|"[^"]*")|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    |(?P<QUOTED>`(?:[^`]|``)+`)
    |(?P<NUMBER>\d+\.?\d*(?:[eE][+-]?\d+)?(?![\w])|\.\d+(?:[eE][+-]?\d+)?(?![\w]))
    |(?P<WORD>\w+)
    |(?P<SIGN>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")


def words_of(text: str) -> list[Word]:
    """The words of a statement without its comments; raises ParseException for a comment without an end.

    >>> [word.text for word in words_of("USE /* which */ `my db` -- this one")]
    ['USE', '`my db`']
    """
    return list(_words(text))


def _words(text: str) -> Iterator[Word]:
    at = 0
    while at < len(text):
        found = _PATTERN.match(text, at)
        if found is None or found.lastgroup is None:
            raise ParseException(
                f"[PARSE_SYNTAX_ERROR] Cannot read the SQL {text!r} at {at}. SQLSTATE: 42601"
            )
        if found.lastgroup == "comment":
            at = _comment_end(text, at)
            continue
        if found.lastgroup != "space":
            yield Word(Kind[found.lastgroup], found[0], at, found.end())
        at = found.end()


def _comment_end(text: str, at: int) -> int:
    """The place behind a comment in brackets, which may hold others."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, at):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise ParseException(
        "[UNCLOSED_BRACKETED_COMMENT] Found an unclosed bracketed comment. Please, append */ at the end of "
        "the comment. SQLSTATE: 42601"
    )


def first_word(text: str) -> str:
    r"""The first word of a statement in lower case; "" when there is none.

    >>> first_word("-- which tables\nSHOW TABLES")
    'show'
    """
    word = next(_words(text), None)
    return "" if word is None else word.text.lower()
