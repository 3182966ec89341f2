"""Where in SQL text an error is: the parser's marks on its nodes, read when an error passes by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp

from streamcore.errors import AnalysisException, Span
from streamcore.query_context import QueryContext

_ELSEWHERE = Span(-1, -1)


@contextmanager
def places_in(text: str, offset: int) -> Iterator[None]:
    """Errors of a text whose parsed part begins at `offset` say where they are; below 0: it is no part."""
    try:
        yield
    except AnalysisException as error:
        if error.span is not None and error.span != _ELSEWHERE and offset >= 0:
            first, last = error.span.first + offset, error.span.last + offset
            error.locate(QueryContext(text, first, _end(text, last) if error.span.is_call else last))
        raise


@contextmanager
def no_places() -> Iterator[None]:
    """Errors of another text than that of the statement, of a view's or a function's: they have no place."""
    try:
        yield
    except AnalysisException as error:
        error.span = _ELSEWHERE
        raise


def mark(error: AnalysisException, node: exp.Expression) -> AnalysisException:
    """The error, which is about this dotted name or call unless it knows a nearer place."""
    if error.span is None:
        error.span = _span(node)
    return error


def _span(node: exp.Expression) -> Span | None:
    parts = node.parts if isinstance(node, (exp.Column, exp.Table)) else [node]
    marks = [part.meta for part in parts]
    if not all("start" in mark for mark in marks):
        return None
    is_call = isinstance(node, exp.Func)
    return Span(min(mark["start"] for mark in marks), max(mark["end"] for mark in marks), is_call)


def _end(text: str, name_end: int) -> int:
    """The bracket that closes the call of a function whose name ends here."""
    depth, quote, at = 0, "", name_end + 1
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\" and quote != "`":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "'\"`":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return name_end
