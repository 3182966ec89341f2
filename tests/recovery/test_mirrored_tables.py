"""A copy of a table is kept up by its changes, through crashes of the query and of the server."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import streamcore.sinks.database.stream_writer
import streamcore.sources.postgres_changes.stream_reader  # noqa: F401 - importing declares the steps
from streamcore.spi import steps
from tests.recovery.mirrors import Mirror, Writer, require_a_committed_state
from tests.recovery.nursery import KILLED, Nursery
from tests.services.fixtures import PrivateDatabase
from tests.services.postgres_databases import Database

pytestmark = pytest.mark.integration

WRITERS = 3
POINTS = [
    f"{step}:{side}"
    for step in steps.steps()
    if step in steps.STEPS or step.startswith(("source.postgres-changes.", "sink.database."))
    for side in ("before", "after")
]
_SLOT = "source.postgres-changes.slot"
# Here the rows of the start are being read, and the slot is made.
OF_THE_START = ["plan:after", "write-offsets:after", f"{_SLOT}:after", "sink-commit:before"]
# Here a batch is committed, and not by all who take part.
OF_A_COMMIT = [
    "run:before",
    "sink.database.rows:after",
    "sink-commit:after",
    "write-commit:after",
    "source.postgres-changes.advance:before",
    "source.postgres-changes.advance:after",
]


@pytest.fixture
def mirror(logical_postgres: Database, tmp_path: Path) -> Mirror:
    return Mirror(logical_postgres, tmp_path)


@pytest.fixture
def writers(logical_postgres: Database) -> Iterator[list[Writer]]:
    """Writers with a seed of this run; they are ended."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    made = [Writer(logical_postgres, number, seed) for number in range(WRITERS)]
    yield made
    for writer in made:
        if writer.is_alive():
            writer.end()


class Watcher(threading.Thread):
    """Looks at the copy all the time; keeps what was wrong with it."""

    def __init__(self, mirror: Mirror, job: object, writers: list[Writer]) -> None:
        super().__init__(daemon=True)
        self._look = lambda: require_a_committed_state(mirror.copy(job), writers)  # type: ignore[arg-type]
        self._over = threading.Event()
        self.wrong: list[AssertionError] = []
        self.looks = 0

    def run(self) -> None:
        while not self._over.wait(0.03):
            try:
                self._look()
            except AssertionError as error:
                self.wrong.append(error)
            self.looks += 1

    def end(self) -> None:
        self._over.set()
        self.join()


def kill_at_random(nursery: Nursery, mirror: Mirror, writers: list[Writer], kills: int) -> None:
    dice = random.Random(len(writers))
    job = mirror.job(maxChangesPerTrigger="200")
    for writer in writers:
        writer.start()
    watcher = Watcher(mirror, job, writers)
    watcher.start()
    for _ in range(kills):
        ending = nursery.run(replace(job, trigger="forever"), kill_after=dice.uniform(0.05, 0.9))
        assert ending.code == KILLED, ending.error
        require_a_committed_state(mirror.copy(job), writers)
    for writer in writers:
        writer.end()
    watcher.end()
    assert not watcher.wrong, watcher.wrong[0]
    assert watcher.looks > kills
    last = nursery.run(job)
    assert last.code == 0, last.error
    assert mirror.copy(job) == mirror.original()
    assert len(mirror.original()) > WRITERS


def test_a_copy_is_a_committed_state_of_its_table_at_any_time_and_in_the_end_the_same(
    nursery: Nursery, mirror: Mirror, writers: list[Writer]
) -> None:
    kill_at_random(nursery, mirror, writers, kills=5)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_copy_survives_two_hundred_kills(nursery: Nursery, mirror: Mirror, writers: list[Writer]) -> None:
    kill_at_random(nursery, mirror, writers, kills=200)


def write_some(mirror: Mirror, writer: Writer, transactions: int) -> None:
    import psycopg

    with psycopg.connect(mirror.database.url.replace("postgresql+psycopg", "postgresql")) as connection:
        for _ in range(transactions):
            writer.transaction(connection)


def crash_and_finish(nursery: Nursery, mirror: Mirror, writer: Writer, points: list[str]) -> list[str]:
    """Crashes at one point after the other, and lets the query end; returns the points that it came to."""
    reached = []
    write_some(mirror, writer, 10)
    job = mirror.job(maxChangesPerTrigger="20")
    for point in points:
        ending = nursery.run(job, crash_at=point)
        assert ending.code in (KILLED, 0), ending.error
        reached += [point] if ending.code == KILLED else []
        require_a_committed_state(mirror.copy(job), [writer])
        write_some(mirror, writer, 5)
    last = nursery.run(job)
    assert last.code == 0, last.error
    assert mirror.copy(job) == mirror.original()
    mirror.free(job)
    return reached


@pytest.mark.soak
def test_a_query_killed_at_a_step_of_its_start_copies_the_whole_table(
    nursery: Nursery, mirror: Mirror, writers: list[Writer]
) -> None:
    for point in OF_THE_START:
        assert crash_and_finish(nursery, mirror, writers[0], [f"{point}:1"])


def test_a_query_killed_at_the_steps_of_commits_copies_every_change(
    nursery: Nursery, mirror: Mirror, writers: list[Writer]
) -> None:
    points = [f"{point}:1" for point in OF_A_COMMIT]
    assert crash_and_finish(nursery, mirror, writers[0], points) == points


@pytest.mark.soak
def test_a_query_killed_at_one_step_after_the_other_copies_every_change(
    nursery: Nursery, mirror: Mirror, writers: list[Writer]
) -> None:
    points = [f"{point}:1" for point in POINTS]
    reached = crash_and_finish(nursery, mirror, writers[0], points)
    # The slot is made once.
    assert reached == [point for point in points if not point.startswith(_SLOT)]


@pytest.mark.soak
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_query_killed_at_any_step_of_any_batch_copies_every_change(
    nursery: Nursery, mirror: Mirror, writers: list[Writer], point: str, nth: int
) -> None:
    crash_and_finish(nursery, mirror, writers[0], [f"{point}:{nth}", f"{point}:{nth}"])


@pytest.mark.parametrize(
    "point",
    ["run:before", pytest.param("source.postgres-changes.advance:before", marks=pytest.mark.soak)],
)
def test_a_server_killed_in_a_batch_gives_every_change_once_when_it_is_back(
    nursery: Nursery, private_postgres: PrivateDatabase, tmp_path: Path, point: str
) -> None:
    mirror = Mirror(private_postgres, tmp_path)
    writer = Writer(private_postgres, 0, seed=1)
    write_some(mirror, writer, 5)
    job = mirror.job()
    assert nursery.run(job).code == 0
    write_some(mirror, writer, 20)
    asleep = nursery.stop_at(job, point)
    private_postgres.server.kill()
    private_postgres.server.start()
    ending = nursery.wake(asleep)
    if ending.code != 0:
        assert "CommitFailed" in ending.error or "SourceUnavailable" in ending.error
    write_some(mirror, writer, 5)
    last = nursery.run(job)
    assert last.code == 0, last.error
    assert mirror.copy(job) == mirror.original()
    mirror.free(job)
