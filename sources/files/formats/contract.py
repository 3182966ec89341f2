"""What a file format must be able to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa


class FileFormat(Protocol):
    """A file format; without state, so that it travels to workers as a name."""

    name: str
    options: tuple[str, ...]

    def check(self, schema: StructType, options: Options) -> None:
        """Raises, naming it, for an option value or a column type that the format does not take."""

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        """The schema of files (at least one) without partition columns."""

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        """The columns of the files as SQL; None when only `read` can do it."""

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        """The columns of the files."""
