"""The file formats by name; one is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from streamcore.errors import IllegalArgumentException
from streamcore.sources.files.formats.contract import FileFormat

_HOME: Final = {
    "csv": "streamcore.sources.files.formats.csv:CSV",
    "json": "streamcore.sources.files.formats.json:JSON",
    "libsvm": "streamcore.models.ml.libsvm:LIBSVM",
    "orc": "streamcore.sources.files.formats.orc:ORC",
    "parquet": "streamcore.sources.files.formats.parquet:PARQUET",
    "text": "streamcore.sources.files.formats.text:TEXT",
}


def file_format(name: str) -> FileFormat:
    """The format of that name."""
    if name not in _HOME:
        raise IllegalArgumentException(f"there is no file format {name!r}; there are {', '.join(_HOME)}")
    module, attribute = _HOME[name].split(":")
    return cast("FileFormat", getattr(import_module(module), attribute))
