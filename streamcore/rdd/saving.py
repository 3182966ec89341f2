"""Writing an RDD to files: one per partition, each visible only when it is whole."""

from __future__ import annotations

import bz2
import gzip
import zlib
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from streamcore.errors import StreamcoreError
from streamcore.rdd.files import local_path
from streamcore.rdd.numeric import NumericRDD
from streamcore.rdd.reading import PICKLE_MAGIC
from streamcore.scheduler.env import current_task
from streamcore.scheduler.serial import write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_TEMPORARY = "_temporary"
_LINES = 4096


class SavingRDD(NumericRDD[T]):
    """Files."""

    def saveAsTextFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Write each record as a line, as `str` shows it, to `path/part-00000` and so on.

        The folder must not exist. `_SUCCESS` appears in it when all is written; until then, and when the
        job fails, no partition is visible that is not whole.

        Parameters
        ----------
        path
            A local folder.
        compressionCodecClass
            Hadoop's name of a codec: GzipCodec, BZip2Codec or DefaultCodec.

        >>> import glob, tempfile
        >>> folder = tempfile.mkdtemp() + "/lines"
        >>> sc.parallelize(range(3), 1).saveAsTextFile(folder)
        >>> print(open(folder + "/part-00000").read(), end="")
        0
        1
        2
        """
        suffix = _suffix(compressionCodecClass)
        self._save(path, suffix, partial(_write_text, suffix), "saveAsTextFile")

    def saveAsPickleFile(self, path: str, batchSize: int = 10) -> None:
        """Write the records pickled, for `Context.pickleFile` to read; the folder must not exist.

        Reading pickled data runs code that is in it: read such files only from where you trust everybody
        who can write there.

        >>> import tempfile
        >>> folder = tempfile.mkdtemp() + "/numbers"
        >>> sc.parallelize([1, 2, "a"]).saveAsPickleFile(folder)
        >>> sc.pickleFile(folder).collect()
        [1, 2, 'a']
        """
        self._save(path, "", partial(_write_pickled, batchSize or 1024), "saveAsPickleFile")

    def _save(
        self, name: str, suffix: str, write: Callable[[IO[bytes], Iterator[Any]], None], action: str
    ) -> None:
        folder = Path(local_path(name)).absolute()
        if folder.exists():
            raise StreamcoreError(f"the output folder {folder} exists already: remove it, or choose another")
        (folder / _TEMPORARY).mkdir(parents=True)
        self.evaluate(partial(_write_partition, str(folder), suffix, write), action)
        for left in (folder / _TEMPORARY).iterdir():
            left.unlink()
        (folder / _TEMPORARY).rmdir()
        (folder / "_SUCCESS").touch()


def _suffix(codec: str | None) -> str:
    if codec is None:
        return ""
    suffixes = {
        "GzipCodec": ".gz",
        "BZip2Codec": ".bz2",
        "DefaultCodec": ".deflate",
        "DeflateCodec": ".deflate",
    }
    name = codec.rsplit(".", 1)[-1]
    if name not in suffixes:
        raise StreamcoreError(f"unknown compression codec {codec}: one of {', '.join(suffixes)}")
    return suffixes[name]


def _write_partition(
    folder: str,
    suffix: str,
    write: Callable[[IO[bytes], Iterator[Any]], None],
    split: int,
    records: Iterator[Any],
) -> None:
    task = current_task()
    assert task is not None
    name = f"part-{split:05d}{suffix}"
    temporary = Path(folder) / _TEMPORARY / f"{name}-{task.task_id}"
    with temporary.open("wb") as file:
        write(file, records)
    temporary.replace(Path(folder) / name)


def _write_text(suffix: str, file: IO[bytes], records: Iterator[Any]) -> None:
    if suffix == ".deflate":
        packer = zlib.compressobj()
        for block in _text_blocks(records):
            file.write(packer.compress(block))
        file.write(packer.flush())
        return
    out: IO[bytes] = file
    if suffix == ".gz":
        out = gzip.GzipFile(fileobj=file, mode="wb", mtime=0)  # type: ignore[assignment]
    elif suffix == ".bz2":
        out = bz2.BZ2File(file, "wb")
    for block in _text_blocks(records):
        out.write(block)
    if out is not file:
        out.close()


def _text_blocks(records: Iterator[Any]) -> Iterator[bytes]:
    while chunk := list(islice(records, _LINES)):
        kinds = set(map(type, chunk))
        if kinds == {str}:
            yield ("\n".join(chunk) + "\n").encode()
        elif kinds == {bytes}:
            yield b"\n".join(chunk) + b"\n"
        else:
            yield b"".join(map(_line, chunk))


def _line(record: Any) -> bytes:
    return (record if isinstance(record, bytes) else str(record).encode()) + b"\n"


def _write_pickled(batch: int, file: IO[bytes], records: Iterator[Any]) -> None:
    file.write(PICKLE_MAGIC)
    while chunk := list(islice(records, batch)):
        write_frame(file, chunk)  # type: ignore[arg-type]
