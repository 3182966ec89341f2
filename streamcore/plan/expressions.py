"""Expressions as sqlglot nodes: how text becomes one, and which forms they take.

Operators, CASE, casts, aggregates, window functions and generators have node classes of their own; every
other function is an `Anonymous` call under Spark's lower-case name with the arguments as written.
sqlglot's own classes rewrite arguments (formats, defaults, order) on the way in; a call by name does not.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from streamcore.errors import ParseException
from streamcore.plan import older_syntax, refusals
from streamcore.plan.call_nodes import CALL_NODES
from streamcore.plan.grammar import SparkGrammar
from streamcore.plan.interval_nodes import IntervalLiterals
from streamcore.plan.literal_nodes import number_node, of_leading_literal
from streamcore.plan.named_arguments import name_by_position
from streamcore.plan.older_syntax import OlderSyntax
from streamcore.plan.read_arguments import argument_counts, refuse_unread
from streamcore.plan.syntax_errors import at, syntax_error
from streamcore.plan.within_group import require_orders, with_orders_as_arguments
from streamcore.spi.types import DataType, holds_udt

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPED = frozenset(spelling for node in CALL_NODES.values() for spelling in node.spellings)
_GRAMMATICAL = frozenset(["CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "OVERLAY"])

_BUILDERS: dict[str, Callable[..., Any]] = {
    name: build for name, build in Spark.Parser.FUNCTIONS.items() if name in _TYPED
}


def _typed_literal(_: object, value: Any, to: Any) -> Any:
    return of_leading_literal(value, to)


MOST_LEVELS = "most_levels"
"""Where a named query has, among what a node may carry, its MAX RECURSION LEVEL."""


class StreamcoreSpark(Spark):
    """Spark SQL in which function calls keep their names and arguments."""

    SUPPORTS_ORDER_BY_ALL = False  # no word of the grammar: a column may be called so

    class Parser(IntervalLiterals, SparkGrammar):
        """Spark's parser with most function classes left out."""

        FUNCTIONS = _BUILDERS
        FUNCTION_PARSERS = {  # noqa: RUF012 - sqlglot's own way to say it
            name: parse for name, parse in Spark.Parser.FUNCTION_PARSERS.items() if name in _GRAMMATICAL
        }
        PRIMARY_PARSERS = {  # noqa: RUF012
            **Spark.Parser.PRIMARY_PARSERS,
            TokenType.NUMBER: lambda _, token: number_node(token.text),
        }
        TYPE_LITERAL_PARSERS: ClassVar[Any] = dict.fromkeys(exp.DataType.TEMPORAL_TYPES, _typed_literal)
        NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012
            name: parse for name, parse in Spark.Parser.NO_PAREN_FUNCTION_PARSERS.items() if name != "ANY"
        }

        def _parse_position(self, haystack_first: bool = False) -> Any:
            """`POSITION(a IN b)`; with a comma it is a call like any other."""
            arguments = self._parse_csv(self._parse_bitwise)
            if self._match(TokenType.IN):
                return self.expression(exp.StrPosition(this=self._parse_bitwise(), substr=arguments[0]))
            return self.expression(exp.Anonymous(this="position", expressions=arguments))

        def _parse_cte(self) -> Any:
            """`name(columns) MAX RECURSION LEVEL n AS (query)`."""
            alias = self._parse_table_alias(self.ID_VAR_TOKENS)
            if alias is None or not alias.this:
                self.raise_error("Expected CTE to have alias")
            levels = self._parse_number() if self._match_text_seq("MAX", "RECURSION", "LEVEL") else None
            self._match(TokenType.ALIAS)
            query = self._parse_wrapped(self._parse_statement)
            named = self.expression(exp.CTE(this=query, alias=alias))
            if isinstance(query, exp.Values):
                named.set("this", self._values_to_select(query))
            if levels is not None:
                named.meta[MOST_LEVELS] = int(levels.name)
            return named

        def _parse_extract(self) -> exp.Extract:
            """EXTRACT with the field's name as it was written, which names the column."""
            field = self._parse_var_or_string()
            self._match_set((TokenType.FROM, TokenType.COMMA))
            node: exp.Extract = self.expression(exp.Extract(this=field, expression=self._parse_bitwise()))
            return node

        def validate_expression(self, expression: Any, args: list[Any] | None = None) -> Any:
            """A call's number of arguments is Spark's error, not one of the syntax."""
            is_call = isinstance(expression, exp.Func) and args is not None
            least, most = argument_counts(type(expression)) if is_call else (0, None)
            is_too_much = most is not None and len(args or ()) > most
            if is_call and (is_too_much or expression.error_messages(args) or _is_bare_count(expression)):
                name = expression.sql_name().lower()
                raise refusals.wrong_number_of_arguments(name, least, most, len(args or ()))
            return super().validate_expression(expression, args)


class _LeftToRight(StreamcoreSpark):
    """The same with set operations computed as they stand."""

    INTERSECT_BINDS_TIGHTER_THAN_UNION_AND_EXCEPT = False


def _is_bare_count(node: exp.Expr) -> bool:
    return isinstance(node, exp.Count) and node.this is None


def parse_statement(text: str, older: OlderSyntax = older_syntax.NONE) -> exp.Expression:
    """One statement of Spark SQL; raises ParseException."""
    found = _parse(text, older=older)
    if len(found) != 1:
        raise ParseException(f"[PARSE_SYNTAX_ERROR] Expected one SQL statement: {text!r}.")
    if isinstance(found[0], (exp.Column, exp.Alias)):
        begins = len(text) - len(text.lstrip())
        word = text.split(maxsplit=1)[0]
        raise at(f"[PARSE_SYNTAX_ERROR] Syntax error at or near '{word}'. SQLSTATE: 42601", text, begins)
    return found[0]


def parse_expression(text: str) -> exp.Expression:
    """One expression of Spark SQL, possibly with an alias; raises ParseException.

    >>> parse_expression("date_format(ts, 'yyyy') AS y").alias
    'y'
    """
    found = parse_expressions(text)
    if len(found) != 1:
        raise ParseException(f"[PARSE_SYNTAX_ERROR] Expected one expression: {text!r}.")
    return found[0]


def parse_expressions(text: str) -> list[exp.Expression]:
    """The entries of a select list; raises ParseException."""
    statements = _parse(f"SELECT {text}", prefix=len("SELECT "))
    statement = statements[0] if len(statements) == 1 else None
    if not isinstance(statement, exp.Select) or any(
        value for key, value in statement.args.items() if key != "expressions"
    ):
        raise ParseException(f"[PARSE_SYNTAX_ERROR] Expected an expression: {text!r}.")
    return list(statement.expressions)


def type_node(data_type: DataType) -> exp.DataType:
    """A type as it stands in CAST; one that no SQL text names (user-defined, or of nulls) as Spark's JSON.

    >>> from streamcore.spi.types import LongType
    >>> type_node(LongType()).sql(dialect="spark")
    'BIGINT'
    """
    if holds_udt(data_type) or '"void"' in data_type.json():
        return exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=data_type.json())
    return exp.DataType.build(data_type.simpleString(), dialect="spark")


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """The call of a Spark function by name, in the form that the rest of the plan expects.

    >>> call("lower", exp.column("a")).sql()
    'LOWER(a)'
    """
    if _DRAWS.get(name.lower()) == len(arguments):
        return _own_draw(exp.Anonymous(this=name.lower(), expressions=list(arguments)))
    build = _BUILDERS.get(name.upper())
    if build is not None:
        # Some of sqlglot's builders ask for the dialect.
        more = {"dialect": StreamcoreSpark()} if "dialect" in build.__code__.co_varnames else {}
        node: exp.Expression = build(list(arguments), **more)
        return node
    return exp.Anonymous(this=name.lower(), expressions=list(arguments))


# With how many arguments a random function has no seed.
_DRAWS = {"rand": 0, "random": 0, "randn": 0, "uuid": 0, "randstr": 1, "shuffle": 1, "uniform": 2}
_draw_numbers = itertools.count(1)


_BY_UNIT = {
    "timestampadd": "timestampadd", "dateadd": "timestampadd", "date_add": "timestampadd",
    "timestampdiff": "timestampdiff", "datediff": "timestampdiff", "date_diff": "timestampdiff",
    "timediff": "timestampdiff",
}  # fmt: skip
_WITH_UNIT = 3


def _name_unit(node: exp.Anonymous) -> None:
    """`dateadd(QUARTER, 5, d)`: the first argument is the word of a unit, and no column."""
    unit = node.expressions[0]
    node.set("this", _BY_UNIT[node.name.lower()])
    if isinstance(unit, exp.Column) and not unit.table:
        unit.replace(exp.var(unit.name))


def _own_draw(node: exp.Anonymous) -> exp.Anonymous:
    """A random call without a seed, marked as a draw of its own; copies of it draw the same."""
    node.meta["draw"] = next(_draw_numbers)
    return node


def _tokens(text: str, *, joined_literals: bool = False) -> list[Any]:
    """The tokens of a text; window(...), any(...) and a column ALL are not mistaken for words of clauses."""
    tokens = _with_whole_numbers(StreamcoreSpark().tokenize(text))
    tokens = _with_whole_strings(tokens, "" if joined_literals else text)
    before = None
    for token, following in itertools.pairwise(tokens):
        is_call = following.token_type == TokenType.L_PAREN
        is_any = token.token_type == TokenType.ANY and before not in _PATTERN_WORDS
        if is_call and (token.token_type == TokenType.WINDOW or is_any):
            token.token_type = TokenType.VAR
        if token.token_type == TokenType.ALL and _is_column(before, following.token_type):
            token.token_type = TokenType.VAR
        before = token.token_type
    for token in tokens:
        if token.token_type == TokenType.RAW_STRING:
            token.token_type = TokenType.STRING
    return _with_negated_comparisons(tokens)


_NEGATED = {"!<": TokenType.GTE, "!>": TokenType.LTE}


def _with_negated_comparisons(tokens: list[Any]) -> list[Any]:
    """`!<` as `>=`, and `!>` as `<=`."""
    found: list[Any] = []
    for token in tokens:
        last = found[-1] if found else None
        if last is not None and last.text == "!" and last.end + 1 == token.start:
            compared = _NEGATED.get(last.text + token.text)
            if compared is not None:
                last.token_type, last.text, last.end = compared, last.text + token.text, token.end
                continue
        found.append(token)
    return found


def _is_column(before: TokenType | None, after: TokenType) -> bool:
    """Whether ALL between these is the name of a column: what it would quantify is missing."""
    return (before == TokenType.SELECT and after in (TokenType.COMMA, TokenType.FROM)) or (
        before == TokenType.GROUP_BY and after == TokenType.COMMA
    )


_PATTERN_WORDS = (TokenType.LIKE, TokenType.ILIKE, TokenType.RLIKE)


def _with_whole_numbers(tokens: list[Any]) -> list[Any]:
    """A number and its suffix as one token: the tokenizer makes a cast of them, `25::TINYINT`.

    >>> [token.text for token in _tokens("25Y + .5D")]
    ['25Y', '+', '.5D']
    """
    found: list[Any] = []
    for token in tokens:
        before = found[-1] if found else None
        if before is None or before.token_type != TokenType.NUMBER or token.start != before.start:
            found.append(token)
        elif token.token_type != TokenType.DCOLON:
            before.text += token.text
            if len(found) > 1 and _is_decimal_point(found[-2], found[-3:-2], before):
                before.text = f".{before.text}"
                del found[-2]
    return found


def _is_decimal_point(dot: Any, before: list[Any], number: Any) -> bool:
    """Whether a dot, with what stands before it, begins a number, and no field of anything."""
    is_free = not before or before[0].end + 1 < dot.start or before[0].token_type in _OPENING
    return bool(dot.token_type == TokenType.DOT and dot.end + 1 == number.start and is_free)


_OPENING = (TokenType.L_PAREN, TokenType.COMMA)
_STRINGS = (TokenType.STRING, TokenType.RAW_STRING)


def _with_whole_strings(tokens: list[Any], text: str) -> list[Any]:
    """Neighbouring string literals as one; a quote that is doubled inside a literal stands for itself.

    Without a text it parts two literals.

    >>> [token.text for token in _tokens("'O''Brien' 'a' 'b'")]
    ["O'Brienab"]
    """
    found: list[Any] = []
    for token in tokens:
        last = found[-1] if found else None
        if last is None or token.token_type not in _STRINGS or last.token_type not in _STRINGS:
            found.append(token)
            continue
        is_doubled = bool(text) and last.token_type == TokenType.STRING and token.start == last.end + 1
        quote = text[last.end] if is_doubled and text[last.end] == text[token.start] else ""
        last.text, last.end = f"{last.text}{quote}{token.text}", token.end
        last.token_type = token.token_type
    return found


def _parse(text: str, prefix: int = 0, older: OlderSyntax = older_syntax.NONE) -> list[exp.Expression]:
    """The statements of a text, of which the user has not written the first `prefix` characters."""
    tokens: list[Any] = []
    try:
        tokens = _tokens(text, joined_literals=older.joined_literals)
        parsed = (_LeftToRight if older.left_to_right else StreamcoreSpark)().parser().parse(tokens, text)
    except SqlglotError as error:
        raise syntax_error(text, error, tokens, prefix) from error
    except RecursionError:
        # Nothing of the thousand calls helps anyone.
        raise ParseException(
            f"[FAILED_TO_PARSE_TOO_COMPLEX] The statement is nested too deeply to parse: {text[:80]!r}... "
            "Divide it into several simpler ones. SQLSTATE: 54001"
        ) from None
    found = [node for node in parsed if isinstance(node, exp.Expression)]
    if "=>" in text:
        for root in found:
            name_by_position(root, parse_expression)
    for root in found:
        require_orders(root)
        with_orders_as_arguments(root)
    refuse_unread(found, text)
    for node in (node for root in found for node in root.find_all(exp.Anonymous)):
        if _DRAWS.get(node.name.lower()) == len(node.expressions):
            _own_draw(node)
        if node.name.lower() in _BY_UNIT and len(node.expressions) == _WITH_UNIT:
            _name_unit(node)
    return found
