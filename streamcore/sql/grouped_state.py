"""Grouped rows handed to Python with a state for each key: PySpark's three methods of GroupedData."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from streamcore.distribution import install_command
from streamcore.errors import ArgumentTypeError, IllegalArgumentException, UnsupportedOperationException
from streamcore.execution.python_state.flavors import Flavor, InPandas, InRows
from streamcore.execution.python_state.group_state import TIMEOUTS, GroupStateTimeout
from streamcore.execution.python_state.processor import declarations_of
from streamcore.plan.python_groups import (
    GroupsFunction,
    function_mode,
    stateful_groups,
    time_mode,
    with_keys,
)
from streamcore.scheduler.serial import dumps_code, loads
from streamcore.spi.time_modes import EVENT_TIME, NO_TIME, PROCESSING_TIME
from streamcore.spi.types import StructType, parse_data_type
from streamcore.sql.dataframe.core import frame_of
from streamcore.streaming.stateful.python_operators import FunctionCall, ProcessorCall

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.sql.dataframe import DataFrame

_MODE_OF = {
    GroupStateTimeout.NoTimeout: NO_TIME,
    GroupStateTimeout.ProcessingTimeTimeout: PROCESSING_TIME,
    GroupStateTimeout.EventTimeTimeout: EVENT_TIME,
}


def apply_in_pandas_with_state(
    frame: DataFrame,
    keys: Sequence[exp.Expression],
    function: Callable[..., Any],
    output: StructType | str,
    state: StructType | str,
    output_mode: str,
    timeout: str,
) -> DataFrame:
    """See `GroupedData.applyInPandasWithState`."""
    if timeout not in TIMEOUTS:
        raise IllegalArgumentException(f"timeoutConf is one of {', '.join(TIMEOUTS)}, not {timeout!r}")
    if not callable(function):
        raise ArgumentTypeError(f"[NOT_CALLABLE] Argument `func` should be a callable, got {function!r}.")
    mode = _append_or_update(output_mode)
    _require_pandas("applyInPandasWithState")
    if not frame.isStreaming:
        raise UnsupportedOperationException(
            "applyInPandasWithState is unsupported in batch query. Use an aggregation instead."
        )
    zone = _session_zone(frame)
    kept = _struct(state, "stateStructType")
    called = GroupsFunction(
        call="applyInPandasWithState",
        kind="applyInPandasWithState",
        output_mode=mode,
        time_mode=_MODE_OF[timeout],
        kept={"state": kept.simpleString()},
        gone=frozenset(),
        event_time="",
        program=FunctionCall(function, zone, kept, timeout),
    )
    schema = _struct(output, "outputStructType")
    plan = stateful_groups(frame.plan, keys, called, schema, frame.session.analysis_settings)
    return frame_of(plan, frame.session)


def transform_with_state(
    frame: DataFrame,
    keys: Sequence[exp.Expression],
    processor: Any,
    output: StructType | str,
    output_mode: str,
    times: str,
    initial: tuple[DataFrame, Sequence[exp.Expression]] | None,
    event_time: str,
    *,
    in_pandas: bool,
) -> DataFrame:
    """See `GroupedData.transformWithState` and `GroupedData.transformWithStateInPandas`."""
    mode, clock = _append_or_update(output_mode), time_mode(times)
    if in_pandas:
        _require_pandas("transformWithStateInPandas")
    if not frame.isStreaming:
        raise UnsupportedOperationException(
            "transformWithState over a DataFrame that is no stream is not offered; read the data with "
            "readStream and trigger(availableNow=True)"
        )
    declared = declarations_of(loads(dumps_code(processor)), clock)
    zone = _session_zone(frame)
    flavor: Flavor = InPandas(zone) if in_pandas else InRows(zone)
    called = GroupsFunction(
        call="transformWithStateInPandas" if in_pandas else "transformWithState",
        kind="transformWithStateInPandasExec" if in_pandas else "transformWithStateInPySparkExec",
        output_mode=mode,
        time_mode=clock,
        kept={variable.name: variable.described for variable in declared.variables.values()},
        gone=frozenset(declared.deleted),
        event_time=event_time,
        program=ProcessorCall(processor, flavor, tuple(declared.variables.values())),
    )
    settings = frame.session.analysis_settings
    rows = None
    if initial is not None:
        if initial[0].isStreaming:
            raise UnsupportedOperationException("the initial state is a batch DataFrame, not a stream")
        rows = (*with_keys(initial[0].plan, initial[1], settings), initial[0].plan.output)
    schema = _struct(output, "outputStructType")
    return frame_of(stateful_groups(frame.plan, keys, called, schema, settings, rows), frame.session)


def _require_pandas(method: str) -> None:
    if find_spec("pandas") is None:
        raise UnsupportedOperationException(
            f"{method} needs pandas: {install_command('pandas')}. transformWithState does without, in Rows."
        )


def _append_or_update(text: str) -> str:
    mode = function_mode(text)
    if mode == "complete":
        raise IllegalArgumentException("The output mode of function should be append or update")
    return mode


def _struct(schema: StructType | str, argument: str) -> StructType:
    found = parse_data_type(schema) if isinstance(schema, str) else schema
    if not isinstance(found, StructType):
        raise ArgumentTypeError(
            f"{argument} is a StructType or DDL such as 'id long, n long', not {schema!r}"
        )
    return found


def _session_zone(frame: DataFrame) -> str:
    return str(frame.session.conf.get("spark.sql.session.timeZone"))
