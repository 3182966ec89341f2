"""Python functions of whole columns: pandas_udf and arrow_udf."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args, get_origin

from streamcore.errors import ArgumentTypeError, UnsupportedOperationException
from streamcore.execution.python_calls.aggregates import GroupFunction
from streamcore.execution.python_calls.functions import ColumnFunction
from streamcore.execution.python_calls.kinds import ArrowColumns, Columns, PandasColumns
from streamcore.spi.types import DataType
from streamcore.sql.udf import UserDefinedFunction, callable_of

if TYPE_CHECKING:
    from streamcore.plan.python_functions import RunsCalls


class PandasUDFType:
    """The kinds of functions of pandas; see `pandas_udf`."""

    SCALAR = 200
    SCALAR_ITER = 204
    GROUPED_MAP = 201
    GROUPED_AGG = 202


class ArrowUDFType:
    """The kinds of functions of Arrow arrays; see `arrow_udf`."""

    SCALAR = 250
    SCALAR_ITER = 251
    GROUPED_AGG = 252


class _Kind(Enum):
    """What a function makes of columns: columns, columns batch by batch, or one value of a group."""

    COLUMN = "column"
    BATCHES = "batches"
    VALUE = "value"
    VALUE_OF_BATCHES = "value of batches"


_PANDAS_KINDS = {
    PandasUDFType.SCALAR: _Kind.COLUMN,
    PandasUDFType.SCALAR_ITER: _Kind.BATCHES,
    PandasUDFType.GROUPED_AGG: _Kind.VALUE,
}
_ARROW_KINDS = {
    ArrowUDFType.SCALAR: _Kind.COLUMN,
    ArrowUDFType.SCALAR_ITER: _Kind.BATCHES,
    ArrowUDFType.GROUPED_AGG: _Kind.VALUE,
}
_PANDAS_COLUMNS = ("Series", "DataFrame")
_ARROW_COLUMNS = ("Array", "ChunkedArray")


def pandas_udf(
    f: Callable[..., Any] | DataType | str | None = None,
    returnType: DataType | str | None = None,
    functionType: int | str | None = None,
) -> Any:
    """A Python function of pandas Series as a function of columns; also a decorator.

    Parameters
    ----------
    f
        From Series to a Series of the same length, or from an iterator of them to one, or from the Series of
        a group to one value, as its type hints say; a struct comes and goes as a DataFrame.
    returnType
        The type of the values, or its DDL.
    functionType
        None (the hints decide), or `PandasUDFType.SCALAR`, `SCALAR_ITER` or `GROUPED_AGG`.

    A function that aggregates is called for each group in `agg`, and for each window by `over`; its rows have
    to fit into memory. Others see `spark.sql.execution.arrow.maxRecordsPerBatch` rows at once. Needs pandas.

    >>> import pandas as pd
    >>> from streamcore import Session
    >>> from streamcore.sql.functions import pandas_udf
    >>> @pandas_udf("long")
    ... def doubled(s: pd.Series) -> pd.Series:
    ...     return s * 2
    >>> @pandas_udf("double")
    ... def middle(s: pd.Series) -> float:
    ...     return s.median()
    >>> numbers = Session.builder.getOrCreate().range(2)
    >>> numbers.select(doubled("id")).collect()
    [Row(doubled(id)=0), Row(doubled(id)=2)]
    >>> numbers.agg(middle("id")).collect()
    [Row(middle(id)=0.5)]
    """

    def made(function: Any, kind: DataType | str, wanted: int | str | None) -> UserDefinedFunction:
        if wanted is not None and wanted not in _PANDAS_KINDS:
            raise UnsupportedOperationException(
                f"pandas_udf(functionType={wanted!r}) is not offered; use PandasUDFType.SCALAR, "
                "SCALAR_ITER or GROUPED_AGG, or groupBy(...).applyInPandas(...)"
            )
        found = _by_hints(function, _PANDAS_COLUMNS) if wanted is None else _PANDAS_KINDS[int(wanted)]
        return _function(callable_of(function), kind, found, lambda: PandasColumns(_time_zone()))

    return _decorated(made, f, returnType, functionType)


def arrow_udf(
    f: Callable[..., Any] | DataType | str | None = None,
    returnType: DataType | str | None = None,
    functionType: int | str | None = None,
) -> Any:
    """A Python function of arrays of pyarrow as a function of columns; also a decorator.

    Parameters
    ----------
    f
        From arrays to an array of the same length, or from an iterator of them to one, or from the arrays of
        a group to one value, as its type hints say.
    returnType
        The type of the values, or its DDL.
    functionType
        None (the hints decide), or `ArrowUDFType.SCALAR`, `SCALAR_ITER` or `GROUPED_AGG`.

    >>> import pyarrow as pa
    >>> import pyarrow.compute as pc
    >>> from streamcore import Session
    >>> from streamcore.sql.functions import arrow_udf
    >>> @arrow_udf("long")
    ... def doubled(a: pa.Array) -> pa.Array:
    ...     return pc.multiply(a, 2)
    >>> Session.builder.getOrCreate().range(2).select(doubled("id")).collect()
    [Row(doubled(id)=0), Row(doubled(id)=2)]
    """

    def made(function: Any, kind: DataType | str, wanted: int | str | None) -> UserDefinedFunction:
        if wanted is not None and wanted not in _ARROW_KINDS:
            raise UnsupportedOperationException(
                f"arrow_udf(functionType={wanted!r}) is not offered; use ArrowUDFType.SCALAR, SCALAR_ITER or "
                "GROUPED_AGG"
            )
        found = _by_hints(function, _ARROW_COLUMNS) if wanted is None else _ARROW_KINDS[int(wanted)]
        return _function(callable_of(function), kind, found, ArrowColumns)

    return _decorated(made, f, returnType, functionType)


def _decorated(
    made: Callable[[Any, DataType | str, int | str | None], UserDefinedFunction],
    f: Any,
    return_type: DataType | str | None,
    function_type: int | str | None,
) -> Any:
    """What a call of either function gives: the function itself, or a decorator."""
    if isinstance(f, (str, DataType)):
        wanted: Any = function_type if return_type is None else return_type
        return lambda function: made(function, f, wanted)
    if return_type is None:
        raise ArgumentTypeError("[CANNOT_BE_NONE] Argument `returnType` cannot be None.")
    if f is None:
        return lambda function: made(function, return_type, function_type)
    return made(f, return_type, function_type)


def _function(
    function: Callable[..., Any], return_type: DataType | str, kind: _Kind, columns: Callable[[], Columns]
) -> UserDefinedFunction:
    def runs(called: Callable[..., Any]) -> RunsCalls:
        if kind in (_Kind.VALUE, _Kind.VALUE_OF_BATCHES):
            return GroupFunction(called, columns(), kind is _Kind.VALUE_OF_BATCHES)
        return ColumnFunction(called, columns(), kind is _Kind.BATCHES, _batch_rows())

    aggregates = kind in (_Kind.VALUE, _Kind.VALUE_OF_BATCHES)
    return UserDefinedFunction(function, return_type, runs, aggregates=aggregates)


def _time_zone() -> str:
    return _setting("spark.sql.session.timeZone", "UTC")


def _batch_rows() -> int:
    return int(_setting("spark.sql.execution.arrow.maxRecordsPerBatch", "10000"))


def _setting(key: str, otherwise: str) -> str:
    from streamcore.sql.session import Session

    session = Session.getActiveSession()
    return otherwise if session is None else str(session.conf.get(key))


# ---- what the hints say ----------------------------------------------------------------------------


def _by_hints(function: Any, columns: tuple[str, ...]) -> _Kind:
    hints = _hints(function)
    returned = hints.pop("return", None)
    if returned is None or _is_column(returned, columns):
        return _Kind.COLUMN
    if _is_iterator(returned):
        return _Kind.BATCHES
    takes_batches = any(map(_is_iterator, hints.values()))
    return _Kind.VALUE_OF_BATCHES if takes_batches else _Kind.VALUE


def _hints(function: Any) -> dict[str, Any]:
    from typing import get_type_hints

    try:
        return get_type_hints(function)
    except (NameError, TypeError):
        found: Mapping[str, Any] = getattr(function, "__annotations__", {})
        return dict(found)


def _is_iterator(hint: Any) -> bool:
    text = hint if isinstance(hint, str) else ""
    origin = get_origin(hint)
    return bool(re.match(r"(typing\.|collections\.abc\.)?Iterator\[", text)) or (
        inspect.isclass(origin) and issubclass(Iterator, origin) and bool(get_args(hint))
    )


def _is_column(hint: Any, columns: tuple[str, ...]) -> bool:
    name = hint if isinstance(hint, str) else getattr(hint, "__name__", "")
    return name.rpartition(".")[2] in columns
