"""Rows as what PutRecords takes, and how many of them go into one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.spi.types import BinaryType, StringType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import StructType

DATA, KEY, HASH_KEY = "data", "partitionKey", "explicitHashKey"
_MOST_RECORDS: Final = 500
_MOST_BYTES: Final = 5 << 20

Entry = dict[str, Any]
"""A record as PutRecords takes it."""


def check_columns(schema: StructType) -> None:
    """Raises AnalysisException unless the columns are those of the connector for Spark, and no other."""
    types = {field.name: field.dataType for field in schema.fields}
    missing = [name for name in (DATA, KEY) if name not in types]
    if missing:
        raise AnalysisException(
            f"the kinesis sink wants the columns {DATA} and {KEY}; missing: {', '.join(missing)}"
        )
    unknown = sorted(types.keys() - {DATA, KEY, HASH_KEY})
    if unknown:
        raise AnalysisException(
            f"the kinesis sink has no place for the columns {', '.join(unknown)}: it takes {DATA}, {KEY} and "
            f"{HASH_KEY}; put what is to be kept into {DATA}, for example with to_json(struct(*))"
        )
    for name, kind in types.items():
        if not isinstance(kind, StringType | BinaryType):
            raise AnalysisException(
                f"the column {name} of the kinesis sink must be a string or binary, not {kind.simpleString()}"
            )


def entries(batch: pa.RecordBatch) -> Iterator[Entry]:
    """The rows of a batch; QueryExecutionException for one without data or key."""
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    hash_keys = columns.get(HASH_KEY, [None] * batch.num_rows)
    for data, key, hash_key in zip(columns[DATA], columns[KEY], hash_keys, strict=True):
        if data is None or key is None:
            raise QueryExecutionException(
                f"a row has no {DATA if data is None else KEY}: a record of Kinesis needs both; leave such "
                "rows out, or give them a value"
            )
        entry: Entry = {"Data": _bytes(data), "PartitionKey": _text(key)}
        yield entry if hash_key in (None, "", b"") else {**entry, "ExplicitHashKey": _text(hash_key)}


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def requests(rows: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The rows in order, in pieces that one request takes: 500 records, 5 MiB with their keys.

    >>> [len(one) for one in requests([{"Data": b"", "PartitionKey": "k"}] * 501)]
    [500, 1]
    """
    piece: list[Entry] = []
    size = 0
    for row in rows:
        more = len(row["Data"]) + len(row["PartitionKey"].encode())
        if piece and (len(piece) == _MOST_RECORDS or size + more > _MOST_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += more
    if piece:
        yield piece
