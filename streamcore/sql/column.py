"""Column: an expression over the columns of a DataFrame, named or computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.analysis import with_metadata
from streamcore.plan.expressions import call, type_node
from streamcore.plan.python_functions import called, over_window
from streamcore.plan.subqueries import OF_OUTER
from streamcore.spi.types import DataType, parse_data_type
from streamcore.sql.arguments import metadata_of
from streamcore.sql.expressions import dotted
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.window import WindowSpec


def _operand(value: Any) -> exp.Expression:
    """A Column's expression, or the literal of a plain value."""
    return value.expression if isinstance(value, Column) else literal_expression(value)


class Column:
    """An expression; operators and methods build larger ones, and nothing is computed before an action.

    >>> from streamcore.sql import functions as F
    >>> (F.col("a") + 1).alias("b")
    Column<'(a + 1) AS b'>
    """

    __slots__ = ("expression",)

    def __init__(self, expression: exp.Expression) -> None:
        self.expression = expression

    # ---- arithmetic ------------------------------------------------------------------------------

    def __neg__(self) -> Column:
        return Column(call("negative", self.expression))

    def __add__(self, other: Any) -> Column:
        return self._binary(exp.Add, other)

    def __radd__(self, other: Any) -> Column:
        return self._reflected(exp.Add, other)

    def __sub__(self, other: Any) -> Column:
        return self._binary(exp.Sub, other)

    def __rsub__(self, other: Any) -> Column:
        return self._reflected(exp.Sub, other)

    def __mul__(self, other: Any) -> Column:
        return self._binary(exp.Mul, other)

    def __rmul__(self, other: Any) -> Column:
        return self._reflected(exp.Mul, other)

    def __truediv__(self, other: Any) -> Column:
        return self._binary(exp.Div, other)

    def __rtruediv__(self, other: Any) -> Column:
        return self._reflected(exp.Div, other)

    def __mod__(self, other: Any) -> Column:
        return self._binary(exp.Mod, other)

    def __rmod__(self, other: Any) -> Column:
        return self._reflected(exp.Mod, other)

    def __pow__(self, other: Any) -> Column:
        return Column(call("power", self.expression, _operand(other)))

    def __rpow__(self, other: Any) -> Column:
        return Column(call("power", _operand(other), self.expression))

    def bitwiseAND(self, other: Any) -> Column:
        """Bits set in both."""
        return self._binary(exp.BitwiseAnd, other)

    def bitwiseOR(self, other: Any) -> Column:
        """Bits set in either."""
        return self._binary(exp.BitwiseOr, other)

    def bitwiseXOR(self, other: Any) -> Column:
        """Bits set in one of the two."""
        return self._binary(exp.BitwiseXor, other)

    # ---- comparison and logic --------------------------------------------------------------------

    def __eq__(self, other: object) -> Column:  # type: ignore[override] # a comparison is an expression
        return self._binary(exp.EQ, other)

    def __ne__(self, other: object) -> Column:  # type: ignore[override] # a comparison is an expression
        return Column(exp.Not(this=exp.EQ(this=self.expression, expression=_operand(other))))

    __hash__ = None  # type: ignore[assignment] # == builds an expression, so columns cannot be dict keys

    def __lt__(self, other: Any) -> Column:
        return self._binary(exp.LT, other)

    def __le__(self, other: Any) -> Column:
        return self._binary(exp.LTE, other)

    def __gt__(self, other: Any) -> Column:
        return self._binary(exp.GT, other)

    def __ge__(self, other: Any) -> Column:
        return self._binary(exp.GTE, other)

    def eqNullSafe(self, other: Any) -> Column:
        """Equality that is never null: two nulls are equal."""
        return self._binary(exp.NullSafeEQ, other)

    def __and__(self, other: Any) -> Column:
        return self._binary(exp.And, other)

    def __rand__(self, other: Any) -> Column:
        return self._binary(exp.And, other)

    def __or__(self, other: Any) -> Column:
        return self._binary(exp.Or, other)

    def __ror__(self, other: Any) -> Column:
        return self._binary(exp.Or, other)

    def __invert__(self) -> Column:
        return Column(exp.Not(this=self.expression))

    def isNull(self) -> Column:
        """Whether the value is null."""
        return Column(exp.Is(this=self.expression, expression=exp.Null()))

    def isNotNull(self) -> Column:
        """Whether the value is not null."""
        return Column(exp.Not(this=exp.Is(this=self.expression, expression=exp.Null())))

    def isNaN(self) -> Column:
        """Whether the value is NaN."""
        return Column(call("isnan", self.expression))

    def isin(self, *cols: Any) -> Column:
        """Whether the value is one of those given, one by one or as a list, or of a DataFrame's column."""
        from streamcore.sql.dataframe.core import FrameCore
        from streamcore.sql.dataframe.open_frames import OpenFrame, frame_query

        if len(cols) == 1 and isinstance(cols[0], FrameCore | OpenFrame):
            return Column(exp.In(this=self.expression, query=frame_query(cols[0])))
        values = cols[0] if len(cols) == 1 and isinstance(cols[0], list | set | tuple) else cols
        return Column(exp.In(this=self.expression, expressions=[_operand(value) for value in values]))

    def between(self, lowerBound: Any, upperBound: Any) -> Column:
        """Whether the value lies between two bounds, both included."""
        lower = exp.GTE(this=self.expression.copy(), expression=_operand(lowerBound))
        return Column(
            exp.And(this=lower, expression=exp.LTE(this=self.expression, expression=_operand(upperBound)))
        )

    def when(self, condition: Column, value: Any) -> Column:
        """One more branch behind `functions.when(...)`."""
        if not isinstance(self.expression, exp.Case) or self.expression.args.get("default") is not None:
            raise IllegalArgumentException("when() can only be applied on a Column created by functions.when")
        branches = [*self.expression.args["ifs"], exp.If(this=condition.expression, true=_operand(value))]
        return Column(exp.Case(ifs=branches))

    def otherwise(self, value: Any) -> Column:
        """The value where no branch of `functions.when(...)` applies; null without it."""
        if not isinstance(self.expression, exp.Case) or self.expression.args.get("default") is not None:
            raise IllegalArgumentException(
                "otherwise() can only be applied once, on a Column created by functions.when"
            )
        return Column(exp.Case(ifs=list(self.expression.args["ifs"]), default=_operand(value)))

    # ---- text ------------------------------------------------------------------------------------

    def contains(self, other: Any) -> Column:
        """Whether the text contains another."""
        return Column(call("contains", self.expression, _operand(other)))

    def startswith(self, other: Any) -> Column:
        """Whether the text begins with another."""
        return Column(call("startswith", self.expression, _operand(other)))

    def endswith(self, other: Any) -> Column:
        """Whether the text ends with another."""
        return Column(call("endswith", self.expression, _operand(other)))

    def like(self, other: str) -> Column:
        """SQL LIKE."""
        return self._binary(exp.Like, other)

    def ilike(self, other: str) -> Column:
        """SQL LIKE without case."""
        return Column(call("ilike", self.expression, _operand(other)))

    def rlike(self, other: str) -> Column:
        """Whether a regular expression matches somewhere in the text."""
        return Column(call("rlike", self.expression, _operand(other)))

    def substr(self, startPos: Any, length: Any) -> Column:
        """The part of the text from a 1-based position on."""
        if isinstance(startPos, Column) is not isinstance(length, Column):
            raise AnalysisException(
                "[NOT_SAME_TYPE] startPos and length must both be ints or both be Columns."
            )
        return Column(call("substr", self.expression, _operand(startPos), _operand(length)))

    # ---- parts of nested values ------------------------------------------------------------------

    def getItem(self, key: Any) -> Column:
        """An element of an array (0-based), the value of a map's key, or a struct's field."""
        return Column(exp.Bracket(this=self.expression, expressions=[_operand(key)]))

    def getField(self, name: Any) -> Column:
        """A field of a struct."""
        return Column(exp.Dot(this=self.expression, expression=exp.to_identifier(name, quoted=True)))

    def withField(self, fieldName: str, col: Column) -> Column:
        """The struct with a field added or replaced; `a.b` names a field of its field `a`."""
        if not isinstance(col, Column):
            raise AnalysisException(
                f"[NOT_COLUMN] Argument `col` should be a Column, got {type(col).__name__}."
            )
        name, *inner = _field_names(fieldName)
        value = self.getField(name).withField(_written(inner), col) if inner else col
        update = call("withfield", exp.Literal.string(name), value.expression)
        return Column(call("update_fields", self.expression, update))

    def dropFields(self, *fieldNames: str) -> Column:
        """The struct without some fields; names that it has not are ignored."""
        result = self
        for text in fieldNames:
            name, *inner = _field_names(text)
            if inner:
                result = result.withField(_written([name]), result.getField(name).dropFields(_written(inner)))
                continue
            update = call("dropfield", exp.Literal.string(name))
            result = Column(call("update_fields", result.expression, update))
        return result

    def __getitem__(self, k: Any) -> Column:
        if isinstance(k, slice):
            if k.step is not None:
                raise IllegalArgumentException("a slice of a column has no step: column[start:length]")
            return self.substr(k.start, k.stop)
        return self.getItem(k)

    def __getattr__(self, item: str) -> Column:
        if item.startswith("__"):
            raise AttributeError(item)
        return self[item]

    # ---- name, type, order -----------------------------------------------------------------------

    def alias(self, *alias: str, **kwargs: Any) -> Column:
        """The same expression under another name (several for an expression of several columns).

        `metadata`, a dict of JSON values, becomes that of the column; without it a column that is only
        renamed keeps its own.

        >>> from streamcore import Session
        >>> from streamcore.sql import functions as F
        >>> session = Session.builder.getOrCreate()
        >>> frame = session.range(1).select(F.col("id").alias("key", metadata={"unit": "s"}))
        >>> frame.schema["key"].metadata
        {'unit': 's'}
        """
        metadata = kwargs.pop("metadata", None)
        if kwargs:
            raise IllegalArgumentException(f"alias() does not know {', '.join(kwargs)}")
        names = [exp.to_identifier(name, quoted=True) for name in alias]
        # The last name counts, also for what a function has named already (`window`).
        unnamed = self.expression.this if isinstance(self.expression, exp.Alias) else self.expression
        if len(names) == 1:
            named = exp.Alias(this=unnamed, alias=names[0])
            return Column(named if metadata is None else with_metadata(named, metadata_of(metadata)))
        if metadata is not None:
            raise IllegalArgumentException(
                "[ONLY_ALLOWED_FOR_SINGLE_COLUMN] Argument `metadata` can only be provided for a single "
                "column."
            )
        return Column(exp.Aliases(this=unnamed, expressions=names))

    name = alias

    def cast(self, dataType: DataType | str) -> Column:
        """The value as another type; what cannot be converted is an error (use `try_cast` for null)."""
        return Column(exp.Cast(this=self.expression, to=type_expression(dataType)))

    astype = cast

    def try_cast(self, dataType: DataType | str) -> Column:
        """The value as another type; null where it cannot be converted."""
        return Column(exp.TryCast(this=self.expression, to=type_expression(dataType), safe=True))

    def asc(self) -> Column:
        """Ascending, nulls first."""
        return self._ordered(descending=False, nulls_first=True)

    def asc_nulls_first(self) -> Column:
        """Ascending, nulls first."""
        return self._ordered(descending=False, nulls_first=True)

    def asc_nulls_last(self) -> Column:
        """Ascending, nulls last."""
        return self._ordered(descending=False, nulls_first=False)

    def desc(self) -> Column:
        """Descending, nulls last."""
        return self._ordered(descending=True, nulls_first=False)

    def desc_nulls_first(self) -> Column:
        """Descending, nulls first."""
        return self._ordered(descending=True, nulls_first=True)

    def desc_nulls_last(self) -> Column:
        """Descending, nulls last."""
        return self._ordered(descending=True, nulls_first=False)

    def transform(self, f: Callable[[Column], Column]) -> Column:
        """What a function makes of this column, for chains: `col.transform(F.trim).transform(F.upper)`."""
        result = f(self)
        if not isinstance(result, Column):
            raise AnalysisException(
                f"[HIGHER_ORDER_FUNCTION_SHOULD_RETURN_COLUMN] The function should return a Column, got "
                f"{type(result).__name__}."
            )
        return result

    def outer(self) -> Column:
        """This column as one of the DataFrame around, for a DataFrame that is used as a subquery.

        See `DataFrame.scalar`, `DataFrame.exists` and `DataFrame.lateralJoin`.
        """
        marked = self.expression.copy()
        for column in marked.find_all(exp.Column):
            column.meta[OF_OUTER] = True
        return Column(marked)

    def over(self, window: WindowSpec) -> Column:
        """The function computed over a window of rows."""
        function, windowed = called(self.expression), window.over(self.expression)
        if function is not None and function.aggregates:
            return Column(over_window(windowed))
        return Column(windowed)

    # ---- Python's protocols ----------------------------------------------------------------------

    def __repr__(self) -> str:
        from streamcore.plan.naming import expression_text

        return f"Column<'{expression_text(self.expression)}'>"

    def __bool__(self) -> NoReturn:
        raise AnalysisException(
            "[CANNOT_CONVERT_COLUMN_INTO_BOOL] Cannot convert column into bool: please use '&' for 'and', "
            "'|' for 'or', '~' for 'not' when building DataFrame boolean expressions."
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("Column is not iterable.")

    def __contains__(self, item: object) -> NoReturn:
        raise AnalysisException(
            "[CANNOT_APPLY_IN_FOR_COLUMN] Cannot apply 'in' operator against a column: please use 'contains' "
            "in a string column or 'array_contains' function for an array column."
        )

    def _binary(self, node: Callable[..., exp.Expression], other: Any) -> Column:
        return Column(node(this=self.expression, expression=_operand(other)))

    def _reflected(self, node: Callable[..., exp.Expression], other: Any) -> Column:
        return Column(node(this=_operand(other), expression=self.expression))

    def _ordered(self, *, descending: bool, nulls_first: bool) -> Column:
        return Column(exp.Ordered(this=self.expression, desc=descending, nulls_first=nulls_first))


def _field_names(text: str) -> list[str]:
    """The parts of a field's dotted name; backticks keep dots inside one.

    >>> _field_names("a.`b.c`")
    ['a', 'b.c']
    """
    reference = dotted(text)
    assert isinstance(reference, exp.Column)
    return [part.name for part in reference.parts]


def _written(names: list[str]) -> str:
    return ".".join(f"`{name.replace('`', '``')}`" for name in names)


def type_expression(data_type: DataType | str) -> exp.DataType:
    """A type, or its DDL text, as it stands in CAST."""
    chosen = parse_data_type(data_type) if isinstance(data_type, str) else data_type
    return type_node(chosen)
