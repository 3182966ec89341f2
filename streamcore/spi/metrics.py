"""An optional addition to the connector contract: figures of a source's own in progress reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamcore.spi.datasource import Offset


class ReportsSourceMetrics(ABC):
    """Mixin for stream readers that report how they stand; Spark's interface of that name."""

    @abstractmethod
    def metrics(self, latestConsumedOffset: Offset | None) -> Mapping[str, str]:
        """The figures for `sources[].metrics`, once everything up to the offset has been read.

        None when nothing has been read yet. Asks nobody: it is called after every micro-batch.
        """
