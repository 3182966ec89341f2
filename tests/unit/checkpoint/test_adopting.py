"""`streamcore checkpoint adopt`: what of a Spark checkpoint is gone on from, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.checkpoint import Checkpoint
from streamcore.checkpoint.adopting import Adoption, plan_adoption, read_spark_checkpoint, write_adopted
from streamcore.checkpoint.adopting.spark_checkpoint import SparkCheckpoint
from streamcore.cli import main
from streamcore.errors import AnalysisException, CheckpointCorrupted, CheckpointError, CheckpointMismatch
from streamcore.sources.files.adopting import keep_files_read
from streamcore.sources.files.file_log import FileLog
from streamcore.spi.clock import SystemClock
from streamcore.storage.local import LocalStorage
from streamcore.storage.memory import MemoryStorage
from tests.spark_checkpoints import spark_checkpoint

Made = Callable[[str], Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return lambda name: spark_checkpoint(name, tmp_path / name, tmp_path)


def facts(folder: Path) -> SparkCheckpoint:
    return read_spark_checkpoint(LocalStorage(folder))


def adoption(folder: Path, *names: str) -> Adoption:
    return plan_adoption(facts(folder), names)


def ends(found: Adoption) -> dict[str, object]:
    return {source.name: source.end for source in found.sources}


def files_of(found: Adoption, name: str) -> list[int]:
    (source,) = (source for source in found.sources if source.name == name)
    return [file.entry for file in source.seen]


def test_kafka_goes_on_at_the_offsets_of_the_last_committed_batch(made: Made) -> None:
    found = adoption(made("kafka"))
    assert ends(found) == {"source_0": {"clicks": {"0": 3, "1": 5}, "views": {"0": 2}}}
    assert (found.batch_id, found.planned) == (0, None)


def test_sources_bear_the_names_that_are_given_in_sparks_order(made: Made) -> None:
    found = adoption(made("both"), "views", "days")
    assert ends(found) == {"views": {"views": {"0": 2}}, "days": {"logOffset": 8}}


def test_a_source_that_spark_knows_by_name_keeps_it(made: Made) -> None:
    assert ends(adoption(made("named"))) == {"the_files": {"logOffset": 8}}


def test_a_source_that_had_nothing_yet_begins_at_its_beginning(made: Made) -> None:
    assert ends(adoption(made("half"))) == {"source_0": {"logOffset": 8}, "source_1": None}


def test_a_kafka_source_that_had_nothing_yet_begins_where_spark_had_begun_it(made: Made) -> None:
    folder = made("kafka")
    offsets = folder / "offsets" / "0"
    offsets.write_text("\n".join([*offsets.read_text().split("\n")[:2], "-"]))
    assert ends(adoption(folder)) == {"source_0": {"clicks": {"0": 0, "1": 0}, "views": {"0": 0}}}


def test_every_file_of_the_compacted_log_is_known_once(made: Made) -> None:
    found = adoption(made("files"))
    assert files_of(found, "source_0") == list(range(9))
    assert len({file.uri for file in found.sources[0].seen}) == 9


def test_files_of_a_batch_that_is_not_committed_are_not_among_those_read(made: Made) -> None:
    folder = made("files")
    (folder / "commits" / "8").unlink()
    found = adoption(folder)
    assert (found.batch_id, found.planned) == (7, 8)
    assert files_of(found, "source_0") == list(range(8))
    assert [file.entry for file in found.sources[0].open_files] == [8]


def test_a_missing_entry_of_the_file_log_is_named(made: Made) -> None:
    folder = made("files")
    (folder / "sources" / "0" / "8.compact").unlink()
    (folder / "sources" / "0" / "7").unlink()
    with pytest.raises(CheckpointCorrupted, match="sources/0/7 is missing"):
        adoption(folder)


def test_before_spark_2_2_a_batch_was_done_when_the_next_was_planned(made: Made) -> None:
    folder = made("files")
    for commit in (folder / "commits").iterdir():
        commit.unlink()
    for offsets in (folder / "offsets").iterdir():
        lines = offsets.read_text().split("\n")
        offsets.write_text("\n".join([*lines[:2], str(json.loads(lines[2])["logOffset"])]))
    found = adoption(folder)
    assert (found.batch_id, found.planned, ends(found)) == (7, 8, {"source_0": {"logOffset": 7}})


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (["offsets/8"], "its last commit is of batch 8, and it has offsets of the batches 6, 7"),
        (["commits/7", "commits/8"], "its last commit is of batch 6"),
        (["metadata"], "is not the checkpoint of a Spark query: it has no file metadata"),
    ],
)
def test_a_checkpoint_that_has_lost_files_is_refused(made: Made, lost: list[str], said: str) -> None:
    folder = made("files")
    for path in lost:
        (folder / path).unlink()
    with pytest.raises(CheckpointError, match=said):
        facts(folder)


def test_a_query_that_has_committed_nothing_is_started_anew(made: Made) -> None:
    folder = made("kafka")
    (folder / "commits" / "0").unlink()
    with pytest.raises(CheckpointError, match=r"committed no batch .* Start the query with a new checkpoint"):
        facts(folder)


def test_state_is_refused_with_the_ways_out(made: Made) -> None:
    with pytest.raises(CheckpointError, match="has state") as raised:
        adoption(made("counted"))
    assert "from where its sources begin" in str(raised.value)
    assert "source_0 after 9 files" in str(raised.value)


def test_the_refusal_of_state_over_kafka_quotes_the_offsets_to_start_from(made: Made) -> None:
    folder = made("kafka")
    (folder / "state/0/0").mkdir(parents=True)
    (folder / "state/0/0/1.delta").touch()
    with pytest.raises(CheckpointError, match="has state") as raised:
        adoption(folder)
    said = str(raised.value)
    assert r'option("startingOffsets", "{\"clicks\": {\"0\": 3, \"1\": 5}, \"views\": {\"0\": 2}}")' in said


@pytest.mark.parametrize(
    ("offset", "kind"),
    [
        ("7", "a rate, socket or memory source"),
        ('{"sourceVersion":1,"reservoirId":"5d","reservoirVersion":3}', "a Delta table"),
        ('{"version":1,"snapshot_id":4,"position":0}', "an Iceberg table"),
        ('{"shards":[]}', "no counterpart"),
        ("{}", "no counterpart"),
        ('{"ads":{"0":-1}}', "no counterpart"),
    ],
)
def test_other_sources_are_refused_by_what_they_are(made: Made, offset: str, kind: str) -> None:
    folder = made("kafka")
    offsets = folder / "offsets" / "0"
    offsets.write_text("\n".join([*offsets.read_text().split("\n")[:2], offset]))
    with pytest.raises(CheckpointError, match=kind):
        adoption(folder)


def test_names_that_do_not_fit_the_sources_are_refused_with_the_sources(made: Made) -> None:
    for names in (["views"], ["views", "views"], ["a", "b", "c"]):
        with pytest.raises(AnalysisException, match=r'0 at \{"views": \{"0": 2\}\}; 1 at \{"logOffset": 8\}'):
            adoption(made("both"), *names)


def test_a_later_version_of_a_file_is_refused_by_its_number(made: Made) -> None:
    folder = made("files")
    (folder / "offsets" / "8").write_text("v3\n{}\n")
    with pytest.raises(CheckpointCorrupted, match=r"offsets/8 .* it has version 3"):
        facts(folder)


# ---- the checkpoint that is made -----------------------------------------------------------------


def test_an_adopted_checkpoint_says_where_its_sources_go_on(made: Made) -> None:
    storage = MemoryStorage()
    write_adopted(storage, adoption(made("both"), "views", "days"), keep_files_read, 0)
    with Checkpoint.open(storage, SystemClock(), "run") as checkpoint:
        adopted = checkpoint.adopted
        assert adopted is not None
        assert adopted.query_id == checkpoint.query_id
        assert adopted.ends == {"views": {"views": {"0": 2}}, "days": {"logOffset": 8}}
        log = FileLog(checkpoint.source_storage("days"))
    assert log.last == 8
    assert len(list(log.paths())) == 9
    assert any(path.endswith("/in/day 03 100%.txt") for path in log.paths())


def test_an_adoption_that_was_cut_short_is_no_checkpoint_of_a_new_query(made: Made) -> None:
    storage = MemoryStorage()
    write_adopted(storage, adoption(made("kafka")), keep_files_read, 0)
    storage.delete("metadata")
    with pytest.raises(CheckpointCorrupted, match="was cut short"):
        Checkpoint.open(storage, SystemClock(), "run")


def test_the_record_of_an_adoption_is_not_taken_from_another_checkpoint(made: Made) -> None:
    one, other = MemoryStorage(), MemoryStorage()
    for storage in (one, other):
        write_adopted(storage, adoption(made("kafka")), keep_files_read, 0)
    one.replace("adopted", other.get("adopted"))
    with Checkpoint.open(one, SystemClock(), "run") as checkpoint, pytest.raises(CheckpointMismatch):
        _ = checkpoint.adopted


def test_the_command_tells_what_it_adopts_and_changes_nothing_of_sparks(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made("both")
    (folder / "commits" / "8").unlink()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    target = tmp_path / "ours"
    assert main(["checkpoint", "adopt", str(folder), "--dry-run"]) == 0
    assert "a dry run" in capsys.readouterr().out
    assert not target.exists()
    assert main(["checkpoint", "adopt", str(folder), str(target)]) == 0
    said = capsys.readouterr().out
    assert 'source_0: goes on at {"views": {"0": 2}}' in said
    assert "source_1: goes on after 8 files" in said
    assert "NOT COMMITTED     batch 8" in said
    assert "in/day%20" in said.split("NOT COMMITTED")[1]
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert main(["checkpoint", "inspect", str(target)]) == 0
    assert f"adopted      from {folder} after batch 7" in capsys.readouterr().out


def test_a_folder_that_holds_a_checkpoint_is_not_adopted_into(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, target = made("kafka"), tmp_path / "ours"
    assert main(["checkpoint", "adopt", str(folder), str(target)]) == 0
    assert main(["checkpoint", "adopt", str(folder), str(target)]) == 1
    assert main(["checkpoint", "adopt", str(folder), str(folder)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert main(["checkpoint", "adopt", str(folder)]) == 1
    assert "name the TARGET" in capsys.readouterr().err


def test_files_on_a_file_system_that_is_not_read_are_refused_before_anything_is_made(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, target = made("files"), tmp_path / "ours"
    for entry in (folder / "sources" / "0").iterdir():
        entry.write_text(entry.read_text().replace("file:///", "hdfs://namenode/"))
    assert main(["checkpoint", "adopt", str(folder), str(target)]) == 1
    assert "hdfs://namenode" in capsys.readouterr().err
    assert not (target / "adopted").exists()


# ---- any checkpoint ------------------------------------------------------------------------------

_topic = st.dictionaries(
    st.integers(0, 99).map(str), st.integers(min_value=0, max_value=2**62), min_size=1, max_size=3
)
_kafka = st.dictionaries(st.text("abc.-_", min_size=1, max_size=5), _topic, min_size=1, max_size=3)


@given(ends=st.lists(_kafka, min_size=1, max_size=4), batches=st.integers(1, 4), is_open=st.booleans())
def test_any_offsets_of_kafka_come_through_as_they_are(
    ends: list[dict[str, dict[str, int]]], batches: int, is_open: bool
) -> None:
    storage = MemoryStorage()
    storage.put_if_absent("metadata", b'{"id":"q"}')
    lines = "\n".join(json.dumps(end) for end in ends)
    for batch in range(batches + is_open):
        storage.put_if_absent(f"offsets/{batch}", f'v1\n{{"batchWatermarkMs":0}}\n{lines}'.encode())
        if batch < batches:
            storage.put_if_absent(f"commits/{batch}", b"v1\n{}")
    found = plan_adoption(read_spark_checkpoint(storage))
    assert [source.end for source in found.sources] == ends
    assert (found.batch_id, found.planned) == (batches - 1, batches if is_open else None)


@given(
    counts=st.lists(st.integers(1, 3), min_size=1, max_size=12),
    every=st.integers(1, 5),
    committed=st.integers(0, 11),
)
def test_any_file_log_gives_the_files_of_the_committed_entries(
    counts: list[int], every: int, committed: int
) -> None:
    committed = min(committed, len(counts) - 1)
    storage = MemoryStorage()
    storage.put_if_absent("metadata", b'{"id":"q"}')
    storage.put_if_absent(f"offsets/{committed}", f'v1\n{{}}\n{{"logOffset":{committed}}}'.encode())
    storage.put_if_absent(f"commits/{committed}", b"v1\n{}")
    lines: list[str] = []
    for entry, count in enumerate(counts):
        new = [f'{{"path":"file:///{entry}/{n}","timestamp":{n},"batchId":{entry}}}' for n in range(count)]
        lines += new
        is_compact = (entry + 1) % every == 0
        name = f"sources/0/{entry}" + (".compact" if is_compact else "")
        storage.put_if_absent(name, "\n".join(["v1", *(lines if is_compact else new)]).encode())
    (source,) = plan_adoption(read_spark_checkpoint(storage)).sources
    assert sorted(file.uri for file in source.seen) == sorted(
        f"file:///{entry}/{n}" for entry in range(committed + 1) for n in range(counts[entry])
    )


@given(
    st.one_of(
        st.text(),
        st.sampled_from(
            ["v1", "v2", "v1\n", "v1\n{}", "v1\nnull\n1", "v2\n{}\n:1", "v1\n{}\n[", "v1\n{}\n-\n-"]
        ),
    )
)
def test_any_text_in_an_offset_file_is_read_or_refused_by_the_files_name(text: str) -> None:
    storage = MemoryStorage("memory://spark")
    storage.put_if_absent("metadata", b'{"id":"q"}')
    storage.put_if_absent("offsets/0", text.encode(errors="replace"))
    storage.put_if_absent("commits/0", b"v1\n{}")
    try:
        plan_adoption(read_spark_checkpoint(storage))
    except CheckpointError as error:
        assert "memory://spark" in str(error)  # noqa: PT017 - only some texts are refused
