"""Reading files in tasks: lines, whole files, fixed-length records, pickled records."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from streamcore.errors import StreamcoreError
from streamcore.scheduler.env import current_task
from streamcore.scheduler.serial import FrameDamaged, read_frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.rdd.files import FileSplit

_BLOCK = 1 << 20
PICKLE_MAGIC = b"streamcore-pickle-1\n"


def read_lines(as_text: bool, splits: Iterator[FileSplit]) -> Iterator[Any]:
    """Yield the lines of splits: those that begin after a split's start, up to and including its end.

    A line ends with a line feed, a carriage return, or both. Bytes that are not UTF-8 become U+FFFD.
    """
    task = current_task()
    for split in splits:
        for lines in _line_lists(split, as_text):
            if task is not None:
                task.metrics.rows_read += len(lines)
            yield from lines


def _line_lists(split: FileSplit, as_text: bool) -> Iterator[list[Any]]:
    with open_file(split.path) as file:
        if isinstance(file, io.BufferedReader):
            end = _line_start(file, split.start + split.length)
            start = _line_start(file, split.start)
            file.seek(start)
        else:
            start, end = 0, None
        carry = b""
        for block in _blocks(file, None if end is None else end - start):
            data = carry + block
            cut = _last_line_end(data)
            carry = data[cut:]
            if cut:
                yield _split_lines(data[:cut], as_text)
        if carry:
            yield _split_lines(carry, as_text)


def open_file(path: str) -> BinaryIO:
    """Open a file for reading; decompressed when its name says that it is compressed."""
    if path.endswith(".gz"):
        return cast("BinaryIO", gzip.open(path))
    if path.endswith(".bz2"):
        return cast("BinaryIO", bz2.open(path))
    if path.endswith(".xz"):
        return cast("BinaryIO", lzma.open(path))
    if path.endswith(".deflate"):
        return io.BytesIO(zlib.decompress(Path(path).read_bytes()))
    return Path(path).open("rb")


def _blocks(file: BinaryIO, length: int | None) -> Iterator[bytes]:
    left = length
    while block := file.read(_BLOCK if left is None else min(_BLOCK, left)):
        yield block
        if left is not None:
            left -= len(block)


def _line_start(file: BinaryIO, at: int) -> int:
    """Return where the first line begins after the first line end at or after `at`; 0 stays 0."""
    if at == 0:
        return 0
    file.seek(at)
    while block := file.read(4096):
        ends = [i for i in (block.find(b"\n"), block.find(b"\r")) if i >= 0]
        if ends:
            found = at + min(ends)
            file.seek(found)
            return found + (2 if file.read(2) == b"\r\n" else 1)
        at += len(block)
    return at


def _last_line_end(data: bytes) -> int:
    # A carriage return at the very end may have its line feed in the next block.
    end = len(data) - 1 if data.endswith(b"\r") else len(data)
    return max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end)) + 1


def _split_lines(data: bytes, as_text: bool) -> list[Any]:
    if not as_text or b"\r" in data:
        lines = data.splitlines()
        return [line.decode("utf-8", "replace") for line in lines] if as_text else lines
    text = data.decode("utf-8", "replace").split("\n")
    if not text[-1]:
        del text[-1]
    return text


def read_texts(as_text: bool, splits: Iterator[FileSplit]) -> Iterator[tuple[str, Any]]:
    """Yield (address, content) of whole files."""
    for path, _, _ in splits:
        with open_file(path) as file:
            content = file.read()
        yield _address(path), content.decode("utf-8", "replace") if as_text else content


def read_bytes(splits: Iterator[FileSplit]) -> Iterator[tuple[str, bytes]]:
    """Yield (address, content) of whole files, as they are."""
    for path, _, _ in splits:
        yield _address(path), Path(path).read_bytes()


def _address(path: str) -> str:
    return f"file:{Path(path).absolute()}"


def read_fixed(length: int, splits: Iterator[FileSplit]) -> Iterator[bytes]:
    """Yield records of a fixed length."""
    for path, start, size in splits:
        with Path(path).open("rb") as file:
            file.seek(start)
            for block in _whole_records(file, size, length):
                yield from [block[at : at + length] for at in range(0, len(block), length)]


def _whole_records(file: BinaryIO, size: int, length: int) -> Iterator[bytes]:
    step = max(1, _BLOCK // length) * length
    for at in range(0, size, step):
        yield file.read(min(step, size - at))


def read_pickled(splits: Iterator[FileSplit]) -> Iterator[Any]:
    """Yield the records that `saveAsPickleFile` wrote. Unpickling runs code: trust the files first."""
    for path, _, size in splits:
        with Path(path).open("rb") as file:
            if file.read(len(PICKLE_MAGIC)) != PICKLE_MAGIC:
                raise StreamcoreError(f"{path} was not written by saveAsPickleFile")
            try:
                for records in read_frames(file, len(PICKLE_MAGIC), size - len(PICKLE_MAGIC)):
                    yield from records
            except FrameDamaged as error:
                raise StreamcoreError(f"{path} is damaged: {error}") from error
