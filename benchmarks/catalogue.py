"""All workloads, by name, in the order of the report."""

from __future__ import annotations

from benchmarks import (
    batch_workloads,
    change_workloads,
    delta_workloads,
    iceberg_workloads,
    join_workloads,
    kafka_sink_workloads,
    kafka_workloads,
    ml_workloads,
    object_store_workloads,
    online_model_workloads,
    rdd_workloads,
    startup,
    state_processes,
    state_workloads,
    streaming_workloads,
    training_workloads,
)
from benchmarks.nexmark import workloads as nexmark_workloads
from benchmarks.workload import Workload

WORKLOADS: tuple[Workload, ...] = (
    *streaming_workloads.WORKLOADS,
    *state_workloads.WORKLOADS,
    *nexmark_workloads.WORKLOADS,
    *join_workloads.WORKLOADS,
    *startup.WORKLOADS,
    *state_processes.WORKLOADS,
    *kafka_workloads.WORKLOADS,
    *delta_workloads.WORKLOADS,
    *iceberg_workloads.WORKLOADS,
    *kafka_sink_workloads.WORKLOADS,
    *change_workloads.WORKLOADS,
    *object_store_workloads.WORKLOADS,
    *rdd_workloads.WORKLOADS,
    *online_model_workloads.WORKLOADS,
    *training_workloads.WORKLOADS,
    *ml_workloads.WORKLOADS,
    *batch_workloads.WORKLOADS,
)


def workload_named(name: str) -> Workload:
    """Return the workload; raises KeyError with the names that there are."""
    for workload in WORKLOADS:
        if workload.name == name:
            return workload
    raise KeyError(f"no workload {name!r}; there are {', '.join(w.name for w in WORKLOADS)}")
