"""Writing pairs to files that Hadoop programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from streamcore.rdd.saving import SavingRDD

if TYPE_CHECKING:
    from streamcore.rdd.hadoop.formats import Output

T = TypeVar("T")


class HadoopSavingRDD(SavingRDD[T]):
    """Sequence files and text with keys."""

    def saveAsSequenceFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Write pairs as sequence files, one per partition; the folder must not exist.

        Parameters
        ----------
        path
            A local folder.
        compressionCodecClass
            Hadoop's name of a codec: GzipCodec, BZip2Codec or DefaultCodec; compresses by block.

        >>> import tempfile
        >>> folder = tempfile.mkdtemp() + "/pairs"
        >>> sc.parallelize([(1, "a"), (2, {"x": 1.5})], 1).mapValues(str).saveAsSequenceFile(folder)
        >>> sc.sequenceFile(folder).collect()
        [(1, 'a'), (2, "{'x': 1.5}")]
        """
        from streamcore.rdd.hadoop.formats import SEQUENCE_OUTPUT, Output

        output = Output(SEQUENCE_OUTPUT, None, None, compressionCodecClass)
        self._save_as(path, output, "saveAsSequenceFile")

    def saveAsHadoopFile(
        self,
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        compressionCodecClass: str | None = None,
    ) -> None:
        """Write pairs in the format of Hadoop that is named: SequenceFileOutputFormat or TextOutputFormat.

        Raises
        ------
        UnsupportedOperationException
            For other formats, and for converters: they are Java classes.
        """
        from streamcore.rdd.hadoop.formats import Output, check_converters, codec_of

        check_converters(keyConverter, valueConverter)
        codec = compressionCodecClass or codec_of(conf or {})
        self._save_as(path, Output(outputFormatClass, keyClass, valueClass, codec), "saveAsHadoopFile")

    def saveAsNewAPIHadoopFile(
        self,
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
    ) -> None:
        """Do what `saveAsHadoopFile` does, for the names of Hadoop's newer interface."""
        self.saveAsHadoopFile(
            path, outputFormatClass, keyClass, valueClass, keyConverter, valueConverter, conf
        )

    def saveAsHadoopDataset(
        self, conf: dict[str, str], keyConverter: str | None = None, valueConverter: str | None = None
    ) -> None:
        """Write pairs as the settings of a Hadoop job say: format, classes, folder and codec."""
        from streamcore.rdd.hadoop.formats import Output, check_converters, output_folder

        check_converters(keyConverter, valueConverter)
        self._save_as(output_folder(conf), Output.described(conf), "saveAsHadoopDataset")

    def saveAsNewAPIHadoopDataset(
        self, conf: dict[str, str], keyConverter: str | None = None, valueConverter: str | None = None
    ) -> None:
        """Do what `saveAsHadoopDataset` does, for the names of Hadoop's newer interface."""
        self.saveAsHadoopDataset(conf, keyConverter, valueConverter)

    def _save_as(self, path: str, output: Output, action: str) -> None:
        self._save(path, output.suffix, output.writer(self.take(1)), action)
