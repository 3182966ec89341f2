"""A query started again with other sources than it had: by their names they come, go and come back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.checkpoint.inspection import inspect
from streamcore.checkpoint.maintenance import rewind
from streamcore.errors import AnalysisException, CheckpointMismatch, StreamingQueryException
from streamcore.sql import functions as F

Frame = Any


NAMES = "spark.sql.streaming.queryEvolution.enableSourceEvolution"


@pytest.fixture
def session() -> Iterator[Session]:
    found = Session.builder.master("local[2]").getOrCreate().newSession()
    yield found
    found.conf.unset(NAMES)


@dataclass
class World:
    """Folders that are read by their names, and what each start of the query brought out."""

    session: Session
    folder: Path
    fails_in: int | None = None
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint"

    def add(self, name: str, *rows: str, at: str | None = None) -> None:
        into = self.folder / name
        into.mkdir(exist_ok=True)
        lines = [json.dumps({"k": row, "at": at}) for row in rows]
        (into / f"{len(list(into.iterdir()))}.json").write_text("\n".join(lines))

    def read(self, name: str, called: str | None = "") -> Frame:
        reader = self.session.readStream.schema("k string, at timestamp")
        reader = reader if called is None else reader.name(called or name)
        return reader.json(str(self.folder / name))

    def run(
        self, frame: Frame, mode: str = "append", trigger: Callable[[Any], Any] | None = None
    ) -> set[Any]:
        found: list[Any] = []

        def keep(batch: Frame, number: int) -> None:
            if number == self.fails_in:
                raise RuntimeError("no room")
            found.extend(tuple(row) for row in batch.collect())

        writer = frame.writeStream.foreachBatch(keep).outputMode(mode)
        writer = writer.option("checkpointLocation", str(self.checkpoint)).trigger(availableNow=True)
        writer.start().awaitTermination()
        return {row[0] if len(row) == 1 else row for row in found}


@pytest.fixture
def world(session: Session, tmp_path: Path) -> World:
    found = World(session, tmp_path)
    for name in "abc":
        found.add(name, f"{name}0")
    return found


def keys(*frames: Frame) -> Frame:
    together = frames[0]
    for frame in frames[1:]:
        together = together.union(frame)
    return together.select("k")


def test_a_new_source_is_read_from_its_beginning_and_the_others_go_on(world: World) -> None:
    a, b, c = map(world.read, "abc")
    assert world.run(keys(a, b)) == {"a0", "b0"}
    world.add("a", "a1")
    assert world.run(keys(c, a, b)) == {"a1", "c0"}


def test_a_source_that_comes_back_goes_on_where_it_stood(world: World) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, b))
    world.add("a", "a1")
    world.add("b", "b1")
    assert world.run(keys(a)) == {"a1"}
    world.add("b", "b2")
    assert world.run(keys(a)) == set()
    assert world.run(keys(a, b)) == {"b1", "b2"}


def test_the_offset_of_a_source_that_is_not_read_stays_in_the_log(world: World) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, b))
    world.add("a", "a1")
    world.run(keys(a))
    first, second = inspect(world.checkpoint)["batches"]
    there = first["sources"]["b"]["end"]
    assert second["sources"]["b"] == {"start": there, "end": there}


def test_a_source_that_comes_back_as_another_kind_is_refused(world: World, session: Session) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, b))
    world.add("a", "a1")
    world.run(keys(a))
    other = session.readStream.schema("k string, at timestamp").name("b").csv(str(world.folder / "b"))
    with pytest.raises(CheckpointMismatch, match="format of the source b: json -> csv"):
        world.run(keys(a, other))


def test_a_source_without_a_name_may_not_come_or_go_and_the_way_out_is_a_name(world: World) -> None:
    a, b = (world.read(name, None) for name in "ab")
    world.run(keys(a, b))
    with pytest.raises(CheckpointMismatch, match=r"sources: source_0, source_1 -> source_0.*readStream.name"):
        world.run(keys(a))
    world.add("c", "c1")
    called = [world.read("a", "source_0"), world.read("b", "source_1"), world.read("c", "third")]
    assert world.run(keys(*called)) == {"c0", "c1"}


def test_another_name_for_the_same_place_is_refused_until_the_source_was_away(world: World) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, b))
    renamed = keys(world.read("a", "clicks"), b)
    with pytest.raises(CheckpointMismatch, match=r'name of a source: a -> clicks.*readStream.name\("a"\)'):
        world.run(renamed)
    world.add("b", "b1")
    world.run(keys(b))
    assert world.run(renamed) == {"a0"}


def test_a_stream_used_twice_has_no_name_of_its_own_for_its_second_use(world: World) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, a))
    with pytest.raises(CheckpointMismatch, match="sources: a, a_1 -> a, a_2, b"):
        world.run(keys(a, b, a))


def test_a_count_goes_on_when_a_source_of_its_union_comes_or_goes(world: World) -> None:
    a, b, c = map(world.read, "abc")
    assert world.run(keys(a, b).groupBy().count(), "complete") == {2}
    assert world.run(keys(a, b, c).groupBy().count(), "complete") == {3}
    world.add("c", "c1", "c2")
    assert world.run(keys(c).groupBy().count(), "complete") == {5}


def test_state_of_one_source_is_not_taken_for_that_of_another_that_was_there(world: World) -> None:
    a, b = (world.read(name).dropDuplicates(["k"]).select("k") for name in "ab")
    world.run(a.union(b))
    with pytest.raises(CheckpointMismatch, match="inputs of deduplicate-0: a -> b"):
        world.run(b.union(a))


def test_the_watermark_of_a_source_that_has_gone_is_not_that_of_another(world: World) -> None:
    marked = {name: world.read(name).withWatermark("at", "0 seconds") for name in "ab"}

    def windows(*names: str) -> Frame:
        frames = [marked[name] for name in names]
        together = frames[0] if len(frames) == 1 else frames[0].union(frames[1])
        return together.groupBy(F.window("at", "1 minute")).count().select("count")

    world.add("a", "x", at="2026-01-01T12:00:00Z")
    world.add("b", "x", at="2026-01-01T11:00:00Z")
    assert world.run(windows("a", "b")) == set()
    world.add("b", "y", "z", at="2026-01-01T11:02:00Z")
    world.add("b", "w", at="2026-01-01T11:10:00Z")
    assert world.run(windows("b")) == {1, 2}  # the row of a, at noon, has closed nothing


def test_rows_that_were_planned_of_a_source_are_not_lost_when_it_goes(world: World) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, b))
    world.add("b", "b1")
    world.fails_in = 1
    with pytest.raises(StreamingQueryException, match="no room"):
        world.run(keys(a, b))
    world.fails_in = None
    with pytest.raises(CheckpointMismatch, match=r"batch 1 .* rows of b .*as it was"):
        world.run(keys(a))
    assert world.run(keys(a, b)) == {"b1"}
    assert world.run(keys(a)) == set()


def test_a_batch_that_was_planned_is_run_as_planned_before_a_new_source_begins(world: World) -> None:
    a, c = world.read("a"), world.read("c")
    world.fails_in = 0
    with pytest.raises(StreamingQueryException, match="no room"):
        world.run(keys(a))
    world.fails_in = None
    assert world.run(keys(a, c)) == {"a0", "c0"}
    first, second = inspect(world.checkpoint)["batches"]
    assert (first["source_rows"], list(first["sources"])) == ({"a": 1, "c": 0}, ["a"])
    assert second["source_rows"] == {"a": 0, "c": 1}


def test_a_rewind_to_before_a_source_came_lets_it_begin_again(world: World) -> None:
    a, c = world.read("a"), world.read("c")
    world.run(keys(a))
    world.add("a", "a1")
    assert world.run(keys(a, c)) == {"a1", "c0"}
    rewind(world.checkpoint, 0)
    assert world.run(keys(a, c)) == {"a1", "c0"}


def test_a_rewind_to_before_a_source_went_leaves_it_where_it_stood_then(world: World) -> None:
    a, b = map(world.read, "ab")
    world.run(keys(a, b))
    world.add("b", "b1")
    world.run(keys(a, b))
    world.add("a", "a1")
    world.run(keys(a))
    rewind(world.checkpoint, 0)
    assert world.run(keys(a)) == {"a1"}
    assert world.run(keys(a, b)) == {"b1"}


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ((None, "b"), "UNNAMED_STREAMING_SOURCES_WITH_ENFORCEMENT.*Leaf position 0 - FileStreamSource"),
        (("b", "b"), "DUPLICATE_SOURCE_NAMES.*names detected: 'b'"),
    ],
)
def test_with_source_evolution_every_source_must_have_a_name_of_its_own(
    world: World, names: tuple[str | None, str], error: str
) -> None:
    world.session.conf.set(NAMES, "true")
    with pytest.raises(AnalysisException, match=error):
        world.run(keys(*(world.read("a", name) for name in names)))
