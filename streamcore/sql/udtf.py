"""Python functions that give tables: udtf, and the registry of a session."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import ArgumentTypeError, IllegalArgumentException, UnsupportedOperationException
from streamcore.execution.python_calls.frames import RowsInWorker
from streamcore.execution.python_calls.table_functions import CallTable, SkipRestOfInputTableException
from streamcore.execution.python_workers.pool import Program
from streamcore.plan.analysis import AnalysisSettings
from streamcore.plan.attributes import scope_of
from streamcore.plan.expressions import parse_expression
from streamcore.plan.table_functions import Placing, PlannedCall, RowsLayout, WrittenCall, call_plan, row_of
from streamcore.plan.typing import infer
from streamcore.spi.types import DataType, StructType, parse_data_type
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.expressions import expression_of
from streamcore.sql.table_arg import TableArg

if TYPE_CHECKING:
    from streamcore.plan.table_functions import TableFunction
    from streamcore.sql.dataframe import DataFrame

__all__ = [
    "AnalyzeArgument",
    "AnalyzeResult",
    "OrderingColumn",
    "PartitioningColumn",
    "SelectedColumn",
    "SkipRestOfInputTableException",
    "UDTFRegistration",
    "UserDefinedTableFunction",
    "udtf",
]


@dataclass(frozen=True)
class AnalyzeArgument:
    """What `analyze` is told of an argument."""

    dataType: DataType
    value: Any
    isTable: bool
    isConstantExpression: bool


@dataclass(frozen=True)
class PartitioningColumn:
    """A column, or SQL of one, by which `analyze` wants the rows of a table to come together."""

    name: str


@dataclass(frozen=True)
class OrderingColumn:
    """A column, or SQL of one, in whose order `analyze` wants rows that come together."""

    name: str
    ascending: bool = True
    overrideNullsFirst: bool | None = None


@dataclass(frozen=True)
class SelectedColumn:
    """A column, or SQL of one, that `analyze` wants of a table."""

    name: str
    alias: str = ""


@dataclass
class AnalyzeResult:
    """What `analyze` returns: the columns of the result, and how the rows of a table are to come."""

    schema: StructType
    withSinglePartition: bool = False
    partitionBy: Sequence[PartitioningColumn] = field(default_factory=tuple)
    orderBy: Sequence[OrderingColumn] = field(default_factory=tuple)
    select: Sequence[SelectedColumn] = field(default_factory=tuple)


class UserDefinedTableFunction:
    """A Python class whose instances give tables; made by `udtf`.

    Called with columns, or with the rows of a DataFrame (`df.asTable()`), it gives a DataFrame.
    """

    def __init__(
        self, func: type, returnType: StructType | str | None = None, name: str | None = None
    ) -> None:
        self.func = func
        self._name = name or func.__name__
        _check_handler(func, self._name, returnType)
        self.returnType = None if returnType is None else _struct(returnType, self._name)
        self.deterministic = False
        self.__name__ = self._name
        self.__doc__ = func.__doc__

    @property
    def name(self) -> str:
        """What it is called in plans."""
        return self._name

    def __call__(self, *args: Any, **kwargs: Any) -> DataFrame:
        """The table that the function gives for these arguments: Columns, names of columns, tables."""
        from streamcore.sql.session import Session

        session = Session.active()
        given, words = [*args, *kwargs.values()], (*(None for _ in args), *kwargs)
        tables = [one for one in given if isinstance(one, TableArg)]
        if len(tables) > 1:
            raise UnsupportedOperationException("a function is called with one table at most")
        child = tables[0].frame.plan if tables else session.range(1).plan
        placing = Placing(tables[0].keys, tables[0].orders) if tables else None
        row = row_of(child)
        arguments = tuple(row if isinstance(one, TableArg) else expression_of(one) for one in given)
        written = WrittenCall(child, arguments, words, placing=placing)
        return frame_of(call_plan(self, written, session.analysis_settings), session)

    def asDeterministic(self) -> UserDefinedTableFunction:
        """The same function; the engine calls it once for a query either way."""
        made = UserDefinedTableFunction(self.func, self.returnType, self._name)
        made.deterministic = True
        return made

    def planned(self, written: WrittenCall, settings: AnalysisSettings) -> PlannedCall:
        """See `TableFunction.planned`."""
        if self.returnType is not None:
            return PlannedCall(self.returnType, self._runs(self.returnType, ()), written.placing)
        found = self.func.analyze(*_analyzed(written, settings, None), **dict(_named(written, settings)))  # type: ignore[attr-defined]
        if not isinstance(found, AnalyzeResult):
            raise ArgumentTypeError(
                f"the 'analyze' method of {self._name!r} is to return an AnalyzeResult, not "
                f"{type(found).__name__}"
            )
        if found.select:
            raise UnsupportedOperationException(
                f"AnalyzeResult.select is not offered: the function {self._name!r} sees all columns of a "
                "table"
            )
        takes_result = len(inspect.signature(self.func).parameters) > 0
        runs = self._runs(found.schema, (found,) if takes_result else ())
        return PlannedCall(found.schema, runs, _placing(found, written.placing))

    def _runs(self, output: StructType, analyzed: tuple[Any, ...]) -> Callable[[RowsLayout], RowsInWorker]:
        def runs(layout: RowsLayout) -> RowsInWorker:
            return RowsInWorker(
                self._name, Program(CallTable(self._name, self.func, layout, output, analyzed))
            )

        return runs


def _placing(found: AnalyzeResult, written: Placing | None) -> Placing | None:
    """How `analyze` wants the rows of a table to come together."""
    if not (found.partitionBy or found.withSinglePartition):
        return written
    keys = tuple(parse_expression(column.name) for column in found.partitionBy)
    orders = []
    for column in found.orderBy:
        nulls_first = column.ascending if column.overrideNullsFirst is None else column.overrideNullsFirst
        orders.append(
            exp.Ordered(
                this=parse_expression(column.name), desc=not column.ascending, nulls_first=nulls_first
            )
        )
    return Placing(keys, tuple(orders))


def _analyzed(
    written: WrittenCall, settings: AnalysisSettings, keyword: str | None
) -> Iterator[AnalyzeArgument]:
    """What `analyze` is told of the arguments with this keyword; None: of those by position."""
    names, scope = settings.names(written.child), scope_of(written.child.output)
    for argument, word in zip(written.arguments, written.keywords, strict=True):
        if word == keyword:
            data_type, _ = infer(names.resolve(argument), scope)
            is_table = written.placing is not None and isinstance(argument, exp.Struct)
            constant = not is_table and argument.find(exp.Column) is None
            yield AnalyzeArgument(data_type, _value(argument) if constant else None, is_table, constant)


def _named(written: WrittenCall, settings: AnalysisSettings) -> Iterator[tuple[str, AnalyzeArgument]]:
    for word in filter(None, written.keywords):
        (found,) = _analyzed(written, settings, word)
        yield word, found


def _value(constant: exp.Expression) -> Any:
    from streamcore.sql.column import Column
    from streamcore.sql.session import Session

    return Session.active().range(1).select(Column(constant.copy())).collect()[0][0]


def udtf(
    cls: type | None = None,
    *,
    returnType: StructType | str | None = None,
    useArrow: bool | None = None,
) -> Any:
    """A Python class as a function that gives tables; also a decorator.

    Parameters
    ----------
    cls
        A class with the method `eval`, called for each row, which gives rows (tuples) one by one; and perhaps
        `terminate`, called behind the last row, which gives rows, too. An instance sees all rows of a call,
        or those of one key of a table (`df.asTable().partitionBy(...)`).
    returnType
        The columns of the result, as a StructType or DDL.
    useArrow
        None or True: rows travel as Arrow always.

    >>> from streamcore import Session
    >>> from streamcore.sql.functions import lit, udtf
    >>> session = Session.builder.getOrCreate()
    >>> @udtf(returnType="n int, square int")
    ... class Squares:
    ...     def eval(self, start: int, end: int):
    ...         for n in range(start, end + 1):
    ...             yield n, n * n
    >>> Squares(lit(1), lit(2)).collect()
    [Row(n=1, square=1), Row(n=2, square=4)]
    """
    if useArrow is False:
        raise UnsupportedOperationException(
            "udtf(useArrow=False) is not offered: values travel as Arrow; leave useArrow out"
        )
    if cls is None:
        return lambda found: UserDefinedTableFunction(found, returnType)
    return UserDefinedTableFunction(cls, returnType)


class UDTFRegistration:
    """The table functions that SQL text of a session may call by name; `session.udtf`."""

    def __init__(self, functions: dict[str, TableFunction]) -> None:
        self._functions = functions

    def register(self, name: str, f: UserDefinedTableFunction) -> UserDefinedTableFunction:
        """Lets SQL text call `f` as `name` where a table stands, or behind LATERAL.

        >>> from streamcore import Session
        >>> from streamcore.sql.functions import udtf
        >>> session = Session.builder.getOrCreate()
        >>> @udtf(returnType="word string")
        ... class Words:
        ...     def eval(self, text: str):
        ...         for word in text.split(" "):
        ...             yield (word,)
        >>> words = session.udtf.register("words", Words)
        >>> session.sql("SELECT * FROM words('hello world')").collect()
        [Row(word='hello'), Row(word='world')]
        """
        if not isinstance(f, UserDefinedTableFunction):
            raise ArgumentTypeError(
                f"[CANNOT_REGISTER_UDTF] Cannot register the UDTF '{name}': expected a "
                "'UserDefinedTableFunction'. Please make sure the UDTF is correctly defined as a class, "
                "and then "
                "either wrap it in the `udtf()` function or annotate it with `@udtf(...)`."
            )
        if not re.fullmatch(r"\w+", name):
            raise IllegalArgumentException(f"a function is registered under a plain name, not {name!r}")
        found = UserDefinedTableFunction(f.func, f.returnType, name)
        self._functions[name.lower()] = found
        return found


def _check_handler(func: Any, name: str, returnType: Any) -> None:
    if not isinstance(func, type):
        raise ArgumentTypeError(
            "[INVALID_UDTF_HANDLER_TYPE] The UDTF is invalid. The function handler must be a class, but got "
            f"'{type(func).__name__}'. Please provide a class as the function handler."
        )
    if not hasattr(func, "eval"):
        raise AttributeError(
            f"[INVALID_UDTF_NO_EVAL] The UDTF '{name}' is invalid. It does not implement the required 'eval' "
            f"method. Please implement the 'eval' method in '{name}' and try again."
        )
    if returnType is not None and hasattr(func, "analyze"):
        raise AttributeError(
            f"[INVALID_UDTF_BOTH_RETURN_TYPE_AND_ANALYZE] The UDTF '{name}' is invalid. It has both its "
            "return "
            "type and an 'analyze' attribute. Please make it have one of either the return type or the "
            f"'analyze' static method in '{name}' and try again."
        )
    if returnType is None and not hasattr(func, "analyze"):
        raise AttributeError(
            f"[INVALID_UDTF_RETURN_TYPE] The UDTF '{name}' is invalid. It does not specify its return type "
            "or "
            "implement the required 'analyze' static method. Please specify the return type or implement the "
            f"'analyze' static method in '{name}' and try again."
        )


def _struct(given: StructType | str, name: str) -> StructType:
    found = parse_data_type(given) if isinstance(given, str) else given
    if not isinstance(found, StructType):
        raise ArgumentTypeError(
            f"[UDTF_RETURN_TYPE_MISMATCH] Mismatch in return type for the UDTF '{name}'. Expected a "
            f"'StructType', but got '{found}'. Please ensure the return type is a correctly formatted "
            "StructType."
        )
    return found
