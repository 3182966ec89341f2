"""Python functions in expressions and in SQL text: udf, pandas_udf, and the registry of a session."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import (
    ArgumentTypeError,
    IllegalArgumentException,
    ParseException,
    UnsupportedOperationException,
)
from streamcore.execution.python_calls.functions import ValueFunction
from streamcore.plan.expressions import parse_expression
from streamcore.plan.python_functions import PythonFunction, python_call
from streamcore.spi.types import DataType, StringType, parse_data_type
from streamcore.sql.column import Column
from streamcore.sql.expressions import expression_of

if TYPE_CHECKING:
    from streamcore.plan.python_functions import RunsCalls

_STRING = StringType()


class UserDefinedFunction:
    """A Python function that takes Columns and gives one; made by `udf` and `pandas_udf`.

    Attributes
    ----------
    func
        The function itself.
    returnType
        The type of its values.
    deterministic
        Whether it gives the same for the same arguments.
    """

    def __init__(
        self,
        func: Callable[..., Any],
        returnType: DataType | str,
        runs: Callable[[Callable[..., Any]], RunsCalls],
        name: str | None = None,
        *,
        deterministic: bool = True,
        aggregates: bool = False,
    ) -> None:
        self.func = func
        self.returnType = _type(returnType)
        self.deterministic = deterministic
        self._runs = runs
        self._aggregates = aggregates
        self._name: str = name or str(getattr(func, "__name__", type(func).__name__))
        self._made: PythonFunction | None = None
        functools.update_wrapper(self, func, updated=())
        self.__name__: str = self._name

    def __call__(self, *args: Any, **kwargs: Any) -> Column:
        """The call with these columns (or names of columns)."""
        arguments = [expression_of(argument) for argument in (*args, *kwargs.values())]
        return Column(python_call(self.function, arguments, (*(None for _ in args), *kwargs)))

    def __repr__(self) -> str:
        return f"<udf {self._name} returning {self.returnType.simpleString()}>"

    def asNondeterministic(self) -> UserDefinedFunction:
        """The same function, which may give another value for the same arguments."""
        return self._changed(self._name, deterministic=False)

    @property
    def function(self) -> PythonFunction:
        """The function as the plan knows it."""
        if self._made is None:
            runs = self._runs(self.func)
            self._made = PythonFunction(
                self._name, self.returnType, self.deterministic, runs, self._aggregates
            )
        return self._made

    def named(self, name: str) -> UserDefinedFunction:
        """The same function under another name."""
        return self._changed(name, deterministic=self.deterministic)

    def _changed(self, name: str, *, deterministic: bool) -> UserDefinedFunction:
        return UserDefinedFunction(
            self.func,
            self.returnType,
            self._runs,
            name,
            deterministic=deterministic,
            aggregates=self._aggregates,
        )


def udf(
    f: Callable[..., Any] | DataType | str | None = None,
    returnType: DataType | str = _STRING,
    *,
    useArrow: bool | None = None,
) -> Any:
    """A Python function of values as a function of columns; also a decorator.

    Parameters
    ----------
    f
        The function; called once for each row, with None for null.
    returnType
        The type of what it returns, or its DDL. A value of another type is converted where Arrow can
        without loss (and a fraction is cut off); else the query fails.
    useArrow
        None or True. Values travel as Arrow always; PySpark's older way, in which a value of a wrong type
        becomes null, is not offered.

    It runs in worker processes, on every core, and in streams as in batches.

    >>> from streamcore import Session
    >>> from streamcore.sql.functions import udf
    >>> @udf("int")
    ... def plus_one(n):
    ...     return n + 1
    >>> Session.builder.getOrCreate().range(2).select(plus_one("id")).collect()
    [Row(plus_one(id)=1), Row(plus_one(id)=2)]
    """
    if useArrow is False:
        raise UnsupportedOperationException(
            "udf(useArrow=False) is not offered: values travel as Arrow, and one of a wrong type is an "
            "error, where the older way would give null; leave useArrow out"
        )
    if f is None or isinstance(f, (str, DataType)):
        kind = returnType if f is None else f
        return lambda function: UserDefinedFunction(callable_of(function), kind, ValueFunction)
    return UserDefinedFunction(callable_of(f), returnType, ValueFunction)


def callable_of(function: Any) -> Callable[..., Any]:
    """The function; ArgumentTypeError for what cannot be called."""
    if not callable(function):
        raise ArgumentTypeError(
            f"[NOT_EXPECTED_TYPE] Argument `func` should be callable, got {type(function).__name__}."
        )
    return function  # type: ignore[no-any-return]


def _type(given: DataType | str) -> DataType:
    if isinstance(given, DataType):
        return given
    if isinstance(given, str):
        return parse_data_type(given)
    raise ArgumentTypeError(
        "[NOT_DATATYPE_OR_STR] Argument `returnType` should be a DataType or str, got "
        f"{type(given).__name__}."
    )


def _check_name(name: str) -> None:
    """Raises unless a call of this name in SQL text is one that a registered function can answer."""
    if not re.fullmatch(r"\w+", name):
        raise IllegalArgumentException(f"a function is registered under a plain name, not {name!r}")
    try:
        is_call_by_name = isinstance(parse_expression(f"{name}(1)"), exp.Anonymous)
    except ParseException:
        is_call_by_name = False
    if not is_call_by_name:
        raise UnsupportedOperationException(
            f"{name}() is part of SQL's grammar here, and a function of that name would never be called from "
            "SQL text; register it under another name"
        )


class UDFRegistration:
    """The Python functions that SQL text of a session may call by name; `session.udf`."""

    def __init__(self, functions: dict[str, PythonFunction]) -> None:
        self._functions = functions

    def register(
        self, name: str, f: Callable[..., Any] | UserDefinedFunction, returnType: DataType | str | None = None
    ) -> UserDefinedFunction:
        """Lets SQL text call `f` as `name`, in place of any other function of that name.

        Parameters
        ----------
        name
            Letters, digits and underscores; capitals do not count.
        f
            A function of values, or one made by `udf` or `pandas_udf`.
        returnType
            The type of a plain function's values (default: string); one made by `udf` has its own.

        >>> from streamcore import Session
        >>> session = Session.builder.getOrCreate()
        >>> half = session.udf.register("half", lambda n: n / 2, "double")
        >>> session.sql("SELECT half(id) AS h FROM range(2)").collect()
        [Row(h=0.0), Row(h=0.5)]
        """
        _check_name(name)
        if isinstance(f, UserDefinedFunction):
            if returnType is not None:
                raise ArgumentTypeError(
                    "[CANNOT_SPECIFY_RETURN_TYPE_FOR_UDF] returnType can not be specified when `f` is a "
                    "user-defined function, but got " + str(returnType) + "."
                )
            found = f.named(name)
        else:
            found = udf(f, _STRING if returnType is None else returnType).named(name)
        self._functions[name.lower()] = found.function
        return found

    def registerJavaFunction(self, name: str, javaClassName: str, returnType: Any = None) -> None:
        """Not offered: there is no JVM."""
        raise UnsupportedOperationException(
            "registerJavaFunction: there is no JVM; register a Python function"
        )

    def registerJavaUDAF(self, name: str, javaClassName: str) -> None:
        """Not offered: there is no JVM."""
        raise UnsupportedOperationException("registerJavaUDAF: there is no JVM; use register")
