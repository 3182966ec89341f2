"""The data source `libsvm`: labels and vectors as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.models.ml.libsvm_lines import SparseRows, parse_lines
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.matrices import sparse_vectors, vectors_of
from streamcore.sources.files.formats.lines import read_lines
from streamcore.sources.files.source import FileDataSource
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import DoubleType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

_SIZE: Final = "numFeatures"
_KIND: Final = "vectorType"


class LibSvmFormat:
    """A column `label` and a column `features`, whose size is in its metadata."""

    name = "libsvm"
    options: tuple[str, ...] = (_SIZE, _KIND)

    def check(self, schema: StructType, options: Options) -> None:
        """A double and vectors whose size is known."""
        options.choice(_KIND, ("sparse", "dense"), "sparse")
        kinds = [field.dataType for field in schema.fields[:2]]
        if kinds != [DoubleType(), VectorUDT()] or _SIZE not in (schema.fields[1].metadata or {}):
            raise AnalysisException(
                f"Illegal schema for libsvm data, schema={schema.simpleString()}: leave out schema(...), and "
                "give the option numFeatures where the files need not be looked through for the size"
            )

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        """The schema; without the option numFeatures all files are read for the highest index."""
        given = options.integer(_SIZE) or 0
        size = given if given > 0 else max(map(_size_of, paths), default=0)
        metadata = {_SIZE: size, "ml_attr": {"num_attrs": size}}
        features = StructField("features", VectorUDT(), metadata=metadata)
        return StructType([StructField("label", DoubleType()), features])

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        """None: DuckDB does not know the format."""
        return None

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        """Labels and vectors, a batch for each block of a file."""
        import pyarrow as pa

        size = int((schema.fields[1].metadata or {})[_SIZE])
        dense = options.choice(_KIND, ("sparse", "dense"), "sparse") == "dense"
        for path in paths:
            for lines in read_lines(path):
                rows = parse_lines(lines)
                cells = [pa.array(rows.labels), _vectors(rows, size, path, dense=dense)]
                yield pa.RecordBatch.from_arrays(cells, names=schema.fieldNames()).select(list(columns))


def _size_of(path: str) -> int:
    return max((parse_lines(lines).size for lines in read_lines(path)), default=0)


def _vectors(rows: SparseRows, size: int, path: str, *, dense: bool) -> pa.StructArray:
    if rows.size > size:
        raise QueryExecutionException(
            f"requirement failed: {path} has a feature of index {rows.size}, and numFeatures is {size}"
        )
    if not dense:
        kept = rows.without_zeros()
        return sparse_vectors(size, kept.offsets, kept.indices, kept.values)
    matrix = np.zeros((len(rows.labels), size))
    matrix[np.repeat(np.arange(len(rows.labels)), np.diff(rows.offsets)), rows.indices] = rows.values
    return vectors_of(matrix)


class LibSvmDataSource(FileDataSource):
    """Files of labels and vectors: `1 1:0.5 4:2` is the label 1 and a vector with two entries.

    Options: `numFeatures` is the size of the vectors, and spares looking through the files for it;
    zero or less looks for it as well. `vectorType` is `sparse` (the default) or `dense`.
    """

    format_name = "libsvm"

    def with_folder_columns(self, schema: StructType, *, is_bounded: bool) -> StructType:
        """Refused unless the schema says the size: Spark too needs it in the metadata."""
        LIBSVM.check(schema, self._options)
        return super().with_folder_columns(schema, is_bounded=is_bounded)


LIBSVM: Final = LibSvmFormat()
