"""Which pairs of source and sink may run under which demand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from streamcore.errors import GuaranteeRefused
from streamcore.spi.datasource import DataSourceStreamWriter
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter, Guarantee
from streamcore.streaming.run import check_guarantees

EXACT, WEAK = Guarantee.EXACTLY_ONCE, Guarantee.AT_LEAST_ONCE


def reader(guarantee: Guarantee, *, declines: bool | None = None) -> Any:
    return SimpleNamespace(
        name="source-0",
        guarantee=guarantee,
        declines_replay=guarantee is WEAK if declines is None else declines,
        source=SimpleNamespace(format="socket"),
    )


class _Exact(ExactlyOnceStreamWriter):
    def open(self, query: Any) -> None: ...
    def write(self, iterator: Any) -> Any: ...
    def last_committed(self) -> Any: ...
    def commit_batch(self, messages: Any, record: Any) -> None: ...


class _Plain(DataSourceStreamWriter):
    def write(self, iterator: Any) -> Any: ...


def sink(guarantee: Guarantee) -> Any:
    return SimpleNamespace(description="the sink", writer=_Exact() if guarantee is EXACT else _Plain())


@pytest.mark.parametrize(
    ("source", "target", "asked"),
    [
        (EXACT, EXACT, None),
        (EXACT, EXACT, EXACT),
        (EXACT, WEAK, None),  # what PySpark users expect of foreachBatch and console
        (WEAK, WEAK, None),
        (EXACT, EXACT, WEAK),
        (WEAK, EXACT, WEAK),
        (WEAK, WEAK, WEAK),
        (EXACT, WEAK, WEAK),
    ],
)
def test_a_pair_that_gives_what_is_asked_may_run(
    source: Guarantee, target: Guarantee, asked: Guarantee | None
) -> None:
    check_guarantees([reader(source)], sink(target), asked)


@pytest.mark.parametrize(
    ("source", "target", "asked", "reason"),
    [
        (WEAK, EXACT, None, r"the source source-0 \(socket\) cannot be read a second time"),
        (WEAK, EXACT, EXACT, r"the source source-0 \(socket\) cannot be read a second time"),
        (WEAK, WEAK, EXACT, r"the source source-0 \(socket\) cannot be read a second time"),
        (EXACT, WEAK, EXACT, "the sink the sink keeps no commit record"),
    ],
)
def test_a_pair_that_would_weaken_the_guarantee_is_refused_with_the_reason(
    source: Guarantee, target: Guarantee, asked: Guarantee | None, reason: str
) -> None:
    with pytest.raises(GuaranteeRefused, match=reason) as refused:
        check_guarantees([reader(source)], sink(target), asked)
    assert "deliveryGuarantee" in str(refused.value)


def test_one_weak_source_among_several_is_enough_to_refuse() -> None:
    with pytest.raises(GuaranteeRefused):
        check_guarantees([reader(EXACT), reader(WEAK)], sink(EXACT), None)


def test_a_source_that_declares_nothing_runs_at_least_once_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    silent = reader(WEAK, declines=False)
    check_guarantees([reader(EXACT), silent], sink(EXACT), None)
    (warning,) = caplog.messages
    assert "at-least-once: the source source-0 (socket) does not declare" in warning
    assert "Replayable" in warning
    check_guarantees([silent], sink(EXACT), WEAK)
    check_guarantees([silent], sink(WEAK), None)
    assert len(caplog.messages) == 1


def test_a_source_that_declares_nothing_is_refused_where_exactly_once_is_asked_for() -> None:
    with pytest.raises(GuaranteeRefused, match="let its reader inherit"):
        check_guarantees([reader(WEAK, declines=False)], sink(EXACT), EXACT)
