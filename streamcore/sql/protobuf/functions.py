"""Protobuf within columns: messages as structs, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.formats.registry.connections import connect
from streamcore.formats.registry.options import registry_options
from streamcore.formats.registry.protobuf import header_of, message_of_subject
from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal, options_map

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["from_protobuf", "to_protobuf"]


def from_protobuf(
    data: ColumnOrName,
    messageName: str | None = None,
    descFilePath: str | None = None,
    options: Mapping[str, str] | None = None,
    binaryDescriptorSet: bytes | None = None,
) -> Column:
    """Read binary values that are messages of Protobuf.

    Parameters
    ----------
    data
        The binary column.
    messageName
        The message, by its full name or by its own.
    descFilePath
        A file that protoc made with --include_imports --descriptor_set_out.
    options
        `mode` FAILFAST (as it is) or PERMISSIVE, `emit.default.values`, `enums.as.ints`,
        `upcast.unsigned.ints`, `unwrap.primitive.wrapper.types`, `retain.empty.message.types`,
        `convert.any.fields.to.json`, `recursive.fields.max.depth`.  With `schema.registry.address` the values
        bear the header of a registry; `schema.registry.subject` gives the schema if no descriptor does, and
        `schema.registry.protobuf.name` its message.
    binaryDescriptorSet
        What such a file holds, instead of it.
    """
    files = _files(descFilePath, binaryDescriptorSet)
    said, rest = registry_options(options or {}, None, None)
    if said is None:
        return _call("from_protobuf", data, messageName, files, *options_map(rest))
    if files is None:
        files, messageName, _ = message_of_subject(said, messageName)
        registry = literal(connect(said).reference)
    else:
        registry = literal(None)
    return _call("from_protobuf_registry", data, messageName, files, registry, *options_map(rest))


def to_protobuf(
    data: ColumnOrName,
    messageName: str | None = None,
    descFilePath: str | None = None,
    options: Mapping[str, str] | None = None,
    binaryDescriptorSet: bytes | None = None,
) -> Column:
    """Write structs as messages of Protobuf.

    The parameters are those of `from_protobuf`; of the options only those of a registry, whose header with
    the id of the subject's latest schema the values get.
    """
    files = _files(descFilePath, binaryDescriptorSet)
    said, rest = registry_options(options or {}, None, None)
    if said is None:
        return _call("to_protobuf", data, messageName, files, *options_map(rest))
    for name in rest:
        raise IllegalArgumentException(f"to_protobuf() does not know the option {name!r}")
    if files is not None:
        raise IllegalArgumentException("to_protobuf() takes a descriptor or a schema registry, not both.")
    files, name, number = message_of_subject(said, messageName)
    return _call("to_protobuf_registry", data, name, files, literal(header_of(files, name, number).hex()))


def _call(
    name: str, data: ColumnOrName, message: str | None, files: bytes | None, *more: exp.Expression
) -> Column:
    if message is None:
        raise IllegalArgumentException(f"{name}() needs a messageName, or the address of a schema registry.")
    return function(name, expression(data), literal(message), literal(files), *more)


def _files(path: str | None, given: bytes | None) -> bytes | None:
    """The descriptor set, read now: what stands in the file later does not matter."""
    if given is not None:
        return bytes(given)
    return None if path is None else Path(path).read_bytes()
