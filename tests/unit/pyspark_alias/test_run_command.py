"""`streamcore run`: a program as its own interpreter would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streamcore", "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def job(folder: Path, text: str) -> Path:
    path = folder / "job.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_program_is_main_and_gets_its_own_arguments(tmp_path: Path) -> None:
    path = job(tmp_path, "import sys; print(__name__, sys.argv[1:], __file__ == sys.argv[0])")
    assert run(path, "--name", "x", "y").stdout == "__main__ ['--name', 'x', 'y'] True\n"


def test_the_program_imports_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("WORD = 'hello'", encoding="utf-8")
    assert run(job(tmp_path, "import neighbour; print(neighbour.WORD)")).stdout == "hello\n"


def test_settings_reach_the_context_and_the_session(tmp_path: Path) -> None:
    path = job(
        tmp_path,
        "from streamcore import Conf\n"
        "keys = ('spark.master', 'spark.app.name', 'spark.sql.shuffle.partitions')\n"
        "print(*map(Conf().get, keys))",
    )
    found = run("--master", "local[3]", "--name", "mine", "--conf", "spark.sql.shuffle.partitions=7", path)
    assert found.stdout == "local[3] mine 7\n"


def test_what_the_program_sets_itself_wins(tmp_path: Path) -> None:
    path = job(
        tmp_path, "from streamcore import Conf; print(Conf().setMaster('local[1]').get('spark.master'))"
    )
    assert run("--master", "local[3]", path).stdout == "local[1]\n"


def test_an_error_shows_the_program_lines_and_fails(tmp_path: Path) -> None:
    found = run(job(tmp_path, "def broken():\n    return 1 / 0\n\nbroken()"))
    assert found.returncode == 1
    assert "ZeroDivisionError" in found.stderr
    assert "commands/run.py" not in found.stderr


def test_the_exit_code_of_the_program_is_kept(tmp_path: Path) -> None:
    assert run(job(tmp_path, "import sys; sys.exit(7)")).returncode == 7


def test_a_program_that_does_not_exist_is_named() -> None:
    found = run("nowhere/job.py")
    assert found.returncode == 2
    assert "nowhere/job.py" in found.stderr


def test_without_the_flag_pyspark_is_not_taken_over(tmp_path: Path) -> None:
    path = job(
        tmp_path,
        "import sys\nprint(any('pyspark' in type(finder).__module__ for finder in sys.meta_path))",
    )
    assert run(path).stdout == "False\n"


def test_a_setting_without_a_value_is_refused(tmp_path: Path) -> None:
    found = run("--conf", "spark.x", job(tmp_path, ""))
    assert found.returncode == 2
    assert "KEY=VALUE" in found.stderr
