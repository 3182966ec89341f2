"""createDataFrame from an RDD: the schema inferred as PySpark infers it, the rows made Arrow in tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import islice
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.leaves import RddRows
from streamcore.spi.types import StructType, is_open, to_arrow_schema
from streamcore.spi.types.inference import infer_row, merge_types
from streamcore.sql.create import encoded, renamed, require_row, schema_or_names, struct_of

if TYPE_CHECKING:
    from streamcore.rdd.rdd import RDD

_BATCH_ROWS = 10_000
_LOOKED_AT = 100
_ALL = 0.99


def rdd_rows(rdd: RDD[Any], schema: Any, sampling_ratio: float | None, *, verify: bool) -> RddRows:
    """The leaf over an RDD. Jobs run now only where types must be inferred.

    Without types the first record decides; where it leaves a type open, up to 100 records; with a
    `sampling_ratio`, that share of all records, whose types must agree.
    """
    given, names = schema_or_names(schema)
    if given is not None:
        struct, wrap = struct_of(given)
        return RddRows(rdd, struct, _Encode(struct, wrap=wrap, verify=verify))
    own = _inferred(rdd, sampling_ratio, names)
    struct = renamed(own, names)
    return RddRows(rdd, struct, _Encode(struct, wrap=False, verify=False, names=tuple(own.names)))


@dataclass(frozen=True)
class _Encode:
    """Records of a partition -> Arrow IPC stream, in batches."""

    schema: StructType
    wrap: bool
    verify: bool
    names: tuple[str, ...] | None = None

    def __call__(self, split: int, records: Iterator[Any]) -> bytes:
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, to_arrow_schema(self.schema)) as stream:
            while rows := list(islice(records, _BATCH_ROWS)):
                if self.wrap:
                    rows = [(row,) for row in rows]
                stream.write_table(encoded(rows, self.schema, verify=self.verify, names=self.names))
        data: bytes = sink.getvalue().to_pybytes()
        return data


def _inferred(rdd: RDD[Any], ratio: float | None, names: Sequence[str] | None) -> StructType:
    if ratio is not None:
        sampled = rdd if ratio >= _ALL else rdd.sample(withReplacement=False, fraction=float(ratio))
        return sampled.map(partial(_typed, names)).reduce(_merged)
    taken = rdd.take(1)
    if not taken:
        raise AnalysisException("[CANNOT_INFER_EMPTY_SCHEMA] Can not infer schema from an empty dataset.")
    found = _typed(names, taken[0])
    if not found.fields:
        raise AnalysisException("[CANNOT_INFER_EMPTY_SCHEMA] Can not infer schema from an empty dataset.")
    if not is_open(found):
        return found
    more = (_typed(names, row) for row in rdd.take(_LOOKED_AT)[1:])
    merged = reduce(_merged, more, found)
    if is_open(merged):
        raise AnalysisException(
            f"[CANNOT_DETERMINE_TYPE] Some of types cannot be determined after inferring: the first "
            f"{_LOOKED_AT} records say {merged.simpleString()}. Give a schema, or a samplingRatio."
        )
    return merged


def _typed(names: Sequence[str] | None, row: Any) -> StructType:
    require_row(row)
    return infer_row(row, names)


def _merged(one: StructType, other: StructType) -> StructType:
    both = merge_types(one, other)
    assert isinstance(both, StructType)
    return both
