"""Hadoop's names for formats and settings, and what they mean here."""

from __future__ import annotations

import bz2
import gzip
import zlib
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.rdd.hadoop.sequence_file import check_codec, read_pairs, write_pairs
from streamcore.rdd.hadoop.writables import NULL, check_class, class_for
from streamcore.rdd.reading import open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streamcore.rdd.files import FileSplit

_OLD, _NEW_IN, _NEW_OUT = (
    "org.apache.hadoop.mapred.",
    "org.apache.hadoop.mapreduce.lib.input.",
    "org.apache.hadoop.mapreduce.lib.output.",
)
SEQUENCE_OUTPUT = _NEW_OUT + "SequenceFileOutputFormat"
_INPUTS = ("SequenceFileInputFormat", "TextInputFormat")
_OUTPUTS = ("SequenceFileOutputFormat", "TextOutputFormat")
_OUTPUT_FORMAT = ("mapreduce.job.outputformat.class", "mapred.output.format.class")
_OUTPUT_KEY = ("mapreduce.job.output.key.class", "mapred.output.key.class")
_OUTPUT_VALUE = ("mapreduce.job.output.value.class", "mapred.output.value.class")
_OUTPUT_FOLDER = ("mapreduce.output.fileoutputformat.outputdir", "mapred.output.dir")
_INPUT_FOLDER = ("mapreduce.input.fileinputformat.inputdir", "mapred.input.dir")
_COMPRESSORS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "DefaultCodec": (".deflate", zlib.compress),
    "DeflateCodec": (".deflate", zlib.compress),
    "GzipCodec": (".gz", gzip.compress),
    "BZip2Codec": (".bz2", bz2.compress),
}


def check_converters(*names: str | None) -> None:
    """Refuse converters: they are Java classes."""
    for name in names:
        if name is not None:
            raise UnsupportedOperationException(
                f"the converter {name} is a Java class, and there is no JVM here: convert with map() instead"
            )


# ---- reading -----------------------------------------------------------------------------------------


def reader_of(input_format: str) -> Callable[[Iterator[FileSplit]], Iterator[tuple[Any, Any]]]:
    """Return what reads files of a format; UnsupportedOperationException when it is not known here."""
    return read_sequences if _known(input_format, (_OLD, _NEW_IN), _INPUTS) == 0 else read_offsets_and_lines


def input_folder(conf: Mapping[str, str]) -> str:
    """Return which files the settings of a job name."""
    return _setting(conf, _INPUT_FOLDER)


def read_sequences(splits: Iterator[FileSplit]) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of whole sequence files."""
    for split in splits:
        yield from read_pairs(split.path)


def read_offsets_and_lines(splits: Iterator[FileSplit]) -> Iterator[tuple[int, str]]:
    """Yield each line of whole files behind its offset in bytes."""
    for split in splits:
        at = 0
        with open_file(split.path) as file:
            for line in file:
                yield at, line.rstrip(b"\r\n").decode("utf-8", "replace")
                at += len(line)


# ---- writing -----------------------------------------------------------------------------------------


class Output:
    """How pairs are written: a format, the classes of keys and values, and a codec.

    Classes that are not given are chosen for the first pair, as Spark chooses them.
    """

    def __init__(
        self, output_format: str, key_class: str | None, value_class: str | None, codec: str | None
    ) -> None:
        self._sequence = _known(output_format, (_OLD, _NEW_OUT), _OUTPUTS) == 0
        self._classes = [None if name is None else check_class(name) for name in (key_class, value_class)]
        self._codec = None if codec is None else check_codec(codec)

    @classmethod
    def described(cls, conf: Mapping[str, str]) -> Output:
        """Return the output that the settings of a job describe."""
        named, key, value = (_setting(conf, names) for names in (_OUTPUT_FORMAT, _OUTPUT_KEY, _OUTPUT_VALUE))
        return cls(named, key, value, codec_of(conf))

    @property
    def suffix(self) -> str:
        """How the names of the files end."""
        if self._sequence or self._codec is None:
            return ""
        return _COMPRESSORS[self._codec.rsplit(".", 1)[-1]][0]

    def writer(self, first: Sequence[Any]) -> Callable[[IO[bytes], Iterator[Any]], None]:
        """Return what writes a partition; `first` holds the first pair, if there is one."""
        if not self._sequence:
            compress = None if self._codec is None else _COMPRESSORS[self._codec.rsplit(".", 1)[-1]][1]
            return partial(_write_lines, compress)
        chosen = [class_for(item) for item in first[0]] if first else [NULL, NULL]
        key, value = (given or found for given, found in zip(self._classes, chosen, strict=True))
        return partial(write_pairs, key, value, self._codec)


def output_folder(conf: Mapping[str, str]) -> str:
    """Return where the settings of a job say that the output goes."""
    return _setting(conf, _OUTPUT_FOLDER)


def codec_of(conf: Mapping[str, str]) -> str | None:
    """Return the codec that the settings of a job ask for, or None."""
    wanted = conf.get(
        "mapreduce.output.fileoutputformat.compress", conf.get("mapred.output.compress", "false")
    )
    if wanted != "true":
        return None
    return conf.get(
        "mapreduce.output.fileoutputformat.compress.codec",
        conf.get("mapred.output.compression.codec", "org.apache.hadoop.io.compress.DefaultCodec"),
    )


def _write_lines(
    compress: Callable[[bytes], bytes] | None, file: IO[bytes], pairs: Iterator[tuple[Any, Any]]
) -> None:
    if compress is None:
        file.writelines(map(_line, pairs))
    else:
        file.write(compress(b"".join(map(_line, pairs))))


def _line(pair: tuple[Any, Any]) -> bytes:
    return "\t".join(_shown(item) for item in pair if item is not None).encode() + b"\n"


def _shown(item: object) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _known(name: str, packages: Sequence[str], classes: Sequence[str]) -> int:
    for package in packages:
        if name.removeprefix(package) in classes:
            return classes.index(name.removeprefix(package))
    raise UnsupportedOperationException(
        f"{name} is a Java class, and there is no JVM here: known are {' and '.join(classes)}; "
        "for other formats use a DataFrame's reader or writer"
    )


def _setting(conf: Mapping[str, str], names: Sequence[str]) -> str:
    for name in names:
        if name in conf:
            return conf[name]
    raise IllegalArgumentException(f"the settings lack {names[0]}")
