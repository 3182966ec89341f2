"""IDENTIFIER(...): names that a constant expression gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from streamcore.errors import ParseException
from streamcore.sql.commands.words import Kind, Word, words_of
from streamcore.sql.tables.names import parts_of, quoted

_CALL: Final = re.compile(r"\bidentifier\s*\(", re.IGNORECASE)


def has_identifiers(text: str) -> bool:
    """Whether a text may hold such a name; it is only looked at closely when it does.

    >>> has_identifiers("SELECT * FROM IDENTIFIER('t')"), has_identifiers("SELECT 1")
    (True, False)
    """
    return _CALL.search(text) is not None


def with_identifiers(text: str, constant: Callable[[str], str]) -> str:
    """The text with the names in the place of the expressions that give them.

    >>> with_identifiers("SELECT IDENTIFIER('a.b') FROM t", lambda text: text.strip("'"))
    'SELECT `a`.`b` FROM t'
    """
    words, pieces, end = words_of(text), list[str](), 0
    for at, word in enumerate(words):
        if word.start < end or not _begins(words, at):
            continue
        closing = words[_closing(words, at + 1)]
        try:
            name = constant(text[words[at + 1].end : closing.start])
        except ParseException:
            # No expression: a table or a function that is called so, and its columns.
            continue
        pieces += [text[end : word.start], quoted(parts_of(name))]
        end = closing.end
    return "".join([*pieces, text[end:]])


def _begins(words: Sequence[Word], at: int) -> bool:
    is_word = words[at].kind is Kind.WORD and words[at].text.lower() == "identifier"
    return is_word and at + 1 < len(words) and words[at + 1].text == "("


def _closing(words: Sequence[Word], at: int) -> int:
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(words)):
        if words[place].kind is Kind.SIGN:
            depth += {"(": 1, ")": -1}.get(words[place].text, 0)
        if depth == 0:
            return place
    raise ParseException("[PARSE_SYNTAX_ERROR] IDENTIFIER( has no closing bracket. SQLSTATE: 42601")
