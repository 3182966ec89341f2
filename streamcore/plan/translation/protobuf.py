"""Protobuf within columns: its descriptors are arguments, and give the types of the results."""

from __future__ import annotations

import base64

from streamcore.errors import UnsupportedOperationException
from streamcore.formats.ddl import result_type
from streamcore.formats.protobuf.decoding import decoder
from streamcore.formats.protobuf.descriptors import descriptor_file, needed_files
from streamcore.formats.protobuf.options import protobuf_options
from streamcore.formats.protobuf.writing import encoder
from streamcore.formats.registry.protobuf import protobuf_decoder
from streamcore.plan.translation.avro import binary_argument
from streamcore.plan.translation.coercion import BINARY
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.json import options_argument
from streamcore.plan.translation.native import native


@function("from_protobuf", takes="data, messageName, descFilePath?, options?", shown="from_protobuf({0})")
def _from_protobuf(call: Call) -> Compiled:
    name, files, options = str(call.constant(1)), _files(call), options_argument(call, 3)
    said = protobuf_options(options)
    kind = decoder(files, name, said).sql
    settings = {"files": _text(files, name), "message": name, "options": options}
    returns = result_type(kind, said.on_malformed)
    return native("protobuf.from_protobuf", [binary_argument(call)], returns, settings, nullable=True)


@function(
    "from_protobuf_registry",
    takes="data, messageName, files, registry, options?",
    shown="from_protobuf({0})",
    is_internal=True,
)
def _from_protobuf_registry(call: Call) -> Compiled:
    name, files, options = str(call.constant(1)), _files(call), options_argument(call, 4)
    registry = call.constant(3)
    said = protobuf_options(options)
    kind = protobuf_decoder(files, name, said, registry).whole.sql
    settings = {"files": _text(files, name), "message": name, "options": options, "registry": registry}
    returns = result_type(kind, said.on_malformed)
    return native("protobuf.from_registry", [binary_argument(call)], returns, settings, nullable=True)


@function(
    "to_protobuf_registry",
    takes="data, messageName, files, header",
    shown="to_protobuf({0})",
    is_internal=True,
)
def _to_protobuf_registry(call: Call) -> Compiled:
    value, name, files = call.arg(0), str(call.constant(1)), _files(call)
    encoder(value.type.json(), files, name)
    settings = {"sql": value.type.json(), "files": _text(files, name), "message": name}
    return native("protobuf.to_protobuf", [value], BINARY, {**settings, "header": str(call.constant(3))})


@function("to_protobuf", takes="data, messageName, descFilePath?, options?", shown="to_protobuf({0})")
def _to_protobuf(call: Call) -> Compiled:
    value, name, files = call.arg(0), str(call.constant(1)), _files(call)
    for option in options_argument(call, 3):
        raise call.error(f"its option {option!r} has no meaning when messages are written: leave it out")
    # What does not fit is told before any row is read.
    encoder(value.type.json(), files, name)
    settings = {"sql": value.type.json(), "files": _text(files, name), "message": name}
    return native("protobuf.to_protobuf", [value], BINARY, settings)


def _files(call: Call) -> bytes:
    """The descriptor set: bytes, or the path of a file."""
    given = call.constant(2, None)
    if isinstance(given, bytes | bytearray):
        return bytes(given)
    if not given:
        raise UnsupportedOperationException(
            f"{call.name}() needs a descriptor file or binaryDescriptorSet: there is no JVM to load "
            "classes of Java. Make one by protoc --include_imports --descriptor_set_out=FILE."
        )
    return descriptor_file(str(given))


def _text(files: bytes, name: str) -> str:
    """What a statement bears of a descriptor set."""
    return base64.b64encode(needed_files(files, name)).decode()
