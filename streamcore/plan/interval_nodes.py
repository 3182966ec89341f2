"""Interval literals as nodes: how the parser reads them, and which values they are.

Every literal, in whatever form it was written, becomes one `exp.Interval` with the text and the unit or units
by which Spark shows it: `INTERVAL 3 days 4 hours` is `INTERVAL '3 04' DAY TO HOUR`.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.parsers.spark import SparkParser
from sqlglot.tokenizer_core import TokenType

from streamcore.errors import ParseException
from streamcore.spi.interval_values import (
    UNITS,
    IntervalValue,
    interval_of_span,
    interval_of_terms,
    span_body,
    span_words,
)

_SIGNS = {TokenType.DASH: "-", TokenType.PLUS: ""}


def interval_node(value: IntervalValue) -> exp.Interval:
    """The literal of a value.

    >>> interval_node(interval_of_terms("3 days 4 hours")).sql(dialect="spark")
    "INTERVAL '3 04' DAY TO HOUR"
    """
    start, _, end = span_words(value.type).partition(" TO ")
    unit = exp.IntervalSpan(this=exp.var(start), expression=exp.var(end)) if end else exp.var(start)
    return exp.Interval(this=exp.Literal.string(span_body(value.count, value.type)), unit=unit)


def interval_value(node: exp.Interval) -> IntervalValue:
    """The value of a literal; raises ValueError that says what is wrong with one not made by the parser."""
    text, unit = str(node.this.name), node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        return interval_of_span(text, unit.this.name.upper(), unit.expression.name.upper())
    return interval_of_terms(text if unit is None else f"{text} {unit.name}")


class IntervalLiterals(SparkParser):
    """The part of the parser that reads interval literals; it stands before sqlglot's own in the order."""

    def _parse_interval(
        self, require_interval: bool = True, parse_function_unit: bool = True
    ) -> exp.Interval | None:
        """The literal at the parser's place; None, and the parser where it was, when there is none.

        Raises ParseException for a literal that is no interval.
        """
        start = self._index
        if not self._match(TokenType.INTERVAL):
            return None
        try:
            value = self._interval_value()
        except ValueError as error:
            raise ParseException(
                f"[INVALID_INTERVAL_FORMAT] Error parsing an interval: {error}. SQLSTATE: 22006"
            ) from error
        if value is None:
            self._retreat(start)
            return None
        return interval_node(value)

    def _interval_value(self) -> IntervalValue | None:
        first = self._interval_amount()
        if first is None:
            return None
        text, is_string, sign = first
        unit = self._interval_unit()
        if unit is None:
            return interval_of_terms(text) if is_string and not sign else None
        end = self._interval_end() if is_string else None
        if end is not None:
            value = interval_of_span(text, unit, end)
            return IntervalValue(-value.count, value.type) if sign else value
        terms = [_term(text, sign, unit)]
        while (more := self._further_interval_term()) is not None:
            terms.append(more)
        return interval_of_terms(" ".join(terms))

    def _interval_amount(self) -> tuple[str, bool, str] | None:
        """The text of a number or string, whether it is a string, and a minus that stands before it."""
        sign = ""
        if self._curr and self._curr.token_type in _SIGNS:
            sign = _SIGNS[self._curr.token_type]
            self._advance()
        token = self._curr
        if not token or token.token_type not in (TokenType.NUMBER, TokenType.STRING):
            return None
        self._advance()
        return token.text, token.token_type == TokenType.STRING, sign

    def _interval_unit(self) -> str | None:
        word = self._curr.text.upper().removesuffix("S") if self._curr else ""
        if word not in UNITS:
            return None
        self._advance()
        return str(word)

    def _interval_end(self) -> str | None:
        start = self._index
        if self._match_text_seq("TO"):
            found = self._interval_unit()
            if found is not None:
                return found
        self._retreat(start)
        return None

    def _further_interval_term(self) -> str | None:
        """A further number and unit; a number without a unit belongs to what follows the literal."""
        start = self._index
        found = self._interval_amount()
        unit = None if found is None else self._interval_unit()
        if found is None or unit is None:
            self._retreat(start)
            return None
        return _term(found[0], found[2], unit)


def _term(text: str, sign: str, unit: str) -> str:
    amount = text.strip()
    if sign:
        amount = amount[1:] if amount.startswith("-") else f"-{amount.removeprefix('+')}"
    return f"{amount} {unit}"
