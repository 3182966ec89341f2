"""A driver that is killed around the step that keeps dead letters leaves each of them once."""

from __future__ import annotations

import json
from pathlib import Path

from streamcore.spi import steps
from streamcore.streaming.dead_letters import DEAD_LETTERS
from tests.recovery.job import Job, Row
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, files

POINTS = [f"{DEAD_LETTERS}:after", f"{steps.SINK_COMMIT}:after"]
BATCHES: list[list[Row]] = [
    [(float(n), json.dumps({"v": n}), n), (float(n), f"bad {n}", n)] if n % 3 else [(float(n), '{"v": 0}', n)]
    for n in range(10)
]


def test_a_driver_killed_around_its_letters_leaves_each_once(nursery: Nursery, tmp_path: Path) -> None:
    trials = Trials(Place("parquet", "append", tmp_path), files(tmp_path / "input", BATCHES))
    conf = {"test.letters": str(tmp_path / "letters")}
    job: Job = trials.job(variant="parsed with letters", conf=conf)
    for point in POINTS:
        ending = nursery.run(job, crash_at=f"{point}:1")
        assert ending.code == KILLED, f"{point}: {ending.error}"
    assert nursery.run(job).code == 0
    records = [
        json.loads(line)["record"]
        for file in (tmp_path / "letters").rglob("letters.json")
        for line in file.read_text().splitlines()
    ]
    assert sorted(records) == sorted(f"bad {n}" for n in range(10) if n % 3)
