"""Avro as Arrow arrays: a decoder for each schema, chosen by its types alone."""

from __future__ import annotations

import functools
from typing import Any

from streamcore.formats.avro.fast import fast_reader
from streamcore.formats.avro.nodes import node_of
from streamcore.formats.avro.options import AvroOptions
from streamcore.formats.avro.reading import reader_of
from streamcore.formats.avro.schemas import avro_schema
from streamcore.formats.batches import Decoder
from streamcore.formats.malformed import malformed_record


@functools.lru_cache(maxsize=256)
def decoder(writer: str, options: AvroOptions) -> Decoder:
    """The decoder of rows written by a schema, given as JSON.  Raises AnalysisException for what is none.

    >>> decoder('["null", "long"]', AvroOptions()).sql
    LongType()
    """
    written = avro_schema(writer)
    wanted = written if options.reader_schema is None else avro_schema(options.reader_schema)
    node = node_of(wanted, options.names, options.depth)
    read = reader_of(written, node)

    def row(data: bytes) -> Any:
        return read(data, 0)[0]

    fast = fast_reader(written, node)
    return Decoder(node.sql, row, None if fast is None else fast.read, malformed_record, options.on_malformed)
