"""Every kind of file in a checkpoint, truncated or edited at every place: always a named error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint.envelope import seal, unseal
from streamcore.checkpoint.inspection import inspect
from streamcore.errors import CheckpointCorrupted, CheckpointError, CheckpointMismatch
from tests.unit.checkpoint.conftest import run_batches
from tests.unit.checkpoint.content import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamcore.checkpoint import Checkpoint


def test_a_sealed_body_is_read_back() -> None:
    body = '{"text":"ä \\n"}'
    assert unseal("offsets", seal("offsets", body), "offsets/0") == body


def test_a_truncation_at_any_byte_is_detected() -> None:
    whole = seal("offsets", '{"batch_id":0}')
    for length in range(len(whole)):
        with pytest.raises(CheckpointCorrupted, match=r"^offsets/0 is damaged"):
            unseal("offsets", whole[:length], "offsets/0")


def test_a_change_of_any_byte_is_detected() -> None:
    whole = seal("offsets", '{"batch_id":0}')
    for place in range(len(whole)):
        for value in (whole[place] ^ 1, 0xFF):
            edited = whole[:place] + bytes([value]) + whole[place + 1 :]
            with pytest.raises(CheckpointError, match=r"^offsets/0 (is damaged|has format)"):
                unseal("offsets", edited, "offsets/0")


def test_what_was_added_at_the_end_is_detected() -> None:
    with pytest.raises(CheckpointCorrupted):
        unseal("offsets", seal("offsets", "{}") + b"\n", "offsets/0")


def test_a_file_of_another_kind_is_named_as_such() -> None:
    with pytest.raises(CheckpointCorrupted, match="a file of commits where one of offsets belongs"):
        unseal("offsets", seal("commits", "{}"), "offsets/0")


def test_a_future_format_is_refused_by_its_number() -> None:
    future = seal("offsets", "{}").replace(b"streamcore offsets 2", b"streamcore offsets 3")
    with pytest.raises(CheckpointError, match="has format 3; this version of streamcore reads format 2"):
        unseal("offsets", future, "offsets/0")


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    match how:
        case "truncated":
            path.write_bytes(data[: len(data) // 2])
        case "emptied":
            path.write_bytes(b"")
        case "edited":
            path.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
        case "removed":
            path.unlink()


def use(reopen: Callable[[], Checkpoint]) -> None:
    """What a start reads."""
    with reopen() as checkpoint:
        last = checkpoint.last_commit
        assert last is not None
        assert checkpoint.last_offsets is not None
        for file in checkpoint.body_of(last).state:
            read_bytes(checkpoint, file)


@pytest.mark.parametrize("how", ["truncated", "emptied", "edited", "removed"])
@pytest.mark.parametrize(
    "kind", ["metadata", "offsets/2", "commits/2", "state/count/default/0/0-*", "state/count/default/0/2-*"]
)
def test_damage_to_any_file_is_an_error_that_names_it(
    reopen: Callable[[], Checkpoint], folder: Path, kind: str, how: str
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3, merge_every=10)
    use(reopen)
    (path,) = folder.glob(kind)
    damage(path, how)
    if how == "removed" and kind in ("offsets/2", "commits/2"):
        with reopen() as checkpoint:
            assert checkpoint.batches() == ([0, 1] if kind == "commits/2" else [0, 1, 2])
        return  # the start decision meets this one, with the sink's record in hand
    with pytest.raises(CheckpointCorrupted, match=str(path.relative_to(folder))):
        use(reopen)


@pytest.mark.parametrize("kind", ["offsets/2", "commits/2", "state/count/default/0/2-*"])
def test_a_rewind_is_a_way_out_of_a_damaged_newest_batch(
    reopen: Callable[[], Checkpoint], folder: Path, kind: str
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3, merge_every=10)
    (path,) = folder.glob(kind)
    damage(path, "truncated")
    with reopen() as checkpoint:
        checkpoint.rewind_to(1)
    use(reopen)


@pytest.mark.parametrize("kind", ["offsets", "commits"])
def test_a_file_under_another_number_is_detected(
    reopen: Callable[[], Checkpoint], folder: Path, kind: str
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
    (folder / kind / "2").write_bytes((folder / kind / "1").read_bytes())
    with pytest.raises(CheckpointCorrupted, match=f"{kind}/2 is damaged: it is the file of batch 1"):
        use(reopen)


@pytest.mark.parametrize("kind", ["offsets", "commits"])
def test_a_file_of_another_checkpoint_is_detected(
    reopen: Callable[[], Checkpoint], folder: Path, kind: str
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
    text = (folder / kind / "2").read_text().split("\n")[1].replace("a query", "another query")
    (folder / kind / "2").write_bytes(seal(kind, text))
    with pytest.raises(CheckpointMismatch, match="belongs to the query another query"):
        use(reopen)


def test_a_field_of_the_wrong_type_is_named_even_under_a_right_checksum(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
    text = (folder / "offsets" / "0").read_text().split("\n")[1]
    (folder / "offsets" / "0").write_bytes(seal("offsets", text.replace('"epoch":1', '"epoch":"1"')))
    with pytest.raises(CheckpointCorrupted, match="the field 'epoch' is not an integer"):
        use(reopen)


def test_a_missing_identity_is_never_made_up_again(reopen: Callable[[], Checkpoint], folder: Path) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
    (folder / "metadata").unlink()
    with pytest.raises(CheckpointCorrupted, match="metadata is missing, but the checkpoint holds batches"):
        reopen()
    assert not (folder / "metadata").exists()


def test_a_checkpoint_of_spark_is_refused_and_left_as_it_is(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    (folder / "offsets").mkdir(parents=True)
    (folder / "metadata").write_text('{"id":"8b9d5a43-5a6e-4a38-8b5c-9f4c3e0e0f55"}')
    (folder / "offsets" / "0").write_text('v1\n{"batchWatermarkMs":0,"conf":{}}\n{"logOffset":0}')
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(CheckpointError, match="was written by Apache Spark"):
        reopen()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_an_inspection_lists_what_is_damaged_and_goes_on(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3, merge_every=10)
    assert inspect(folder)["problems"] == []
    damage(folder / "offsets" / "1", "edited")
    (state,) = folder.glob("state/count/default/0/2-*")
    damage(state, "truncated")
    found = inspect(folder)
    assert [p.split(" is damaged")[0].removeprefix(f"{folder}/") for p in found["problems"]] == [
        "offsets/1",
        f"state/count/default/0/{state.name}",
    ]
    assert [batch["is_committed"] for batch in found["batches"]] == [True, True, True]
