"""Expression -> DuckDB SQL, type and nullability in one walk; functions are found by name in a registry."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, overload

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan import modes, refusals
from streamcore.plan.call_nodes import CALL_NODES, arguments_of
from streamcore.plan.function_specs import AS_CALL, Kind, Shown, declare, spec_of
from streamcore.plan.modes import Modes
from streamcore.plan.places import mark
from streamcore.plan.python_functions import called
from streamcore.spi.types import DataType, TimeType, holds_variant, parse_data_type, type_from_json

if TYPE_CHECKING:
    from streamcore.plan.attributes import Scope

_NO_VALUE: Any = object()
# A column, a lambda's variable, a literal: naming these again costs nothing.


@dataclass(frozen=True)
class TranslationContext:
    """What a translation depends on besides the expression and its columns.

    Parameters
    ----------
    time_zone
        `spark.sql.session.timeZone`.
    now
        What `current_timestamp` and its kin answer: the batch's time.  It must bear a zone.
    seed
        Basis of rand(), uuid() and shuffle(): the same seed and row numbers give the same values.  Derive it
        from the query's seed, the batch id and the partition.
    partition
        The partition's number, for spark_partition_id() and monotonically_increasing_id().
    careful
        False: text that is right for well-formed data and fails on other (malformed JSON, bytes that are
        not UTF-8); True: slower text that also gives the right answer for those.
    case_sensitive
        Whether struct fields are matched exactly.
    draws
        Numbers for the calls of random functions without a seed, by the number of their making: a query that
        is started again counts them as before.
    modes
        What the session asked for when the expression was resolved.  The translator takes it from the
        expression's nodes (`streamcore.plan.modes`).
    """

    time_zone: str = "UTC"
    now: dt.datetime = field(default_factory=lambda: dt.datetime.fromtimestamp(0, dt.UTC))
    seed: int = 0
    partition: int = 0
    careful: bool = False
    case_sensitive: bool = False
    draws: Mapping[int, int] = field(default_factory=dict, compare=False)
    modes: Modes = modes.DEFAULT

    @property
    def ansi(self) -> bool:
        """Whether what cannot be computed is an error; else it is null, or wraps around, as in Spark."""
        return self.modes.ansi

    def carefully(self) -> TranslationContext:
        """The same context for the careful text."""
        return replace(self, careful=True)


@dataclass(frozen=True)
class Compiled:
    """An expression as DuckDB SQL, with Spark's type; `value` is the Python value of a literal.

    `char_length` is the length of a CHAR column, and `is_constant` says that no row is read for the value.
    `own` is SQL of the same decimal in the type that DuckDB gives it by itself: as many digits after the
    point, perhaps fewer before it. What is computed from it is far faster, and fails where it has no room.
    """

    sql: str
    type: DataType
    nullable: bool = True
    value: Any = field(default=_NO_VALUE, compare=False)
    name: str | None = None
    own: str | None = field(default=None, compare=False)
    char_length: int | None = field(default=None, compare=False)
    is_constant: bool = field(default=False, compare=False)

    @property
    def in_own_type(self) -> str:
        """The SQL that is the fastest to compute with, where failing for want of room is allowed."""
        return self.own or self.sql

    @property
    def is_literal(self) -> bool:
        """Whether the value is known before any row is read."""
        return self.value is not _NO_VALUE


class Arguments(Sequence[exp.Expression]):
    """The arguments of a call, which know whether they were read."""

    def __init__(self, nodes: Sequence[exp.Expression]) -> None:
        self._nodes = list(nodes)
        self._unread = set(range(len(self._nodes)))

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, at: int) -> exp.Expression: ...

    @overload
    def __getitem__(self, at: slice) -> list[exp.Expression]: ...

    def __getitem__(self, at: int | slice) -> exp.Expression | list[exp.Expression]:
        found = range(len(self._nodes))[at]
        self._unread.difference_update([found] if isinstance(found, int) else found)
        return self._nodes[at]

    @property
    def are_all_read(self) -> bool:
        """Whether nothing was left out."""
        return not self._unread


@dataclass(frozen=True)
class Call:
    """One call of a function, as its rule sees it."""

    name: str
    nodes: Arguments
    translator: Translator
    node: exp.Expression

    @property
    def context(self) -> TranslationContext:
        return self.translator.context

    @property
    def args(self) -> list[Compiled]:
        """All arguments, compiled."""
        return [self.translator.compile(node) for node in self.nodes]

    def arg(self, index: int) -> Compiled:
        """One argument, compiled."""
        return self.translator.compile(self.nodes[index])

    def constant(self, index: int, default: Any = _NO_VALUE) -> Any:
        """The value of an argument that must be a literal; `default` when it is not given."""
        if index >= len(self.nodes):
            if default is _NO_VALUE:
                raise self.error(f"argument {index + 1} is missing")
            return default
        found = self.arg(index)
        if not found.is_literal:
            raise self.error(f"argument {index + 1} must be a literal")
        return found.value

    def whole_number(self, index: int) -> int:
        """The value of an argument that must be a literal number; what is behind its point is cut off."""
        found = self.constant(index)
        if not isinstance(found, int | float | decimal.Decimal) or isinstance(found, bool):
            raise self.error(f"argument {index + 1} must be a number")
        return int(found)

    def pass_over(self, index: int) -> None:
        """Say that an argument, if given, has no meaning in this call (a pattern for what is no text)."""
        if index < len(self.nodes):
            self.arg(index)

    def expect(self, least: int, most: int | None = None) -> None:
        """Refuse a wrong number of arguments."""
        most = least if most is None else most
        if not least <= len(self.nodes) <= most:
            raise refusals.wrong_number_of_arguments(self.name, least, most, len(self.nodes))

    def error(self, reason: str) -> AnalysisException:
        """An error that names this call."""
        return AnalysisException(f"[DATATYPE_MISMATCH] Cannot use {self.name}(): {reason}.")


Rule = Callable[[Call], Compiled]
NodeRule = Callable[[Any, "Translator"], Compiled]

_FUNCTIONS: dict[str, Rule] = {}
_NODES: dict[type[exp.Expression], NodeRule] = {}


def function(
    *names: str,
    takes: str | None = None,
    takes_names: bool = False,
    shown: Shown = AS_CALL,
    kind: Kind = Kind.SCALAR,
    is_internal: bool = False,
) -> Callable[[Rule], Rule]:
    """Register the rule of a function under Spark's names for it, with its facts (see `FunctionSpec`).

    `takes` states its parameters, as `"str, pos = 1, more..."`; calls with too few or too many are refused.
    """

    def register(rule: Rule) -> Rule:
        declare(*names, kind=kind, takes=takes, takes_names=takes_names, shown=shown, is_internal=is_internal)
        for name in names:
            _FUNCTIONS[name] = rule
        return rule

    return register


def node_rule(*classes: type[exp.Expression]) -> Callable[[NodeRule], NodeRule]:
    """Register the rule of expression nodes that are not calls by name."""

    def register(rule: NodeRule) -> NodeRule:
        for class_ in classes:
            _NODES[class_] = rule
        return rule

    return register


@dataclass(frozen=True)
class Translator:
    """Compiles expressions over one scope; `variables` are the parameters of lambdas around them."""

    scope: Scope
    context: TranslationContext
    variables: Mapping[str, Compiled] = field(default_factory=dict)

    def compile(self, node: exp.Expression) -> Compiled:
        """The SQL and type of `node`.

        Raises AnalysisException for types that do not fit, UnsupportedOperationException for what is
        not offered.
        """
        borne = modes.borne(node)
        if borne is not None and borne != self.context.modes:
            return replace(self, context=replace(self.context, modes=borne)).compile(node)
        rule = _NODES.get(type(node))
        if rule is not None:
            return rule(node, self)
        python = called(node)
        if python is not None:
            if self.variables:
                raise refusals.python_function_in_lambda(python.name)
            # Only its type is asked for: no statement is made before the call has left the expression.
            for argument in node.expressions:
                self.compile(argument)
            return Compiled(f"<python {python.name}>", python.returns)
        name, arguments = as_call(node)
        return self.call(name, arguments, node)

    def call(self, name: str, arguments: Sequence[exp.Expression], node: exp.Expression) -> Compiled:
        """The compiled call of the function `name`.

        An argument that the function's rule does not read is refused: it would have been ignored.
        """
        rule = _FUNCTIONS.get(name)
        if rule is None:
            raise _unknown(name, node)
        _check_count(name, len(arguments), node)
        given = Arguments(arguments)
        compiled = rule(Call(name, given, self, node))
        if not given.are_all_read:
            raise refusals.too_many_arguments(name)
        if name in _TOLD_APART and self._compares_variants(name, compiled, arguments):
            raise AnalysisException(
                f"[DATATYPE_MISMATCH.INVALID_ORDERING_TYPE] Cannot use {name}(): it does not support "
                'ordering on type "VARIANT". SQLSTATE: 42K09'
            )
        return compiled

    def _compares_variants(self, name: str, compiled: Compiled, arguments: Sequence[exp.Expression]) -> bool:
        """Whether a call that tells values apart has variants among them."""
        if name in ("greatest", "least"):
            return holds_variant(compiled.type)
        values = [each for each in arguments if not isinstance(each, exp.Lambda)]
        return any(holds_variant(self.compile(each).type) for each in values)

    def with_variables(self, variables: Mapping[str, Compiled]) -> Translator:
        """The translator inside a lambda."""
        return Translator(self.scope, self.context, {**self.variables, **variables})


_TOLD_APART = frozenset(
    [
        "array_contains", "array_distinct", "array_except", "array_intersect", "array_max", "array_min",
        "array_position", "array_remove", "array_sort", "array_union", "arrays_overlap", "sort_array",
        "greatest", "least",
    ]
)  # fmt: skip
"""The functions that compare what is in their arguments, which no variant allows."""


def _check_count(name: str, given: int, node: exp.Expression) -> None:
    spec = spec_of(name)
    if spec is None or spec.kind is not Kind.SCALAR or spec.takes(given):
        return
    raise mark(refusals.wrong_number_of_arguments(name, spec.least, spec.most, given), node)


def _unknown(name: str, node: exp.Expression) -> Exception:
    spec = spec_of(name)
    if spec is not None and spec.refused is not None:
        return UnsupportedOperationException(f"The function {name}() is not offered: {spec.refused}")
    return mark(refusals.unresolved_routine(name), node)


def as_call(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
    """A call's Spark name and its arguments in Spark's order."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower(), list(node.expressions)
    known = CALL_NODES.get(type(node))
    if known is not None:
        return known.name, arguments_of(node)
    if isinstance(node, exp.Func):
        this = node.args.get("this")
        first = [this] if isinstance(this, exp.Expression) else []
        second = node.args.get("expression")
        more = [second] if isinstance(second, exp.Expression) else []
        return node.sql_names()[0].lower(), [*first, *more, *node.expressions]
    raise UnsupportedOperationException(
        f"The expression {node.sql(dialect='spark')!r} ({type(node).__name__}) is not offered."
    )


def spark_type(node: exp.Expression) -> DataType:
    """The data type that a type node names: the parser's, or one of `plan.expressions.type_node`."""
    if node.this == exp.DataType.Type.USERDEFINED and str(node.args["kind"])[:1] in ("{", '"'):
        return type_from_json(json.loads(node.args["kind"]))
    if node.this == exp.DataType.Type.TIME:
        return TimeType(*(int(each.name) for each in node.expressions))
    return parse_data_type(node.sql(dialect=_TypeNames))


class _TypeNames(Spark):
    """Spark's names of types, TIME among them."""

    class Generator(SparkGenerator):
        """Spark's words, without those that stand for types which it is thought not to have."""

        TYPE_MAPPING: ClassVar[Any] = {
            kind: word for kind, word in SparkGenerator.TYPE_MAPPING.items() if kind != exp.DataType.Type.TIME
        }
