from __future__ import annotations

from collections import Counter

from benchmarks.catalogue import WORKLOADS


def test_every_workload_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(w.name for w in WORKLOADS).items() if times > 1] == []
