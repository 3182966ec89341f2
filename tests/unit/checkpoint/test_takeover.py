"""Two driver processes on one checkpoint, with real processes and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from streamcore.errors import CheckpointFenced
from tests.unit.checkpoint.conftest import offsets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamcore.checkpoint import Checkpoint

DRIVER = """
import sys
from streamcore.checkpoint import Checkpoint
from streamcore.spi.clock import SystemClock
from streamcore.storage import open_storage
checkpoint = Checkpoint.open(open_storage(sys.argv[1]), SystemClock(), run_id="the first run")
print("open", flush=True)
sys.stdin.read()
"""


def start_driver(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_a_second_driver_is_turned_away_with_the_name_of_the_first(
    folder: Path, reopen: Callable[[], Checkpoint]
) -> None:
    driver = start_driver(folder)
    try:
        with pytest.raises(CheckpointFenced) as fenced:
            reopen()
    finally:
        driver.kill()
        driver.communicate()
    assert f"in use by the driver with process id {driver.pid}, started 20" in str(fenced.value)
    assert "run the first run" in str(fenced.value)


def test_a_killed_driver_holds_nobody_up(folder: Path, reopen: Callable[[], Checkpoint]) -> None:
    driver = start_driver(folder)
    driver.kill()
    driver.communicate()
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        assert checkpoint.epoch == 2


def test_a_stopped_driver_still_holds_its_checkpoint(folder: Path, reopen: Callable[[], Checkpoint]) -> None:
    driver = start_driver(folder)
    try:
        os.kill(driver.pid, signal.SIGSTOP)
        with pytest.raises(CheckpointFenced):
            reopen()
    finally:
        driver.kill()
        driver.communicate()
