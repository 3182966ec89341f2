"""The recipes of docs/operating.md and the image at the root agree with what the code does."""

from __future__ import annotations

import configparser
import json
import re
import shlex

from streamcore.cli import _parser
from streamcore.conf import Conf
from tests.docs.pages import ROOT

_PAGE = (ROOT / "docs" / "operating.md").read_text()
_COMPOSE = (ROOT / "docker-compose.yml").read_text()
_SHUTDOWN_S = Conf(loadDefaults=False).seconds("spark.streamcore.shutdown.timeout")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", _PAGE, re.MULTILINE | re.DOTALL)


def _dockerfile() -> list[tuple[str, str]]:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    steps = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in steps]


def test_every_recipe_leaves_a_batch_the_time_that_the_shutdown_gives_it() -> None:
    (unit,) = _blocks("ini")
    service = configparser.ConfigParser(interpolation=None)
    service.optionxform = str  # type: ignore[assignment,method-assign]
    service.read_string(unit)
    graces = [int(service["Service"]["TimeoutStopSec"])]
    graces += map(int, re.findall(r"terminationGracePeriodSeconds: (\d+)", _PAGE))
    graces += map(int, re.findall(r"--stop-timeout (\d+)", _PAGE))
    graces += map(int, re.findall(r"stop_grace_period: (\d+)s", _PAGE + _COMPOSE))
    assert len(graces) == 5
    assert min(graces) > _SHUTDOWN_S
    assert service["Service"]["SuccessExitStatus"] == "143"


def test_the_commands_of_the_recipes_are_commands() -> None:
    (unit,) = _blocks("ini")
    started = shlex.split(re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0])
    commands = [started, *(json.loads(found) for found in re.findall(r"command: (\[.*\])", _PAGE))]
    assert len(commands) == 3
    for command in commands:
        assert command[0].endswith("streamcore")
        chosen = _parser().parse_args(command[1:])
        for key, value in chosen.conf:
            Conf(loadDefaults=False).set(key, value)


def test_the_image_is_for_any_job_and_not_for_root() -> None:
    steps = _dockerfile()
    assert [rest for name, rest in steps if name == "CMD"] == ['["streamcore", "--help"]']
    assert [rest for name, rest in steps if name == "ENTRYPOINT"] == []
    assert [rest for name, rest in steps if name == "USER"][-1].isdigit()


def test_what_the_image_copies_is_there() -> None:
    from_here = [rest for name, rest in _dockerfile() if name == "COPY" and "--from" not in rest]
    copied = [path for rest in from_here for path in rest.split()[:-1]]
    assert "streamcore" in copied
    assert [path for path in copied if not (ROOT / path).exists()] == []


def test_the_demo_of_the_compose_file_says_its_command() -> None:
    (command,) = re.findall(r"command: (\[.*\])", _COMPOSE)
    program = json.loads(command)[-1]
    assert (ROOT / program.removeprefix("/app/")).exists()
