"""A streaming query as it was asked for: everything that `start()` has fixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.plan.row_order import draw_numbers
from streamcore.streaming.fragments import ContextFactory, batch_contexts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.stages import StagePlan
    from streamcore.streaming.description import Description
    from streamcore.streaming.stateful.operator import StatefulOperator
    from streamcore.streaming.trigger import Trigger

SESSION_TIME_ZONE = "spark.sql.session.timeZone"
WATERMARK_POLICY = "spark.sql.streaming.multipleWatermarkPolicy"
STATE_PARTITIONS = "spark.streamcore.state.partitions"
SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
EACH_SOURCE_NAMED = "spark.sql.streaming.queryEvolution.enableSourceEvolution"


@dataclass(frozen=True)
class QueryDefinition:
    """What a run of a query needs to know and never changes.

    operators
        Id -> the stateful operator of that stage of `plan`, in the order of the stages.
    state_partitions
        Partitions of every stateful operator in a new checkpoint; one that has state keeps its own.
    wanted_partitions
        The number that the state is to have from the next batch on; None to leave it as it is.
    description
        What the query is, for its checkpoint (see `streamcore.streaming.description`).
    pinned
        Settings that are logged with every batch and taken from the log on restart.
    """

    name: str | None
    logical: LogicalPlan
    plan: StagePlan
    operators: Mapping[str, StatefulOperator]
    output_mode: str
    trigger: Trigger
    output_schema: pa.Schema
    description: Description = field(default_factory=dict)
    case_sensitive: bool = False
    pinned: Mapping[str, str] = field(default_factory=dict)
    state_partitions: int = 1
    wanted_partitions: int | None = None
    batches_to_retain: int = 100
    no_data_batches: bool = True
    commit_attempts: int = 4
    progress_retained: int = 100
    idle_progress_interval_ms: int = 10_000

    @property
    def watermark_policy(self) -> str:
        """Which of several watermarks is the query's: min or max."""
        return self.pinned.get(WATERMARK_POLICY, "min")

    def contexts(self, query_id: str) -> ContextFactory:
        """How the expressions of this query are translated, batch by batch."""
        zone = self.pinned.get(SESSION_TIME_ZONE, "UTC")
        draws = draw_numbers(self.logical)
        return batch_contexts(query_id, zone, case_sensitive=self.case_sensitive, draws=draws)
