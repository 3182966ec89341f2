"""Which joins of two streams are supported: PySpark's rules, refused with PySpark's words and the way out."""

from __future__ import annotations

from collections.abc import Iterable

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import Attribute
from streamcore.plan.conditions import is_volatile
from streamcore.plan.logical import Join
from streamcore.plan.stream_joins import StreamJoin

_NAMES = {
    "inner": "Inner", "cross": "Inner", "left": "LeftOuter", "right": "RightOuter", "full": "FullOuter",
    "leftsemi": "LeftSemi", "leftanti": "LeftAnti",
}  # fmt: skip
_MODES = {
    **dict.fromkeys(("inner", "cross", "leftsemi"), ("append", "update")),
    **dict.fromkeys(("left", "right", "full"), ("append",)),
}


def check_stream_join(join: Join, output_mode: str) -> None:
    """Raises AnalysisException for a join of two streams that cannot run in this output mode."""
    name = _NAMES[join.how]
    if join.how == "leftanti":
        raise AnalysisException(
            "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported; use a left "
            "outer join and keep the rows whose right side is null"
        )
    if output_mode not in _MODES[join.how]:
        modes = " and ".join(mode.title() for mode in _MODES[join.how])
        raise AnalysisException(
            f"{name} join between two streaming DataFrames/Datasets is not supported in "
            f"{output_mode.title()} output mode, only in {modes} output "
            f"mode{'s' if len(_MODES[join.how]) > 1 else ''}"
        )
    _check_condition(StreamJoin(join), name)


def _check_condition(join: StreamJoin, name: str) -> None:
    for side, which in enumerate(("left", "right")):
        require_one_event_time(join.sides[side].output, f"the {which} side of a join of streams")
    if any(map(is_volatile, join.conditions)):
        raise AnalysisException(
            "[INVALID_NON_DETERMINISTIC_EXPRESSIONS] The condition of a join of streams may give another "
            "value for the same rows (rand() and the like). Compute the value before the join, with "
            "withColumn. SQLSTATE: 42K0E"
        )
    must_close = _sides_that_must_close(join)
    if any(join.closing(side) is None for side in must_close):
        raise AnalysisException(
            f"Stream-stream {name} join between two streaming DataFrame/Datasets is not supported without a "
            "watermark in the join keys, or a watermark on the nullable side and an appropriate range "
            f"condition: {_way_out(join)}"
        )
    if not join.keys:
        raise AnalysisException(
            "Stream-stream join without equality predicate is not supported; add a condition such as "
            "left.key = right.key"
        )


def _sides_that_must_close(join: StreamJoin) -> list[int]:
    """Those whose rows could not come out, or not be forgotten, by any watermark else."""
    if join.node.how == "leftsemi":
        return [0]
    return [side for side in (0, 1) if join.preserves[side]]


def _way_out(join: StreamJoin) -> str:
    names = ("left", "right")
    waiting = [side for side in _sides_that_must_close(join) if join.closing(side) is None]
    return "; ".join(
        f"call withWatermark on the {names[1 - side]} side and say how long a {names[side]} row waits, such "
        f"as {names[1 - side]}.ts <= {names[side]}.ts + interval 1 hour"
        for side in waiting
    )


def require_one_event_time(columns: Iterable[Attribute], where: str) -> None:
    """Raises AnalysisException when rows have several columns under a watermark: any could make them late."""
    found = {a.id: a.name for a in columns if a.watermark_delay_ms is not None}
    if len(found) > 1:
        raise AnalysisException(
            "[MULTIPLE_EVENT_TIME_COLUMNS] More than one event time columns are available. Please ensure "
            "there is at most one event time column per stream. event time columns: "
            f"({', '.join(found.values())}) of {where}; select only one of them before. SQLSTATE: 42K09"
        )
