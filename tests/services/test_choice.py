"""Which service is taken, and when a run without it fails instead of skipping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.services.choice import Facts, NotOnThisMachine, Way, choose
from tests.services.readiness import ServiceDidNotStart

NOTHING = Facts(
    service="Kafka",
    variable="STREAMCORE_TEST_KAFKA",
    address=None,
    docker_command=False,
    docker_engine=False,
    programs=False,
    hint="Java 17 or later and Maven",
)


@pytest.mark.parametrize(
    ("facts", "way"),
    [
        (
            replace(NOTHING, address="h:1", docker_command=True, docker_engine=True, programs=True),
            Way.ADDRESS,
        ),
        (replace(NOTHING, docker_command=True, docker_engine=True, programs=True), Way.CONTAINER),
        (replace(NOTHING, docker_command=True, programs=True), Way.PROGRAMS),
    ],
)
def test_the_first_way_that_is_there_is_taken(facts: Facts, way: Way) -> None:
    assert choose(facts) is way


def test_a_machine_with_nothing_skips_and_says_what_would_help() -> None:
    with pytest.raises(
        NotOnThisMachine, match="set STREAMCORE_TEST_KAFKA, start a Docker engine, or install Java 17"
    ):
        choose(NOTHING)


def test_an_installed_docker_that_is_down_fails_where_nothing_else_is_there() -> None:
    with pytest.raises(ServiceDidNotStart, match="its engine is down"):
        choose(replace(NOTHING, docker_command=True))
