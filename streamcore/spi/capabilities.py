"""What a connector may offer beside the contract: the engine asks for a capability by its protocol.

None of them must be inherited: having the method is enough.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from streamcore.spi.datasource import DataSourceArrowWriter, DataSourceStreamArrowWriter, InputPartition

if TYPE_CHECKING:
    from streamcore.spi.datasource import Offset
    from streamcore.spi.exactly_once import QueryIdentity


@runtime_checkable
class NarrowsColumns(Protocol):
    """An input partition of which some columns can be read; its rows come without the others."""

    def with_columns(self, columns: Sequence[str]) -> InputPartition:
        """The same rows with these columns only, in the schema's order."""


@runtime_checkable
class KnowsItsSize(Protocol):
    """An input partition that knows how much there is to read."""

    size: int | None
    """Bytes; None when they are not known."""


@runtime_checkable
class KnowsItsVersion(Protocol):
    """A data source that can tell without reading whether its rows are still the same.

    A streaming query reads a static side over such a source again only when it has changed.
    """

    def rows_version(self) -> object | None:
        """Equal as long as a new reader would give the same rows; None when nobody can know."""


@runtime_checkable
class DescribesItself(Protocol):
    """A data source that names itself in progress reports and explain, without secrets."""

    def describe(self) -> str:
        """One line."""


@runtime_checkable
class AdoptsOffsets(Protocol):
    """A stream reader that can go on from an offset that the same source had in a checkpoint of Spark."""

    def check_adopted(self, offset: Offset) -> None:
        """Raises CheckpointMismatch when the offset is not one of what this reader reads."""


@runtime_checkable
class ReadsFiles(Protocol):
    """A data source whose rows are in files, for `DataFrame.inputFiles`."""

    def files(self) -> list[str]:
        """The files that a new reader would read, as URIs."""


@runtime_checkable
class KnowsWhatExists(Protocol):
    """A sink that can tell whether its place holds something, for the save modes `ignore` and `error`."""

    def exists(self) -> bool:
        """Whether there is something that a write would add to, or replace."""


@runtime_checkable
class ChecksSaveMode(Protocol):
    """A sink that does not take every save mode of a batch write."""

    def check_save_mode(self, mode: str) -> None:
        """Raises AnalysisException for a mode (append, overwrite, ignore, error) that it does not take."""


@runtime_checkable
class WritesPartitions(Protocol):
    """A streaming writer that wants to know which partition of which batch its rows are."""

    def write_partition(self, rows: Iterable[Any], partition_id: int, epoch_id: int) -> Any:
        """Writes them, and returns a message for `commit`."""


@runtime_checkable
class OpensForAQuery(Protocol):
    """A streaming writer that prepares for a query before its first batch."""

    def open(self, query: QueryIdentity) -> None:
        """Called once."""


@runtime_checkable
class Closes(Protocol):
    """Something that holds what must be given back."""

    def close(self) -> None:
        """Called once, at the end."""


def takes_arrow(writer: object) -> bool:
    """Whether `write` takes Arrow record batches: the writer inherits our Arrow writers, or PySpark's."""
    ours = (DataSourceArrowWriter, DataSourceStreamArrowWriter)
    return isinstance(writer, (*ours, *_arrow_writers_of_pyspark()))


def _arrow_writers_of_pyspark() -> tuple[type, ...]:
    """PySpark's Arrow writers where a connector has imported them."""
    module = sys.modules.get("pyspark.sql.datasource")
    names = ("DataSourceArrowWriter", "DataSourceStreamArrowWriter")
    found = [getattr(module, name, None) for name in names]
    return tuple(kind for kind in found if isinstance(kind, type))


@runtime_checkable
class ReadsSettings(Protocol):
    """A class of data sources that reads settings of the session: they come as options, under their names."""

    def setting_names(self) -> Iterable[str]:
        """The beginnings of the names."""


@runtime_checkable
class NamesItsOptions(Protocol):
    """A class of data sources that tells which options it reads, so that a table can keep them."""

    def option_names(self) -> Iterable[str]:
        """The names, as the documentation spells them."""
