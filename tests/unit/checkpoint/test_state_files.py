from __future__ import annotations

from dataclasses import replace

import pytest

from streamcore.checkpoint.state_files import (
    StateFile,
    chain_of,
    epoch_in,
    stores_from_json,
    stores_to_json,
    version_in,
)


def run(version: int, since: int | None = None, partition: int = 0) -> StateFile:
    first = version if since is None else since
    return StateFile("count", partition, first, version, "1.1", 1, 100, 40, 7)


def test_every_partition_and_every_store_has_a_chain_of_its_own() -> None:
    timers = replace(run(0), store="timers")
    files = (run(0), run(4, since=1), run(0, partition=1), timers)
    assert chain_of(files, "count", 0) == (run(0), run(4, since=1))
    assert chain_of(files, "count", 1) == (run(0, partition=1),)
    assert chain_of(files, "count", 0, "timers") == (timers,)
    assert timers.path == "state/count/timers/0/0-1.1.run"


@pytest.mark.parametrize(
    "name", ["5.run", "5-1.run", "5-1.1.delta", "-1-1.1.run", "5-1.1.run.tmp", "../5-1.1.run"]
)
def test_other_names_are_not_those_of_state_files(name: str) -> None:
    assert version_in(name) is None
    assert epoch_in(name) is None


def test_the_json_of_the_files_reads_back() -> None:
    files = (run(3), run(5, since=4), run(2, partition=10), replace(run(1), store="timers"))
    assert stores_from_json("count", stores_to_json(files)) == files


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"default": []},
        {"default": {"0": [["5.run", 1, 1, 1, 1, "0"]]}},
        {"default": {"0": [["5-1.1.run", 1, 1]]}},
        {"default": {"0": [["5-1.1.delta", 1, 1, 1, 1, "0"]]}},
        {"default": {"0": [["5-1.1.run", "1", 1, 1, 1, "0"]]}},
        {"default": {"zero": [["5-1.1.run", 1, 1, 1, 1, "0"]]}},
    ],
)
def test_what_is_no_list_of_state_files_is_refused(broken: object) -> None:
    with pytest.raises(ValueError):
        stores_from_json("count", broken)
