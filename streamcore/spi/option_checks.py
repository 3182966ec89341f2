"""An optional addition to the connector contract: options that are checked when a read is described."""

from __future__ import annotations

from abc import ABC, abstractmethod


class ChecksStreamOptions(ABC):
    """Mixin for data sources that can tell wrong options at `readStream...load()`, before a query starts."""

    @abstractmethod
    def check_stream_options(self) -> None:
        """Raises what `streamReader` would raise for the options alone; asks nobody else."""
