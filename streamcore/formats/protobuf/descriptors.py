"""Descriptors of Protobuf: the message that a name stands for in a serialized FileDescriptorSet."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

from streamcore.errors import AnalysisException
from streamcore.formats.needs import library

_OWN = "google/protobuf/"


def protobuf(module: str) -> Any:
    """A module of the library."""
    return library(f"google.protobuf.{module}", "from_protobuf() and to_protobuf()", "protobuf")


@functools.lru_cache(maxsize=64)
def message_descriptor(files: bytes, name: str) -> Any:
    """The descriptor of a message by its full name, or by its own name at the top of a file.

    Raises AnalysisException for bytes that are no descriptor set, for one that lacks a file, and for a name
    that it has not.
    """
    found = _file_set(files)
    pool = protobuf("descriptor_pool").DescriptorPool()
    _fill(pool, {each.name: each for each in found.file})
    for each in found.file:
        for message in each.message_type:
            full = f"{each.package}.{message.name}" if each.package else message.name
            if name in (message.name, full):
                return pool.FindMessageTypeByName(full)
    try:
        return pool.FindMessageTypeByName(name)
    except KeyError:
        raise AnalysisException(
            f"[PROTOBUF_MESSAGE_NOT_FOUND] Unable to locate Message {name} in Descriptor. SQLSTATE: 42K0G"
        ) from None


def message_class(descriptor: Any) -> Any:
    """The class of a descriptor's messages."""
    return protobuf("message_factory").GetMessageClass(descriptor)


def needed_files(files: bytes, name: str) -> bytes:
    """The descriptor set without the files that a message has no use for."""
    wanted = message_descriptor(files, name).file
    names = {wanted.name, *_dependencies(wanted)}
    kept = protobuf("descriptor_pb2").FileDescriptorSet()
    kept.file.extend(each for each in _file_set(files).file if each.name in names)
    data: bytes = kept.SerializeToString(deterministic=True)
    return data


def _dependencies(file: Any) -> set[str]:
    found: set[str] = set()
    for each in file.dependencies:
        found |= {each.name, *_dependencies(each)}
    return found


def _file_set(files: bytes) -> Any:
    made = protobuf("descriptor_pb2").FileDescriptorSet()
    try:
        made.ParseFromString(files)
    except protobuf("message").DecodeError as error:
        raise AnalysisException(
            "[CANNOT_PARSE_PROTOBUF_DESCRIPTOR] Error parsing descriptor bytes into Protobuf "
            f"FileDescriptorSet. SQLSTATE: 22018 ({error})"
        ) from error
    return made


def _fill(pool: Any, files: dict[str, Any]) -> None:
    """Adds files, what they import before them; those of the library need not be among them."""
    added: set[str] = set()

    def add(name: str) -> None:
        if name in added:
            return
        added.add(name)
        file = files.get(name) or _own(name)
        for each in file.dependency:
            add(each)
        try:
            pool.AddSerializedFile(file.SerializeToString())
        except TypeError as error:
            raise AnalysisException(
                "[CANNOT_CONSTRUCT_PROTOBUF_DESCRIPTOR] Error constructing FileDescriptor. SQLSTATE: 42K0G "
                f"({error})"
            ) from error

    for name in files:
        add(name)


def _own(name: str) -> Any:
    if name.startswith(_OWN):
        module = name.removesuffix(".proto").replace("/", ".") + "_pb2"
        try:
            own = importlib.import_module(module).DESCRIPTOR
        except ImportError:
            pass
        else:
            file = protobuf("descriptor_pb2").FileDescriptorProto()
            own.CopyToProto(file)
            return file
    raise AnalysisException(
        f"[PROTOBUF_DEPENDENCY_NOT_FOUND] Could not find dependency: {name}. Make the descriptor file by "
        "protoc with --include_imports. SQLSTATE: 42K0G"
    )


def descriptor_file(path: str) -> bytes:
    """The bytes of a descriptor file.  Raises AnalysisException where there is none."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise AnalysisException(
            f"[PROTOBUF_DESCRIPTOR_FILE_NOT_FOUND] Error reading Protobuf descriptor file at path: {path}. "
            f"SQLSTATE: 42K0G ({error.strerror})"
        ) from error
