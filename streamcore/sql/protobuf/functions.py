"""Protobuf within columns: messages as structs, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal, options_map

__all__ = ["from_protobuf", "to_protobuf"]


def from_protobuf(
    data: ColumnOrName,
    messageName: str,
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
        `convert.any.fields.to.json`, `recursive.fields.max.depth`.
    binaryDescriptorSet
        What such a file holds, instead of it.
    """
    return _call("from_protobuf", data, messageName, _files(descFilePath, binaryDescriptorSet), options)


def to_protobuf(
    data: ColumnOrName,
    messageName: str,
    descFilePath: str | None = None,
    options: Mapping[str, str] | None = None,
    binaryDescriptorSet: bytes | None = None,
) -> Column:
    """Write structs as messages of Protobuf; the parameters are those of `from_protobuf`, without options."""
    return _call("to_protobuf", data, messageName, _files(descFilePath, binaryDescriptorSet), options)


def _call(
    name: str, data: ColumnOrName, message: str, files: bytes | None, options: Mapping[str, str] | None
) -> Column:
    return function(name, expression(data), literal(message), literal(files), *options_map(options))


def _files(path: str | None, given: bytes | None) -> bytes | None:
    """The descriptor set, read now: what stands in the file later does not matter."""
    if given is not None:
        return bytes(given)
    return None if path is None else Path(path).read_bytes()
