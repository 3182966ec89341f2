"""The values of `:name` and `?` in SQL text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.sql.commands.words import Kind, Word, words_of
from streamcore.sql.literals import literal_expression

Arguments = Mapping[str, Any] | Sequence[Any] | None


def bound(node: exp.Expression, args: Arguments) -> exp.Expression:
    """The parsed text with its parameter markers replaced by literals."""
    markers = list(node.find_all(exp.Placeholder))
    if not markers:
        return node
    order = {id(m): at for at, m in enumerate(m for m in markers if not m.this)}

    def rule(found: exp.Expression) -> exp.Expression:
        if not isinstance(found, exp.Placeholder):
            return found
        return _value(args, found.this or order[id(found)])

    replaced: exp.Expression = node.transform(rule, copy=False)
    return replaced


def with_values(text: str, args: Arguments) -> str:
    """The text of a command with literals for its parameter markers."""
    pieces, end, unnamed = [], 0, 0
    words = words_of(text)
    for at, word in enumerate(words):
        name = _marker(text, words, at)
        if name is None:
            continue
        key: str | int = name or unnamed
        unnamed += not name
        pieces += [text[end : word.start], _value(args, key).sql(dialect="spark")]
        end = words[at + 1].end if name else word.end
    return "".join([*pieces, text[end:]])


def has_named_parameters(text: str) -> bool:
    """Whether a text has markers such as `:name`."""
    words = words_of(text)
    return any(_marker(text, words, at) for at in range(len(words)))


def literal_of(value: Any) -> exp.Expression:
    """The expression that stands for a value of a parameter."""
    from streamcore.sql.column import Column

    return value.expression.copy() if isinstance(value, Column) else literal_expression(value)


def _marker(text: str, words: Sequence[Word], at: int) -> str | None:
    """The name of the parameter whose marker begins here, "" for `?`; None where none does."""
    word = words[at]
    if word.kind is not Kind.SIGN or word.text not in "?:":
        return None
    if word.text == "?":
        return ""
    before = text[word.start - 1 : word.start]
    after = words[at + 1] if at + 1 < len(words) else None
    # `a:b` is a field of a variant or of a struct's type, `a::b` a cast.
    if before.isalnum() or (before in ("_", ":", ")", "]", "`") and before):
        return None
    is_name = after is not None and after.kind is Kind.WORD and after.start == word.end
    return after.text if is_name and after is not None else None


def _value(args: Arguments, key: str | int) -> exp.Expression:
    values: Any = args if args is not None else {}
    try:
        value = values[key]
    except (KeyError, IndexError, TypeError):
        shown = key if isinstance(key, str) else "?"
        raise AnalysisException(
            f"[UNBOUND_SQL_PARAMETER] Found the unbound parameter: {shown}. Please, fix `args` and provide a "
            "mapping of the parameter to either a SQL literal or collection constructor functions. SQLSTATE: "
            "42P02"
        ) from None
    return literal_of(value)
