"""What is read of a parsed node; an argument that nothing reads is refused, never dropped.

The parser sets arguments that a handler may not know (`Like(negate=True)`): leaving one out gives another
query than the one that was written.  So every class that a handler takes is declared here with the arguments
that it reads, and text whose nodes hold anything else is refused where it is parsed.  Whoever makes a handler
read a further argument declares it here.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.call_nodes import CALL_NODES
from streamcore.plan.refusals import too_many_arguments
from streamcore.plan.table_argument import TableArgument

_BINARY, _CALL, _PERIOD = "this expression", "this expression expressions", "this low high"

# Operators, literals, conditionals and what else the translation compiles.
_EXPRESSIONS: dict[type[exp.Expr], str] = {
    exp.Add: _BINARY, exp.Sub: _BINARY, exp.Mul: _BINARY, exp.Div: _BINARY, exp.Mod: _BINARY,
    exp.IntDiv: _BINARY, exp.EQ: _BINARY, exp.NEQ: _BINARY, exp.LT: _BINARY, exp.LTE: _BINARY,
    exp.GT: _BINARY, exp.GTE: _BINARY, exp.NullSafeEQ: _BINARY, exp.NullSafeNEQ: _BINARY, exp.And: _BINARY,
    exp.Or: _BINARY, exp.BitwiseAnd: _BINARY, exp.BitwiseOr: _BINARY, exp.BitwiseXor: _BINARY,
    exp.BitwiseNot: "this", exp.Not: "this", exp.Neg: "this", exp.Paren: "this", exp.Is: _BINARY,
    exp.Like: _BINARY, exp.ILike: _BINARY, exp.Escape: _BINARY,
    exp.Between: _PERIOD, exp.In: "this expressions query", exp.Exists: "this",
    exp.Case: "this ifs default", exp.If: "this true false", exp.Cast: "this to",
    exp.TryCast: "this to safe requires_string",
    exp.Literal: "this is_string", exp.Boolean: "this", exp.Null: "", exp.HexString: "this",
    exp.Interval: "this unit", exp.IntervalSpan: _BINARY, exp.Column: "this table db catalog",
    exp.Identifier: "this quoted",
    exp.Var: "this", exp.Star: "except_", exp.Alias: "this alias", exp.Aliases: "this expressions",
    exp.Dot: _BINARY, exp.Bracket: "this expressions", exp.Array: "expressions", exp.Struct: "expressions",
    TableArgument: "this partition_by order",
    exp.PropertyEQ: _BINARY, exp.Tuple: "expressions", exp.Lambda: "this expressions",
    exp.Placeholder: "this", exp.Extract: _BINARY, exp.Trim: "this expression position",
    exp.DataType: "this expressions nested values kind", exp.DataTypeParam: _BINARY,
    exp.Anonymous: "this expressions", exp.Kwarg: _BINARY,
}  # fmt: skip

# What may stand around a call.
_AROUND_CALLS: dict[type[exp.Expr], str] = {
    exp.Filter: _BINARY, exp.IgnoreNulls: "this", exp.RespectNulls: "this", exp.Distinct: "expressions",
    exp.Window: "this partition_by order spec alias over",
    exp.WindowSpec: "kind start start_side end end_side",
}  # fmt: skip

# Clauses of a query.
_QUERY_TAIL = "with_ order limit offset"
_CLAUSES: dict[type[exp.Expr], str] = {
    exp.Select: "expressions distinct from_ joins laterals where group having qualify windows sort "
    + _QUERY_TAIL,
    exp.Union: f"this expression distinct {_QUERY_TAIL}",
    exp.Intersect: f"this expression distinct {_QUERY_TAIL}",
    exp.Except: f"this expression distinct {_QUERY_TAIL}",
    exp.Subquery: f"this alias joins laterals sample pivots {_QUERY_TAIL}",
    exp.Values: "expressions alias order limit offset pivots", exp.With: "expressions recursive",
    exp.CTE: "this alias", exp.TableAlias: "this columns", exp.From: "this", exp.Where: "this",
    exp.Having: "this", exp.Qualify: "this", exp.Order: "expressions", exp.Sort: "expressions",
    exp.Ordered: "this desc nulls_first", exp.Limit: "expression", exp.Offset: "expression",
    exp.Group: "expressions grouping_sets cube rollup all", exp.Cube: "expressions",
    exp.Rollup: "expressions", exp.GroupingSets: "expressions",
    exp.Table: "this db catalog alias joins laterals sample pivots partition",
    exp.Join: "this on using side kind method pivots", exp.Lateral: "this view outer alias",
    exp.TableSample: "percent size seed", exp.PivotAlias: "this alias",
    exp.Pivot: "expressions fields unpivot include_nulls alias",
}  # fmt: skip

# Statements.
_STATEMENTS: dict[type[exp.Expr], str] = {
    exp.Create: "this kind expression properties exists replace", exp.Drop: "kind tables exists cascade",
    exp.Schema: "this expressions", exp.ColumnDef: "this kind constraints", exp.Properties: "expressions",
    exp.TemporaryProperty: "", exp.GlobalProperty: "",
    exp.FileFormatProperty: "this", exp.OptionsProperty: "expressions", exp.Property: "this value",
    exp.PartitionedByProperty: "this", exp.LocationProperty: "this", exp.SchemaCommentProperty: "this",
    exp.ClusterProperty: "expressions", exp.LikeProperty: "this", exp.ColumnConstraint: "kind",
    exp.CommentColumnConstraint: "this", exp.DefaultColumnConstraint: "this",
    exp.NotNullColumnConstraint: "allow_null",
    exp.Insert: "this expression overwrite by_name with_", exp.Partition: "expressions",
    exp.TruncateTable: "expressions", exp.Use: "this kind", exp.Alter: "this kind actions",
    exp.AlterRename: "this",
}  # fmt: skip

# What the parser notes down although it has no meaning in Spark's SQL, or none for the rows of the answer.
_WITHOUT_MEANING: dict[type[exp.Expr], str] = {
    exp.Select: "hint", exp.Div: "safe typed", exp.DPipe: "safe", exp.Count: "big_int",
    exp.ArrayAgg: "nulls_excluded", exp.Hint: "expressions",
    exp.Pivot: "columns value_columns_first identify_pivot_strings prefixed_pivot_columns "
    "pivot_column_naming",
}  # fmt: skip

# Clauses of CREATE TABLE and CREATE DATABASE that the parser takes of CREATE VIEW too.
_OF_TABLES = (
    exp.FileFormatProperty, exp.OptionsProperty, exp.Property, exp.PartitionedByProperty,
    exp.LocationProperty, exp.ClusterProperty, exp.LikeProperty, exp.DefaultColumnConstraint,
    exp.NotNullColumnConstraint,
)  # fmt: skip

READ: dict[type[exp.Expr], frozenset[str]] = {
    class_: frozenset(arguments.split())
    for family in (_EXPRESSIONS, _AROUND_CALLS, _CLAUSES, _STATEMENTS)
    for class_, arguments in family.items()
} | {class_: frozenset(node.keys) for class_, node in CALL_NODES.items()}
"""The arguments that are read, by node class."""

_PASSED_OVER = {class_: frozenset(arguments.split()) for class_, arguments in _WITHOUT_MEANING.items()}

_WORDS = {
    "connect": "CONNECT BY", "match": "MATCH_RECOGNIZE", "into": "SELECT INTO", "cluster": "CLUSTER BY",
    "distribute": "DISTRIBUTE BY", "sample": "TABLESAMPLE", "pivots": "PIVOT", "exclude": "EXCLUDE",
    "with_": "WITH", "sort": "SORT BY", "order": "ORDER BY", "limit": "LIMIT", "qualify": "QUALIFY",
}  # fmt: skip


def read_arguments(class_: type[exp.Expr]) -> frozenset[str] | None:
    """The arguments that may be set on a node of this class; None when no handler takes such nodes."""
    passed_over = _PASSED_OVER.get(class_, frozenset())
    known = READ.get(class_)
    if known is not None:
        return known | passed_over
    if issubclass(class_, exp.Func):
        return frozenset(_CALL.split()) | passed_over
    return passed_over or None


def argument_counts(class_: type[exp.Func]) -> tuple[int, int | None]:
    """The fewest and the most arguments of a call of this class; None for any number."""
    read = READ.get(class_) or read_arguments(class_) or frozenset()
    required = [name for name, is_required in class_.arg_types.items() if is_required and name in read]
    optional = [name for name in class_.arg_types if name in read and name not in required]
    least = max(len(required), int(class_ is exp.Count))
    is_endless = class_.is_var_len_args and "expressions" in read
    return least, None if is_endless else len(required) + len(optional)


def refuse_unread(nodes: Iterable[exp.Expr], text: str) -> None:
    """Raises AnalysisException for a node, or an argument of one, that no handler reads.

    `text` is the SQL that was parsed; the error quotes it, and says where in it the construct stands.
    """
    for root in nodes:
        # A statement that is not declared is refused by whoever runs statements, under its own words.
        if read_arguments(type(root)) is not None:
            is_view = isinstance(root, exp.Create) and root.args.get("kind") == "VIEW"
            for node in root.walk():
                if is_view and type(node) in _OF_TABLES:
                    raise _refusal(type(node).__name__, node, text)
                _refuse_unread_of(node, text)


def _refuse_unread_of(node: exp.Expr, text: str) -> None:
    known = read_arguments(type(node))
    if known is None:
        raise _refusal(type(node).__name__, node, text)
    for name, value in node.args.items():
        if name not in known and _is_set(value):
            if isinstance(node, exp.Func) and name in ("expressions", "count"):
                raise too_many_arguments(node.sql_name().lower())
            word = _WORDS.get(name, name.rstrip("_").replace("_", " ").upper())
            raise _refusal(f"{word} of {type(node).__name__}", node, text)


def _is_set(value: object) -> bool:
    return value is not None and value is not False and value != []


def _refusal(what: str, node: exp.Expr, text: str) -> AnalysisException:
    places = (found.meta for found in node.walk() if "line" in found.meta)
    place = next(places, None)
    where = "" if place is None else f" (line {place['line']}, pos {place['start']})"
    return AnalysisException(f"[UNSUPPORTED_FEATURE] {what} is not offered{where}: {text!r}. SQLSTATE: 0A000")
