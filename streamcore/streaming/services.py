"""What a query is started with: what was asked for, and what it takes from its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from streamcore.execution.execute import Execution
    from streamcore.execution.tasks import Executor
    from streamcore.spi.clock import Clock
    from streamcore.spi.exactly_once import Guarantee
    from streamcore.spi.options import Options
    from streamcore.spi.types import StructType
    from streamcore.streaming.trigger import Trigger


@dataclass(frozen=True)
class WriteDescription:
    """What was asked for.

    `options` are the sink's; `format`, `foreach` and `foreach_batch` name the sink, one of them at the most.
    """

    format: str | None
    foreach: Any
    foreach_batch: Callable[[Any, int], None] | None
    output_mode: str
    trigger: Trigger
    name: str | None
    options: Options
    checkpoint: str | None
    guarantee: Guarantee | None
    operator_names: str = ""

    def sink_name(self, settings: Settings) -> str:
        """The name of the sink: the format, or that of the method which takes a function."""
        if self.foreach_batch is not None:
            return "foreachBatch"
        if self.foreach is not None:
            return "foreach"
        return (self.format or str(settings.get("spark.sql.sources.default"))).lower()


class Settings(Protocol):
    """Settings by name; one that is not set has its default."""

    def get(self, key: str) -> str | None:
        """The value as text."""

    def flag(self, key: str) -> bool:
        """A boolean setting."""

    def number(self, key: str) -> int:
        """A setting that is a whole number."""

    def milliseconds(self, key: str) -> int:
        """A setting that is a time."""

    @property
    def given(self) -> dict[str, str]:
        """Every setting that was given, to the application or to the session."""


@dataclass(frozen=True)
class Services:
    """What a query takes from its surroundings.

    execution, executor
        How its static sides are computed, and where the tasks of its batches run.
    batch_frame
        Makes of a micro-batch's rows what `foreachBatch` is called with.
    publish
        Makes what a sink keeps in memory readable by name: (name, data source, schema).
    """

    settings: Settings
    execution: Execution
    executor: Executor
    clock: Clock
    batch_frame: Callable[[pa.Table], Any]
    publish: Callable[[str, Any, StructType], None]
