"""window(time, duration[, slide[, start]]): event-time windows as structs of start and end."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.errors import AnalysisException
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import TIMESTAMP, is_string
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.durations import duration_us
from streamcore.spi.types import DataType, DateType, StructField, StructType, TimestampNTZType, TimestampType

WINDOW_FIELDS = ("start", "end")


def _duration(call: Call, index: int, default: int) -> int:
    value = call.constant(index, default)
    return value if isinstance(value, int) else duration_us(str(value))


@function("window")
def _window(call: Call) -> Compiled:
    """A tumbling window is one struct; a sliding one is the array of the structs that hold the time."""
    call.expect(2, 4)
    time = call.arg(0)
    if is_string(time.type) or isinstance(time.type, DateType):
        time = cast(time, TIMESTAMP, call.context)
    if _is_window(time.type):
        time = _time_of(time)
    if not isinstance(time.type, (TimestampType, TimestampNTZType)):
        raise call.error("the time column must be a timestamp")
    length = _duration(call, 1, 0)
    slide = _duration(call, 2, length)
    offset = _duration(call, 3, 0)
    if length <= 0 or slide <= 0 or slide > length or abs(offset) >= slide:
        raise AnalysisException(
            "[DATATYPE_MISMATCH] window() needs a positive duration, a slide of at most the duration, and a "
            f"start time below the slide; given are {length}, {slide} and {offset} microseconds."
        )
    data_type = StructType([StructField(name, time.type) for name in WINDOW_FIELDS])
    make = "make_timestamp" if isinstance(time.type, TimestampNTZType) else "make_timestamptz"
    # Microseconds of a plain column are cheaper to ask for again than to keep in a list for `let`.
    if slide == length:
        windows = let(time.sql, lambda t: _tumbling(f"epoch_us({t})", length, offset, make))
    else:  # the planner unnests these; the type is that of one window
        windows = let(time.sql, lambda t: _sliding(f"epoch_us({t})", length, slide, offset, make))
    return Compiled(windows, data_type, time.nullable)


def _struct(start: str, length: int, make: str) -> str:
    return f'struct_pack("start" := {make}({start}), "end" := {make}({start} + {length}))'


def _floor(t: str, step: int, offset: int) -> str:
    """SQL of the last multiple of `step` (plus `offset`) that is not after `t`, before 1970 too."""
    shifted = f"({t} - ({offset}))" if offset else t
    return f"({t} - (({shifted} % {step}) + {step}) % {step})"


def _tumbling(t: str, length: int, offset: int, make: str) -> str:
    return _struct(_floor(t, length, offset), length, make)


def _sliding(t: str, length: int, slide: int, offset: int, make: str) -> str:
    # The latest window that holds t begins at the floor; earlier ones follow while they hold it.
    last = _floor(t, slide, offset)
    starts = f"range({last} - (({length} - 1 - ({t} - {last})) // {slide}) * {slide}, {last} + 1, {slide})"
    return f"list_transform({starts}, lambda w: {_struct('w', length, make)})"


@function("window_time")
def _window_time(call: Call) -> Compiled:
    call.expect(1)
    window = call.arg(0)
    if not _is_window(window.type):
        raise call.error("the argument must be a window column")
    return _time_of(window)


def _is_window(kind: DataType) -> bool:
    return isinstance(kind, StructType) and kind.names == list(WINDOW_FIELDS)


def _time_of(window: Compiled) -> Compiled:
    """The last microsecond of a window: what stands for its rows in an outer window."""
    assert isinstance(window.type, StructType)
    kind = window.type["end"].dataType
    make = "make_timestamptz" if kind == TIMESTAMP else "make_timestamp"
    return Compiled(f"{make}(epoch_us(({window.sql})['end']) - 1)", kind, window.nullable)


@function("session_window")
def _session_window(call: Call) -> Compiled:
    """A row's own session, from its time to the end of its gap; they are joined where rows are grouped."""
    call.expect(2)
    time, gap = call.arg(0), call.arg(1)
    if is_string(time.type) or isinstance(time.type, DateType):
        time = cast(time, TIMESTAMP, call.context)
    if _is_window(time.type):
        time = _time_of(time)
    if not isinstance(time.type, (TimestampType, TimestampNTZType)):
        raise call.error("the time column must be a timestamp")
    if not is_string(gap.type):
        raise call.error("the gap must be a text such as '5 minutes', or a column of such texts")
    data_type = StructType([StructField(name, time.type) for name in WINDOW_FIELDS])
    make = "make_timestamp" if isinstance(time.type, TimestampNTZType) else "make_timestamptz"
    fixed = str(duration_us(str(gap.value))) if gap.is_literal else None
    length = fixed or f"epoch_us(CAST({gap.sql} AS INTERVAL))"
    start = f"epoch_us({time.sql})"
    sql = f'struct_pack("start" := {make}({start}), "end" := {make}({start} + {length}))'
    return Compiled(f"CASE WHEN {time.sql} IS NOT NULL THEN {sql} END", data_type, nullable=True)
