"""Sequence files: those that Spark wrote are read, and what is written comes back."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from streamcore.errors import StreamcoreError, UnsupportedOperationException
from streamcore.rdd.hadoop import sequence_file
from streamcore.rdd.hadoop.sequence_file import read_pairs, write_pairs
from streamcore.rdd.hadoop.writables import INT, TEXT

PAIRS: list[tuple[int, Any]] = [(1, {3.0: "bb", 2: True}), (300, {"q": {"r": None}}), (-5, {})]
# Written by PySpark 4.3.0 from PAIRS: as saveAsSequenceFile does, and compressed by record and by block.
BY_SPARK = {
    "plain": (
        "Q$<k*Aa8PKE@5zCV`ybAXklb;Z*VSYZ!Sr0bXRg|bYWs_Wgu^IXD(rIVPj}zE@)w7Z*OoeX>Tq~VQ^P+X>?&?Y-Iod00000j_2KM(E"
        "f+Y_&@7n$f#y10000(00004000010RaFbZ*pfYVQ^t%Xk{*FVPtP_a4u<YE<|s2Vr*qsa%ps7Vr*pq00063KnMT;00000i~?d}g#Z8m"
        "0)hbm000&M000C400Arj00001i~(_n000000gM51i2wiq2><{91poj4`v3p{000"
    ),
    "record": (
        "Q$<k*Aa8PKE@5zCV`ybAXklb;Z*VSYZ!Sr0bXRg|bYWs_Wgu^IXD(rIVPj}zE@)w7Z*OoeX>Tq~VQ^P+X>?&?Y-IreDsOUUE@5zCV`y"
        "bAXklb;Z*VSYZ!TkRZE$jBb8{|4WoBV@Y;;3!WMyLj0001{i)D=d$gsp_s$Vkh-4`DK002Y)000C40004aoMU8UP|hz(*Gnu&OwLHv%"
        "ScSg&o9u+%-3_tFHOox4KK<pNd(di3=B++4jc?%(8H9J)Cv-5Vgvw6+7K52000>P000C400As`oMT{MU|{TFENo|hFp4?>6%GRs0000"
        "F00004|NsB{c${Nk00IC21pom"
    ),
    "block": (
        "Q$<k*Aa8PKE@5zCV`ybAXklb;Z*VSYZ!Sr0bXRg|bYWs_Wgu^IXD(rIVPj}zE@)w7Z*OoeX>Tq~VQ^P+X>?&?Y-IrfDsOUUE@5zCV`y"
        "bAXklb;Z*VSYZ!TkRZE$jBb8{|4WoBV@Y;;3!WMyLj0000oGd>rlyC4l(2kAf{oc@ac|Ns9oGd>rlyC4l(2kAf{oc@Xf3wWGkVPOFP0"
        "2=@e6L_3sU|?VbBAx&L|NjO63h4wV3wWHf7h(kf0O<f%On97QWMojzFG|--EJ#ewNY%?oOv%qL(96u%bIC7F%1I3`$}C9)(hLj?OpFd"
        "33}Dd1l$6v85@})taT$9U3)`WLqE4_10O3IsCI"
    ),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "part-00000"


@pytest.mark.parametrize("kind", BY_SPARK)
def test_what_spark_wrote_is_read(kind: str, path: Path) -> None:
    path.write_bytes(base64.b85decode(BY_SPARK[kind]))
    assert list(read_pairs(str(path))) == PAIRS


@pytest.mark.parametrize("codec", [None, "DefaultCodec", "GzipCodec", "BZip2Codec"])
def test_what_is_written_comes_back(codec: str | None, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_file, "_SYNC_EVERY", 100)
    monkeypatch.setattr(sequence_file, "_BLOCK_RECORDS", 30)
    pairs = [(n, f"text {n}") for n in range(100)]
    with path.open("wb") as file:
        write_pairs(INT, TEXT, codec and f"org.apache.hadoop.io.compress.{codec}", file, iter(pairs))
    assert list(read_pairs(str(path))) == pairs


def test_a_file_without_pairs_is_whole(path: Path) -> None:
    with path.open("wb") as file:
        write_pairs(INT, TEXT, None, file, iter([]))
    assert list(read_pairs(str(path))) == []


@pytest.mark.parametrize("kind", BY_SPARK)
def test_a_file_cut_off_in_the_middle_is_named(kind: str, path: Path) -> None:
    data = base64.b85decode(BY_SPARK[kind])
    path.write_bytes(data[: len(data) - 3])
    with pytest.raises(StreamcoreError, match="part-00000 is no whole sequence file"):
        list(read_pairs(str(path)))


def test_another_file_is_named(path: Path) -> None:
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(StreamcoreError, match="does not begin as a sequence file"):
        list(read_pairs(str(path)))


def test_a_codec_that_is_not_known_is_named(path: Path) -> None:
    file = BytesIO()
    write_pairs(INT, TEXT, "org.apache.hadoop.io.compress.GzipCodec", file, iter([(1, "a")]))
    path.write_bytes(file.getvalue().replace(b"GzipCodec", b"Lz4xCodec"))
    with pytest.raises(UnsupportedOperationException, match="Lz4xCodec"):
        list(read_pairs(str(path)))
