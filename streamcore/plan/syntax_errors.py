"""What the parser cannot read, told as Spark tells it: the word, its place, and a pointer below the text."""

from __future__ import annotations

import re
from typing import Any

from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import TokenType

from streamcore.errors import ParseException


def syntax_error(text: str, error: Exception, tokens: list[Any], prefix: int = 0) -> ParseException:
    """The error for SQL text that does not follow the grammar.

    `tokens` are those of the text, as far as they could be told apart; `prefix` characters were put before
    what the user wrote and are not shown.
    """
    if isinstance(error, TokenError):
        return _untokenized(text, prefix)
    place = _place(error, tokens, len(text))
    near = "end of input" if place >= len(text) else f"'{_word_at(text, place)}'"
    return at(f"[PARSE_SYNTAX_ERROR] Syntax error at or near {near}. SQLSTATE: 42601", text, place, prefix)


def at(message: str, text: str, place: int, prefix: int = 0) -> ParseException:
    """An error at a character of the text, in Spark's layout."""
    line = text.count("\n", 0, place) + 1
    begins = text.rfind("\n", 0, place) + 1
    column = place - begins - (prefix if line == 1 else 0)
    shown = text[prefix:].split("\n")
    pointer = "-" * column + "^^^"
    listed = "\n".join([*shown[:line], pointer, *shown[line:]])
    return ParseException(f"\n{message} (line {line}, pos {column})\n\n== SQL ==\n{listed}\n")


def _untokenized(text: str, prefix: int) -> ParseException:
    comment = text.rfind("/*")
    if comment >= 0 and "*/" not in text[comment:]:
        return ParseException(
            "[UNCLOSED_BRACKETED_COMMENT] Found an unclosed bracketed comment. Please, append */ at the end "
            f"of the comment. SQLSTATE: 42601\n== SQL ==\n{text[prefix:]}"
        )
    opened = max(0, _open_quote(text))
    return at(
        f"[PARSE_SYNTAX_ERROR] Syntax error at or near '{text[opened : opened + 1]}'. SQLSTATE: 42601",
        text,
        opened,
        prefix,
    )


def _open_quote(text: str) -> int:
    """Where the quote begins that nothing ends."""
    at_, quote = 0, ""
    begin = -1
    while at_ < len(text):
        character = text[at_]
        if quote:
            if character == "\\" and quote != "`":
                at_ += 1
            elif character == quote:
                quote, begin = "", -1
        elif character in "'\"`":
            quote, begin = character, at_
        at_ += 1
    return begin


def _place(error: Exception, tokens: list[Any], end: int) -> int:
    """The character at which the parser stopped; the end of the text where it wanted more."""
    if not isinstance(error, ParseError) or not error.errors:
        return end
    first = error.errors[0]
    line, column, highlight = first.get("line"), first.get("col"), first.get("highlight")
    found = next((t for t in tokens if t.line == line and t.col == column and t.text), None)
    if found is None:
        return end
    if len(tokens) > 1 and found is tokens[1] and tokens[0].token_type == TokenType.VAR:
        return int(tokens[0].start)  # no statement begins with this word
    wants_more = re.search(r"Required keyword|Expected|Expecting", str(first.get("description") or ""))
    is_last = tokens[-1] is found
    return end if wants_more and is_last and highlight is not None else int(found.start)


def _word_at(text: str, place: int) -> str:
    found = re.match(r"\w+|.", text[place:], re.DOTALL)
    return found[0] if found else ""
