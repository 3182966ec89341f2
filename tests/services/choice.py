"""Which Kafka, and which PostgreSQL, the tests take: decided from facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from tests.services.readiness import ServiceDidNotStart


class Way(Enum):
    """Where a service comes from, the first that can be had."""

    ADDRESS = auto()
    CONTAINER = auto()
    PROGRAMS = auto()


class NotOnThisMachine(Exception):
    """Nothing here can run the service: the one reason to skip."""


@dataclass(frozen=True)
class Facts:
    """What the machine offers for one service.

    `programs` says whether its own programs are there (Java with Maven, initdb), `hint` which ones those are.
    What comes after a way that is there need not be looked at, and is False.
    """

    service: str
    variable: str
    address: str | None
    docker_command: bool
    docker_engine: bool
    programs: bool
    hint: str


def choose(facts: Facts) -> Way:
    """Return the way to the service.

    Raises NotOnThisMachine where there is none, and ServiceDidNotStart where Docker is installed but does not
    answer and nothing else is there: this machine can run the service, once its engine is up.
    """
    if facts.address:
        return Way.ADDRESS
    if facts.docker_engine:
        return Way.CONTAINER
    if facts.programs:
        return Way.PROGRAMS
    wanted = f"set {facts.variable}, start a Docker engine, or install {facts.hint}"
    if facts.docker_command:
        raise ServiceDidNotStart(
            f"no {facts.service}: docker is on the PATH but its engine is down; {wanted}"
        )
    raise NotOnThisMachine(f"no {facts.service} on this machine: {wanted}")
