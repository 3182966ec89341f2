"""An optional addition to the connector contract: columns whose values stand in folders' names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from streamcore.spi.types import StructType


@runtime_checkable
class SupportsFolderColumns(Protocol):
    """A data source that may have more columns than the schema that a user gives."""

    def with_folder_columns(self, schema: StructType, *, is_bounded: bool) -> StructType:
        """The schema, and after it the columns in folders' names that it lacks.

        Raises AnalysisException for a path that is not there; in a stream (not `is_bounded`) what fits a
        pattern may come later.
        """
