"""Programs written for PySpark, unchanged, through `streamcore run --as-pyspark`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"


def output_of(program: str, *arguments: object, options: tuple[str, ...] = ("--master", "local[2]")) -> str:
    command = [sys.executable, "-m", "streamcore", "run", "--as-pyspark", *options, str(PROGRAMS / program)]
    ended = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_word_count(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("To be or not to be\nthat is the question\n", encoding="utf-8")
    found = output_of("word_count.py", tmp_path / "text", tmp_path / "counts")
    assert found == "be 2\nto 2\nis 1\n8 different words\n"


def test_estimate_of_pi() -> None:
    assert output_of("estimate_pi.py", 4) == "partitions 4 inside 6334 pi is roughly 3.2\n"


def test_page_rank_in_a_loop_of_joins() -> None:
    assert output_of("page_rank.py") == "home 1.5381\nnews 1.1387\nshop 0.7669\ncached True True\n"


def test_accumulators_and_broadcast_variables() -> None:
    assert output_of("shared_values.py").splitlines() == [
        "[('book', 12), ('pen', 8)]",
        "bad 3 unknown ['cup', 'hat']",
        "partitions [0, 1, 2]",
        "True",
    ]


def test_a_barrier_stage_as_the_first_job() -> None:
    assert output_of("barrier_stage.py").splitlines() == [
        "(0, 3, [0.05])",
        "(1, 3, [0.1, 0.15])",
        "(2, 3, [0.2, 0.5])",
    ]


def test_modules_shipped_to_workers_import_pyspark_there() -> None:
    assert output_of("ships_module.py", "--flag", "x") == (
        "['3:bigint:True', '6:bigint:True']\nargs ['--flag', 'x']\n"
    )


def test_a_connector_for_the_python_data_source_api(tmp_path: Path) -> None:
    assert output_of("custom_source.py", tmp_path / "checkpoint").splitlines() == [
        "Row(n=0, square=0)",
        "Row(n=1, square=1)",
        "Row(n=2, square=4)",
        "Row(n=3, square=9)",
        "[(0, 0), (1, 1), (2, 4), (3, 9), (4, 16), (5, 25)]",
    ]


def test_a_streaming_query_and_the_same_as_a_batch(tmp_path: Path) -> None:
    assert output_of("sql_stream.py", tmp_path).splitlines() == [
        "12:00:00 6 27",
        "12:00:10 6 27",
        "12:00:20 6 27",
        "as batch [(6, 27), (6, 27), (6, 27)]",
        "True None",
    ]


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("estimate_pi.py", ["3"]),
        ("page_rank.py", []),
        ("shared_values.py", []),
        ("barrier_stage.py", []),
        ("ships_module.py", ["a"]),
        ("custom_source.py", ["{folder}/checkpoint"]),
        ("sql_stream.py", ["{folder}"]),
    ],
)
@pytest.mark.bench
def test_pyspark_prints_the_same(program: str, arguments: list[str], tmp_path: Path) -> None:
    from tests.oracle.rdd.ask_pyspark import environment, pyspark_python

    prints = {}
    for engine in ("streamcore", "pyspark"):
        folder = tmp_path / engine
        folder.mkdir()
        given = [argument.format(folder=folder) for argument in arguments]
        if engine == "streamcore":
            prints[engine] = output_of(program, *given)
            continue
        command = [pyspark_python(), str(PROGRAMS / program), *given]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
        prints[engine] = ended.stdout
    assert prints["streamcore"] == prints["pyspark"]
