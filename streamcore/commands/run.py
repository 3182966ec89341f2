"""`streamcore run JOB.py ARGS...`: run a program, one for PySpark too."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "run",
        help="run a program",
        description="Run a Python program as `python JOB ARGS...` does. Settings given here hold unless the "
        "program sets them itself.",
    )
    parser.add_argument(
        "--as-pyspark", action="store_true", help="let `import pyspark` mean streamcore, without PySpark"
    )
    parser.add_argument("--master", metavar="MASTER", help="where the work runs: local, local[n], local[*]")
    parser.add_argument("--name", metavar="NAME", help="the name of the application")
    parser.add_argument(
        "--conf",
        action="append",
        default=[],
        type=_setting,
        metavar="KEY=VALUE",
        help="a setting",
    )
    parser.add_argument("job", metavar="JOB", help="the program, a Python file")
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="what the program gets")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs the program; 1 with its traceback on stderr when it raised."""
    path = Path(arguments.job)
    try:
        code = compile(path.read_bytes(), str(path), "exec")
    except (OSError, SyntaxError, ValueError) as error:
        print(f"streamcore: cannot run {path}: {error}", file=sys.stderr)
        return 2
    for key, value in _settings(arguments):
        os.environ[f"STREAMCORE_CONF_{key.replace('.', '__')}"] = value
    if arguments.as_pyspark:
        from streamcore.pyspark import activate

        activate()
    sys.argv = [arguments.job, *arguments.arguments]
    sys.path.insert(0, str(path.resolve().parent))
    main = _main_module(path)
    from streamcore.streaming.termination import ends_in_order

    try:
        with ends_in_order():
            exec(code, main.__dict__)  # noqa: S102 - running the program is what was asked for
    except Exception as error:  # noqa: BLE001 - reported as the interpreter would
        _print_traceback(error, str(path))
        return 1
    return 0


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _settings(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    named = (("spark.master", arguments.master), ("spark.app.name", arguments.name))
    return [*arguments.conf, *((key, value) for key, value in named if value is not None)]


def _main_module(path: Path) -> ModuleType:
    # The program's functions must belong to `__main__`: then they are sent to workers by value.
    main = ModuleType("__main__")
    main.__file__ = str(path)
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    return main


def _print_traceback(error: Exception, job: str) -> None:
    """Print what went wrong, from the program's first line on."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename != job:
        at = at.tb_next
    traceback.print_exception(error.with_traceback(at))
