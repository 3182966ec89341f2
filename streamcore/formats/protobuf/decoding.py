"""Protobuf as Arrow arrays: a decoder for each message, chosen by its descriptor alone."""

from __future__ import annotations

import functools

from streamcore.formats.batches import Decoder
from streamcore.formats.malformed import malformed_message
from streamcore.formats.protobuf.descriptors import message_descriptor
from streamcore.formats.protobuf.fast import fast_reader
from streamcore.formats.protobuf.nodes import message_node
from streamcore.formats.protobuf.options import ProtobufOptions
from streamcore.formats.protobuf.reading import row_reader


@functools.lru_cache(maxsize=256)
def decoder(files: bytes, name: str, options: ProtobufOptions) -> Decoder:
    """The decoder of the messages of a name in a descriptor set.  Raises AnalysisException."""
    descriptor = message_descriptor(files, name)
    node = message_node(descriptor, options)
    row = row_reader(descriptor, node, emits_defaults=options.emits_defaults)
    fast = fast_reader(descriptor, node, emits_defaults=options.emits_defaults)
    return Decoder(node.sql, row, fast, malformed_message, options.on_malformed)
