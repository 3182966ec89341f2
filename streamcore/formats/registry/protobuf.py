"""Protobuf by a registry: the message to read and to write, and its place behind the header."""

from __future__ import annotations

import base64
import binascii
import functools
from typing import Any

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.formats.batches import Decoder
from streamcore.formats.malformed import Malformed
from streamcore.formats.protobuf.decoding import decoder
from streamcore.formats.protobuf.descriptors import message_descriptor, protobuf
from streamcore.formats.protobuf.options import ProtobufOptions
from streamcore.formats.registry.connections import FoundSchema, connect, connection
from streamcore.formats.registry.header import message_indexes, with_header, written_indexes
from streamcore.formats.registry.options import RegistryOptions
from streamcore.formats.registry.reading import RegistryDecoder, registry_decoder

_FORM = "serialized"


def message_of_subject(said: RegistryOptions, name: str | None) -> tuple[bytes, str, int]:
    """The descriptor set of a subject's latest schema, the full name of a message in it, and the id."""
    if said.subject is None:
        raise AnalysisException("A schema registry of Protobuf needs the option 'schema.registry.subject'.")
    found = connect(said).latest(said.subject, _FORM)
    files = _descriptor_set(found)
    wanted = name or said.message
    if wanted is None:
        wanted = _only_message(files, said.subject)
    return files, message_descriptor(files, wanted).full_name, found.id


def header_of(files: bytes, name: str, schema_id: int) -> bytes:
    """What stands before each message of a name."""
    descriptor = message_descriptor(files, name)
    indexes: list[int] = []
    while descriptor is not None:
        owner = descriptor.containing_type
        beside = descriptor.file.message_types_by_name if owner is None else owner.nested_types_by_name
        indexes.insert(0, list(beside).index(descriptor.name))
        descriptor = owner
    return with_header(schema_id, written_indexes(indexes))


@functools.lru_cache(maxsize=256)
def protobuf_decoder(
    files: bytes, name: str, options: ProtobufOptions, reference: str | None
) -> RegistryDecoder:
    """The decoder of messages with a header; of a registry each schema is asked for the message's name."""
    whole = decoder(files, name, options)
    full_name = message_descriptor(files, name).full_name

    def of(schema_id: int, data: bytes) -> tuple[Decoder, bytes]:
        indexes, message = message_indexes(data)
        if reference is not None:
            written = _name_of(_descriptor_set(connection(reference).by_id(schema_id, _FORM)), indexes)
            if written != full_name:
                raise Malformed(f"a message of {written}, and not of {full_name}")
        return whole, message

    return registry_decoder(whole, of)


@functools.lru_cache(maxsize=256)
def _descriptor_set(found: FoundSchema) -> bytes:
    made = protobuf("descriptor_pb2").FileDescriptorSet()
    _add(made, found, None)
    data: bytes = made.SerializeToString(deterministic=True)
    return data


def _add(into: Any, found: FoundSchema, name: str | None) -> None:
    file = protobuf("descriptor_pb2").FileDescriptorProto()
    try:
        file.ParseFromString(base64.b64decode(found.text, validate=True))
    except (binascii.Error, protobuf("message").DecodeError):
        raise UnsupportedOperationException(
            f"The schema registry gave the schema of the id {found.id} as text, and not serialized: give "
            "descFilePath or binaryDescriptorSet beside the registry's address."
        ) from None
    # What imports a file names it as the reference does.
    file.name = name or file.name or "schema.proto"
    # The file that was asked for comes first: by its own name a message is looked for there.
    into.file.append(file)
    for each, reference in found.references:
        if each not in [known.name for known in into.file]:
            _add(into, reference, each)


def _only_message(files: bytes, subject: str) -> str:
    made = protobuf("descriptor_pb2").FileDescriptorSet.FromString(files).file[0]
    names = [each.name for each in made.message_type]
    if len(names) != 1:
        raise AnalysisException(
            f"The subject {subject!r} has the messages {', '.join(names)}: choose one by the option "
            "'schema.registry.protobuf.name'."
        )
    return f"{made.package}.{names[0]}" if made.package else str(names[0])


@functools.lru_cache(maxsize=1024)
def _name_of(files: bytes, indexes: tuple[int, ...]) -> str:
    file = protobuf("descriptor_pb2").FileDescriptorSet.FromString(files).file[0]
    names, level = [file.package] if file.package else [], file.message_type
    for index in indexes:
        if index >= len(level):
            raise Malformed(f"no message at the places {list(indexes)} of its schema")
        names.append(level[index].name)
        level = level[index].nested_type
    return ".".join(names)
