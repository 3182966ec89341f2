"""Hadoop's formats by name, through the RDD API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamcore import Context
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_OUT = "org.apache.hadoop.mapred.TextOutputFormat"
TEXT_IN = "org.apache.hadoop.mapreduce.lib.input.TextInputFormat"
SEQUENCE_OUT = "org.apache.hadoop.mapreduce.lib.output.SequenceFileOutputFormat"
SEQUENCE_IN = "org.apache.hadoop.mapreduce.lib.input.SequenceFileInputFormat"
INT, LONG, TEXT = (f"org.apache.hadoop.io.{name}" for name in ("IntWritable", "LongWritable", "Text"))
GZIP = "org.apache.hadoop.io.compress.GzipCodec"
CONVERTER = "com.example.Converter"


@pytest.fixture(scope="module")
def sc() -> Iterator[Context]:
    with Context("local[2]", "hadoop") as context:
        yield context


def test_text_output_has_keys_and_text_input_has_offsets(sc: Context, tmp_path: Path) -> None:
    target = str(tmp_path / "text")
    sc.parallelize([(1, "a"), (None, "bc"), (True, None)], 1).saveAsHadoopFile(target, TEXT_OUT)
    assert (tmp_path / "text" / "part-00000").read_text() == "1\ta\nbc\ntrue\n"
    assert sc.newAPIHadoopFile(target, TEXT_IN, LONG, TEXT).collect() == [(0, "1\ta"), (4, "bc"), (7, "true")]


def test_text_output_can_be_compressed(sc: Context, tmp_path: Path) -> None:
    target = str(tmp_path / "text")
    sc.parallelize([(1, "a")], 1).saveAsHadoopFile(target, TEXT_OUT, compressionCodecClass=GZIP)
    assert (tmp_path / "text" / "part-00000.gz").exists()
    assert sc.textFile(target).collect() == ["1\ta"]


def test_the_classes_that_are_named_are_used(sc: Context, tmp_path: Path) -> None:
    target = str(tmp_path / "pairs")
    sc.parallelize([(1, "a")], 1).saveAsNewAPIHadoopFile(target, SEQUENCE_OUT, LONG, TEXT)
    assert b"LongWritable" in (tmp_path / "pairs" / "part-00000").read_bytes()
    assert sc.newAPIHadoopFile(target, SEQUENCE_IN, LONG, TEXT).collect() == [(1, "a")]


def test_the_settings_of_a_job_describe_output_and_input(sc: Context, tmp_path: Path) -> None:
    target = str(tmp_path / "pairs")
    pairs = [(n, f"text {n}") for n in range(10)]
    sc.parallelize(pairs, 2).saveAsNewAPIHadoopDataset(
        {
            "mapreduce.job.outputformat.class": SEQUENCE_OUT,
            "mapreduce.job.output.key.class": INT,
            "mapreduce.job.output.value.class": TEXT,
            "mapreduce.output.fileoutputformat.outputdir": target,
            "mapreduce.output.fileoutputformat.compress": "true",
            "mapreduce.output.fileoutputformat.compress.codec": GZIP,
        }
    )
    conf = {"mapreduce.input.fileinputformat.inputdir": target}
    loaded = sc.newAPIHadoopRDD(SEQUENCE_IN, INT, TEXT, conf=conf)
    assert (sorted(loaded.collect()), loaded.getNumPartitions()) == (pairs, 2)


def test_an_empty_rdd_makes_files_without_pairs(sc: Context, tmp_path: Path) -> None:
    sc.parallelize([], 2).saveAsSequenceFile(str(tmp_path / "none"))
    assert sc.sequenceFile(str(tmp_path / "none")).collect() == []


def test_settings_that_lack_something_are_named(sc: Context) -> None:
    with pytest.raises(IllegalArgumentException, match=r"lack mapreduce.input.fileinputformat.inputdir"):
        sc.hadoopRDD(TEXT_IN, LONG, TEXT, conf={})


def test_formats_and_converters_that_are_java_classes_are_refused(sc: Context, tmp_path: Path) -> None:
    pairs = sc.parallelize([(1, "a")], 1)
    with pytest.raises(UnsupportedOperationException, match="AvroKeyInputFormat is a Java class"):
        sc.hadoopFile(str(tmp_path), "org.apache.avro.mapred.AvroKeyInputFormat", INT, TEXT)
    with pytest.raises(UnsupportedOperationException, match=CONVERTER):
        pairs.saveAsHadoopFile(str(tmp_path / "x"), TEXT_OUT, keyConverter=CONVERTER)
    with pytest.raises(UnsupportedOperationException, match=CONVERTER):
        sc.sequenceFile(str(tmp_path), valueConverter=CONVERTER)
