"""A server of the tests never outlives them, and a service that does not start fails the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.readiness import ServiceDidNotStart, wait_until_ready
from tests.services.supervised import SupervisedProcess

# Starts a server that notes its process id, waits for the note, and then dies without a farewell.
_TESTS_THAT_ARE_KILLED = """
import os, signal, sys, time
from pathlib import Path
from tests.services.supervised import SupervisedProcess
home = Path(sys.argv[1])
note = home.with_suffix(".pid")
server = SupervisedProcess(["sh", "-c", f"echo $$ > {note}.new; mv {note}.new {note}; exec sleep 600"], home)
while not note.exists():
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_and_its_files_go_when_the_tests_are_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    killed = subprocess.run([sys.executable, "-c", _TESTS_THAT_ARE_KILLED, str(home)], check=False)
    assert killed.returncode == -signal.SIGKILL
    server = int((tmp_path / "home.pid").read_text())
    wait_until_ready("the end of the server", lambda: not _exists(server) and not home.exists(), timeout=30)


def test_a_server_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    server = SupervisedProcess(["sh", "-c", "echo no room left; exit 3"], tmp_path)

    def ended() -> bool:
        server.check()
        return False

    with pytest.raises(ServiceDidNotStart, match=r"exit code 3; its last words:\nno room left"):
        wait_until_ready("the server", ended, timeout=30)


def test_a_signal_ends_the_server(tmp_path: Path) -> None:
    server = SupervisedProcess(["sleep", "600"], tmp_path)
    server.signal("SIGTERM", timeout=30)
    assert not server.running


_A_TEST_THAT_NEEDS_KAFKA = """
pytest_plugins = ["tests.services.report", "tests.services.fixtures"]

def test_with_kafka(kafka):
    pass
"""


@pytest.mark.parametrize(
    ("programs", "outcome", "exit_code"),
    [(["java", "mvn"], "1 error", 1), (["java"], "1 skipped", 0), (["docker"], "1 error", 1)],
)
def test_a_broker_that_could_run_and_does_not_start_fails_the_run(
    tmp_path: Path, programs: list[str], outcome: str, exit_code: int
) -> None:
    (tmp_path / "bin").mkdir()
    for program in programs:
        broken = tmp_path / "bin" / program
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
    (tmp_path / "test_kafka.py").write_text(_A_TEST_THAT_NEEDS_KAFKA)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STREAMCORE_TEST_")}
    environment |= {"PATH": f"{tmp_path / 'bin'}", "PYTHONPATH": str(Path.cwd())}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_kafka.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in ran.stdout.splitlines()[-1]
    assert ran.returncode == exit_code


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
