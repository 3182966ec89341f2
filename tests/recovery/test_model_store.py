"""Writers of a model store are killed at every step, and race each other; readers see whole versions only."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import streamcore.models.store.store  # noqa: F401 - importing declares the steps
from streamcore.errors import ModelNotFound
from streamcore.models.store import ModelStore
from streamcore.spi import steps
from streamcore.spi.exactly_once import CommitRecord
from streamcore.testing.crash_points import CrashPoint, arm
from tests.recovery.nursery import KILLED

_MODEL = {"name": "line"}
_POINTS = [point for point in steps.crash_points() if point.startswith("model-store.")]
_SIZE = 2_000


def publish(store: ModelStore, batch: int) -> int:
    """Every number of a version is that of its batch, so that a torn one would show."""
    state = {"weights": np.full(_SIZE, float(batch))}
    return store.publish(state, model=_MODEL, made_by=CommitRecord("q", batch, "{}")).version


def work(store: ModelStore) -> None:
    """What a query, an operator and a collector do; doing it again goes on where it was interrupted."""
    last = store.last_committed("q")
    for batch in range(last.batch_id + 1 if last else 0, 4):
        version = publish(store, batch)
        store.alias("champion", version)
    store.alias("champion", "latest")
    store.gc(keep=1)


def in_a_process(act: Callable[[], None]) -> int:
    """How a forked process ended that did `act`: 0, 1 or KILLED."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def whole(store: ModelStore) -> Iterator[int]:
    """The batch of each version, after a look at all of its bytes."""
    for version in store.versions():
        manifest, state = store.load(version)
        (value,) = set(state["weights"].tolist())
        assert state["weights"].shape == (_SIZE,)
        assert manifest.made_by is not None
        assert manifest.made_by.batch_id == value
        yield int(value)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", _POINTS)
def test_a_writer_killed_at_any_step_leaves_whole_versions_and_the_next_goes_on(
    tmp_path: Path, point: str, nth: int
) -> None:
    def crash() -> None:
        arm(CrashPoint.parse(f"{point}:{nth}"))
        work(ModelStore(tmp_path))

    ended = in_a_process(crash)
    assert ended == (0 if nth == 2 and "collect-files" in point else KILLED)
    store = ModelStore(tmp_path)
    batches = list(whole(store))
    assert batches == sorted(set(batches))
    assert set(store.aliases().values()) <= set(store.versions())
    work(store)
    assert list(whole(store)) == [2, 3]  # the champion's, and the one before it
    assert store.aliases() == {"champion": store.versions()[-1]}
    assert len(list((tmp_path / "objects").iterdir())) == 2


def test_every_step_is_met() -> None:
    assert len(_POINTS) == 10


def test_publishers_in_processes_of_their_own_get_numbers_of_their_own(tmp_path: Path) -> None:
    program = """
import sys
import numpy as np
from streamcore.models.store import ModelStore
store = ModelStore(sys.argv[1])
state = {"w": np.array([float(sys.argv[2])])}
print(*(store.publish(state, model={"name": "line"}).version for _ in range(8)))
"""
    running = [started(program, tmp_path, number) for number in range(3)]
    numbers = [[int(number) for number in ended(process).split()] for process in running]
    assert sorted(number for found in numbers for number in found) == list(range(1, 25))
    for writer, found in enumerate(numbers):
        assert found == sorted(found)
        assert {float(ModelStore(tmp_path).load(number)[1]["w"][0]) for number in found} == {float(writer)}


def test_no_move_of_an_alias_is_lost_among_processes_that_expect_what_they_saw(tmp_path: Path) -> None:
    """Each moves the alias on by one, again and again; a move that overwrites another's would be missing."""
    program = """
import sys
from streamcore.errors import ModelConflict
from streamcore.models.store import ModelStore
store, moves = ModelStore(sys.argv[1]), 0
while moves < 6:
    now = store.aliases()["champion"]
    try:
        store.alias("champion", now + 1, expected=now)
        moves += 1
    except ModelConflict:
        pass
"""
    store = ModelStore(tmp_path)
    for number in range(19):
        store.publish({"w": np.array([number])}, model=_MODEL)
    store.alias("champion", 1)
    for process in [started(program, tmp_path) for _ in range(3)]:
        ended(process)
    assert store.aliases() == {"champion": 19}


def test_a_reader_of_a_moving_alias_sees_whole_versions_in_their_order(tmp_path: Path) -> None:
    program = """
import sys
from tests.recovery.test_model_store import ModelStore, publish
store = ModelStore(sys.argv[1])
for batch in range(25):
    store.alias("champion", publish(store, batch))
    store.gc(keep=1)
"""
    writer = started(program, tmp_path)
    store = ModelStore(tmp_path)
    seen: list[int] = []
    follower = store.follow("champion")
    while not seen or seen[-1] < 24:
        with contextlib.suppress(ModelNotFound):  # before the first, and between two looks at it
            if follower.poll() is not None:
                _, state = store.load("champion")
                (value,) = set(state["weights"].tolist())
                seen.append(int(value))
        time.sleep(0.001)
    ended(writer)
    assert seen == sorted(seen)


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return printed
