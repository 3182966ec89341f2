from __future__ import annotations

from typing import Any

from benchmarks.entry import Entry
from benchmarks.figures import markdown
from benchmarks.harness import Measured, Result
from benchmarks.report import document, means, notes, table
from benchmarks.workload import QUICK, Place, Sample, Unit, Workload


def test_a_ratio_above_one_means_that_streamcore_is_better_whatever_the_unit() -> None:
    assert _result("rows/s", ours=[4e6], theirs=[1e6]).ratio == 4
    assert _result("ms", ours=[10], theirs=[130]).ratio == 13


def test_the_figure_is_the_median_of_the_repetitions() -> None:
    assert _result("ms", ours=[9, 1, 3], theirs=[6]).ratio == 2


def test_the_table_shows_median_and_spread() -> None:
    line = table([_result("rows/s", ours=[3e6, 2e6, 4e6], theirs=[1e6])]).splitlines()[-1]
    assert "3.00 M rows/s (2.00..4.00)" in line
    assert "3.0x" in line


def test_answers_that_differ_between_engines_are_told() -> None:
    result = _result("ms", ours=[1], theirs=[1])
    result.engines["pyspark"].samples[0]["answer"] = {"n": 8}
    assert notes([result]) == ['w: the answers differ: {"streamcore": [{"n": 7}], "pyspark": [{"n": 8}]}']


def test_a_failed_engine_is_told_and_leaves_no_ratio() -> None:
    result = _result("ms", ours=[1], theirs=[1])
    result.engines["pyspark"].error = "it fell over"
    assert result.ratio is None
    assert notes([result]) == ["w: pyspark failed: it fell over"]
    assert "failed" in table([result])


def test_streamcore_alone_is_a_table_too() -> None:
    result = _result("ms", ours=[1], theirs=[1])
    del result.engines["pyspark"]
    assert table([result]).splitlines()[-1].split()[-3:] == ["-", "-", "15x"]


def test_the_document_keeps_every_repetition() -> None:
    kept = document([_result("ms", ours=[1, 2], theirs=[3])], QUICK, 2)["workloads"][0]
    assert kept["engines"]["streamcore"]["values"] == [1, 2]
    assert kept["engines"]["pyspark"]["median"] == 3


def _result(unit: Unit, ours: list[float], theirs: list[float]) -> Result:
    workload = Workload("w", "a workload", unit, "session", _never, reach=15)
    return Result(workload, {"streamcore": _measured(ours), "pyspark": _measured(theirs)})


def _measured(values: list[float]) -> Measured:
    samples: list[dict[str, Any]] = [{"value": value, "answer": {"n": 7}, "detail": {}} for value in values]
    return Measured(samples)


def _never(entry: Entry, place: Place) -> Sample:
    raise AssertionError("not run here")


def test_of_a_group_the_geometric_mean_is_given_when_every_ratio_is_there() -> None:
    two, eight = (_in_group(ours=ratio) for ratio in (2, 8))
    (mean,) = means([two, eight, _result("ms", ours=[1], theirs=[1])])
    assert str(mean) == "nexmark: geometric mean of 2 ratios 4.0x (to reach 4x)"
    eight.engines["pyspark"].error = "it fell over"
    assert means([two, eight]) == []


def test_a_figure_of_our_own_is_reached_from_the_side_that_its_unit_says() -> None:
    lines = {unit: markdown(document([_own(unit, 2)], QUICK, 1)).splitlines()[-1] for unit in ("s", "x")}
    assert "(missed)" in lines["s"]
    assert "(missed)" not in lines["x"]


def _in_group(ours: float) -> Result:
    workload = Workload("w", "a workload", "rows/s", "session", _never, group="nexmark")
    return Result(workload, {"streamcore": _measured([ours]), "pyspark": _measured([1])})


def _own(unit: Unit, value: float) -> Result:
    workload = Workload("w", "a workload", unit, "session", _never, reach_value=1, engines=("streamcore",))
    return Result(workload, {"streamcore": _measured([value])})
