"""Tasks and the driver's standard input."""

from __future__ import annotations

import subprocess
import sys
import textwrap

PROGRAM = """
    import sys
    from streamcore import Context

    with Context("local[2]", "stdin") as sc:
        print(sc.parallelize([1, 2], 2).map(lambda _: sys.stdin.readline()).collect())
        print(sc.parallelize(["x"], 1).pipe("cat").collect())
        print(sys.stdin.readline().strip())
"""


def test_a_task_finds_stdin_empty_and_the_driver_keeps_its_own() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        input="of the driver\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.splitlines() == ["['', '']", "['x']", "of the driver"]
