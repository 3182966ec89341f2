"""State that was made to harm: its checksums are right, its content is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MUTATIONS = 2_000


def test_no_bytes_of_a_run_crash_its_reader() -> None:
    """In a process of its own: what must not happen is a crash, or an error that is no refusal."""
    command = [sys.executable, "-m", "tests.unit.stores.hostile", str(MUTATIONS)]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > MUTATIONS // 2
