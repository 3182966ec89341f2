"""Where Spark's grammar of expressions differs from the parser's: precedence, predicates, quantified LIKE.

Spark reads OR, AND, NOT, then a value with at most one predicate (BETWEEN, IN, LIKE, IS ...).  Values are,
from what binds loosest: comparisons, `|`, `^`, `&`, shifts, `+ - ||`, `* / % div`, signs.  The parser of many
dialects has some of these on one level, and lets predicates stand where comparisons do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Final

from sqlglot import exp
from sqlglot.parsers.spark import SparkParser
from sqlglot.tokenizer_core import TokenType

from streamcore.plan.table_argument import TableArgument

_COMPARISONS: dict[TokenType, type[exp.Binary]] = {
    TokenType.EQ: exp.EQ, TokenType.NEQ: exp.NEQ, TokenType.NULLSAFE_EQ: exp.NullSafeEQ,
    TokenType.LT: exp.LT, TokenType.LTE: exp.LTE, TokenType.GT: exp.GT, TokenType.GTE: exp.GTE,
}  # fmt: skip
_SHIFTS = (
    ([TokenType.LT] * 2, "<<", "shiftleft"),
    ([TokenType.GT] * 3, ">>>", "shiftrightunsigned"),
    ([TokenType.GT] * 2, ">>", "shiftright"),
)
WRITTEN_AS = "written_as"
"""Where a call has, among what a node may carry, the operator by which it was written."""

_QUANTIFIERS = (TokenType.ANY, TokenType.SOME, TokenType.ALL)


BARE: Final = "bare"
"""Where a call that was written without brackets has, among what a node may carry, its name."""


def _bare(class_: Callable[[], exp.Expr], word: str) -> Callable[[], exp.Expr]:
    def build() -> exp.Expr:
        node = class_()
        node.meta[BARE] = word
        return node

    return build


class SparkGrammar(SparkParser):
    """Expressions in Spark's order of precedence."""

    NO_PAREN_FUNCTIONS = {  # noqa: RUF012 - sqlglot's own way to say it
        token: _bare(class_, token.name.lower()) for token, class_ in SparkParser.NO_PAREN_FUNCTIONS.items()
    }

    UNARY_PARSERS = {  # noqa: RUF012 - sqlglot's own way to say it
        TokenType.PLUS: lambda self: self._sign(),
        TokenType.TILDE: SparkParser.UNARY_PARSERS[TokenType.TILDE],
        TokenType.DASH: SparkParser.UNARY_PARSERS[TokenType.DASH],
    }

    def _parse_equality(self, parse_is: bool = True) -> exp.Expr | None:
        """What AND and OR connect: a negation, or a value with at most one predicate."""
        if self._match(TokenType.NOT):
            return self.expression(exp.Not(this=self._parse_equality()))
        value = self._parse_comparison()
        return None if value is None else self._predicate(value)

    def _parse_comparison(self, this: exp.Expr | None = None) -> exp.Expr | None:
        left = this or self._parse_bitwise()
        while left is not None and self._match_set(_COMPARISONS):
            class_ = _COMPARISONS[self._prev.token_type]
            left = self.expression(class_(this=left, expression=self._parse_bitwise()))
        return left

    def _parse_bitwise(self) -> exp.Expr | None:
        return self._operators(TokenType.PIPE, exp.BitwiseOr, self._parse_exclusive_or)

    def _parse_exclusive_or(self) -> exp.Expr | None:
        return self._operators(TokenType.CARET, exp.BitwiseXor, self._parse_conjoined_bits)

    def _parse_conjoined_bits(self) -> exp.Expr | None:
        return self._operators(TokenType.AMP, exp.BitwiseAnd, self._parse_shift)

    def _operators(
        self, token: TokenType, class_: type[exp.Binary], operand: Callable[[], exp.Expr | None]
    ) -> exp.Expr | None:
        left = operand()
        while left is not None and self._match(token):
            left = self.expression(class_(this=left, expression=operand()))
        return left

    def _parse_shift(self) -> exp.Expr | None:
        left = self._parse_term()
        while left is not None and (shift := self._match_shift()) is not None:
            operator, name = shift
            left = self.expression(exp.Anonymous(this=name, expressions=[left, self._parse_term()]))
            left.meta[WRITTEN_AS] = operator
        return left

    def _match_shift(self) -> tuple[str, str] | None:
        """The shift that the tokens ahead spell, and the function that it is; goes behind it."""
        for spelling, operator, name in _SHIFTS:
            ahead = self._tokens[self._index : self._index + len(spelling)]
            is_spelled = [token.token_type for token in ahead] == spelling
            if is_spelled and ahead[-1].end - ahead[0].start == len(spelling) - 1:
                self._advance(len(spelling))
                return operator, name
        return None

    def _parse_term(self, parse_mod: bool = True) -> exp.Expr | None:
        left = self._parse_factor(parse_mod=parse_mod)
        while left is not None:
            if self._match(TokenType.DPIPE):
                left = self.expression(exp.DPipe(this=left, expression=self._parse_factor(parse_mod)))
            elif self._match_set((TokenType.PLUS, TokenType.DASH)):
                class_ = exp.Add if self._prev.token_type == TokenType.PLUS else exp.Sub
                left = self.expression(class_(this=left, expression=self._parse_factor(parse_mod)))
            elif self._match(TokenType.COLLATE):
                left = self.expression(exp.Collate(this=left, expression=self._parse_id_var()))
            else:
                return left
        return left

    def _sign(self) -> exp.Expr:
        return self.expression(exp.Anonymous(this="positive", expressions=[self._parse_unary()]))

    # ---- predicates ------------------------------------------------------------------------------

    def _predicate(self, value: exp.Expr) -> exp.Expr:
        """The value, or the predicate over it that follows."""
        if self._match(TokenType.IS):
            return self._is(value)
        is_negated = self._match(TokenType.NOT)
        found = self._range_predicate(value, is_negated=bool(is_negated))
        if found is not None:
            return found
        if is_negated:
            self._retreat(self._index - 1)
        return value

    def _range_predicate(self, value: exp.Expr, *, is_negated: bool) -> exp.Expr | None:
        if self._match(TokenType.BETWEEN):
            low = self._parse_comparison()
            if not self._match(TokenType.AND):
                self.raise_error("Expected AND")
            found: exp.Expr = exp.Between(this=value, low=low, high=self._parse_comparison())
        elif self._match(TokenType.IN):
            found = self._parse_in(value)
        elif self._match(TokenType.RLIKE):
            found = exp.RegexpLike(this=value, expression=self._parse_comparison())
        elif self._match_set((TokenType.LIKE, TokenType.ILIKE)):
            class_ = exp.Like if self._prev.token_type == TokenType.LIKE else exp.ILike
            if self._match_set(_QUANTIFIERS):
                return self._quantified_like(value, class_, is_negated=is_negated)
            like = self.expression(class_(this=value, expression=self._parse_comparison()))
            found = self._parse_escape(like) or like
        else:
            return None
        return self.expression(exp.Not(this=found)) if is_negated else self.expression(found)

    def _quantified_like(self, value: exp.Expr, class_: type[exp.Binary], *, is_negated: bool) -> exp.Expr:
        """`a NOT LIKE ALL (p, q)`: each pattern is negated by itself."""
        connector = exp.And if self._prev.token_type == TokenType.ALL else exp.Or
        patterns = self._parse_wrapped_csv(self._parse_assignment)
        if not patterns:
            self.raise_error("Expected something between '(' and ')'.")
        tests: list[exp.Expr] = [class_(this=value.copy(), expression=pattern) for pattern in patterns]
        if is_negated:
            tests = [exp.Not(this=test) for test in tests]
        found = exp.Paren(this=reduce(lambda a, b: connector(this=a, expression=b), tests))
        found.meta[WRITTEN_AS] = f"{'not' * is_negated}like{'all' if connector is exp.And else 'any'}"
        return found

    def _is(self, value: exp.Expr) -> exp.Expr:
        is_negated = self._match(TokenType.NOT)
        found: exp.Expr
        if self._match_text_seq("DISTINCT", "FROM"):
            is_negated = not is_negated
            found = exp.NullSafeEQ(this=value, expression=self._parse_comparison())
        elif self._match(TokenType.NULL) or self._match_text_seq("UNKNOWN"):
            found = exp.Is(this=value, expression=exp.Null())
        elif self._match_set((TokenType.TRUE, TokenType.FALSE)):
            truth = exp.Boolean(this=self._prev.token_type == TokenType.TRUE)
            found = exp.NullSafeEQ(this=value, expression=truth)
        else:
            self.raise_error("Expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM")
        return self.expression(exp.Not(this=found)) if is_negated else self.expression(found)

    # ---- clauses ---------------------------------------------------------------------------------

    def _parse_group(self, skip_group_by_token: bool = False) -> exp.Group | None:
        group = super()._parse_group(skip_group_by_token)
        if group is not None and not any(group.args.values()):
            self.raise_error("Expected a grouping expression")
        return group

    def _parse_order(self, this: exp.Expr | None = None, skip_order_token: bool = False) -> exp.Expr | None:
        order = super()._parse_order(this, skip_order_token)
        if isinstance(order, exp.Order) and not order.expressions:
            self.raise_error("Expected an ordering")
        return order

    def _parse_subquery(self, this: exp.Expr | None, parse_alias: bool = True) -> exp.Subquery | None:
        """A query in parentheses; its sample stands before its alias."""
        found = super()._parse_subquery(this, parse_alias)
        if found is not None and parse_alias and found.args.get("sample") and not found.args.get("alias"):
            found.set("alias", self._parse_table_alias())
        return found

    def _parse_pivot_aggregation(self) -> exp.Expr | None:
        return self._parse_alias(self._parse_disjunction())

    # ---- tables as arguments ----------------------------------------------------------------------

    def _placed(self, table: exp.Anonymous) -> exp.Expr:
        """How the rows of `TABLE(...)` come to the function that it is an argument of."""
        keys = None
        if self._match(TokenType.PARTITION_BY):
            is_listed = self._match(TokenType.L_PAREN)
            keys = self._parse_csv(self._parse_disjunction)
            if is_listed:
                self._match_r_paren()
        else:
            self._match_text_seq("WITH", "SINGLE", "PARTITION")
        (named,) = table.expressions
        return TableArgument(this=named, partition_by=keys, order=self._parse_order())

    # ---- windows ---------------------------------------------------------------------------------

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        """What may follow a call; of a frame with one bound the other is the current row."""
        if isinstance(this, exp.Anonymous) and this.name.upper() == "TABLE" and len(this.expressions) == 1:
            return self._placed(this)
        found = super()._parse_window(this, alias)
        spec = found.args.get("spec") if isinstance(found, exp.Window) else None
        if spec is not None:
            spec.set("kind", spec.args["kind"].upper())
            for side in ("start_side", "end_side"):
                word = spec.args.get(side)
                spec.set(side, word and word.upper())
            if spec.args.get("end") is None:
                spec.set("end", "CURRENT ROW")
        return found
