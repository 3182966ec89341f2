"""Reading files that Hadoop programs wrote: a part of Context."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.rdd.maker import RDDMaker

if TYPE_CHECKING:
    from streamcore.rdd.files import FileSplit
    from streamcore.rdd.rdd import RDD


class HadoopFiles(RDDMaker):
    """Sequence files and text with offsets, each file as one partition."""

    def sequenceFile(
        self,
        path: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        minSplits: int | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Return the pairs of sequence files.

        The files say of which classes keys and values are: `keyClass` and `valueClass` are accepted, and
        `minSplits` and `batchSize` too.
        """
        from streamcore.rdd.hadoop.formats import check_converters, read_sequences

        check_converters(keyConverter, valueConverter)
        return self._files(lambda: _whole_files(path), read_sequences)

    def hadoopFile(
        self,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Return the pairs of files in the format of Hadoop that is named.

        `SequenceFileInputFormat` gives the pairs of sequence files, `TextInputFormat` each line behind its
        offset in bytes.

        Raises
        ------
        UnsupportedOperationException
            For other formats, and for converters: they are Java classes.
        """
        from streamcore.rdd.hadoop.formats import check_converters, reader_of

        check_converters(keyConverter, valueConverter)
        return self._files(lambda: _whole_files(path), reader_of(inputFormatClass))

    def newAPIHadoopFile(
        self,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Do what `hadoopFile` does, for the names of Hadoop's newer interface."""
        return self.hadoopFile(path, inputFormatClass, keyClass, valueClass, keyConverter, valueConverter)

    def hadoopRDD(
        self,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Do what `hadoopFile` does; the settings of a Hadoop job say where the files are."""
        from streamcore.rdd.hadoop.formats import input_folder

        folder = input_folder(conf or {})
        return self.hadoopFile(folder, inputFormatClass, keyClass, valueClass, keyConverter, valueConverter)

    def newAPIHadoopRDD(
        self,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Do what `hadoopRDD` does, for the names of Hadoop's newer interface."""
        return self.hadoopRDD(inputFormatClass, keyClass, valueClass, keyConverter, valueConverter, conf)


def _whole_files(names: str) -> list[list[FileSplit]]:
    from streamcore.rdd.files import FileSplit, list_files

    return [[FileSplit(file, 0, Path(file).stat().st_size)] for file in list_files(names)]
