"""Says at the end of a run how many tests met which Kafka and which PostgreSQL."""

from __future__ import annotations

from collections import Counter

import pytest

SERVICE_OF_FIXTURE = {
    "kafka": "kafka",
    "private_kafka": "kafka",
    "postgres": "postgres",
    "logical_postgres": "postgres",
    "private_postgres": "postgres",
    "s3": "s3",
    "private_s3": "s3",
    "azure": "azure",
    "kinesis": "kinesis",
    "private_kinesis": "kinesis",
    "schema_registry": "schema registry",
}
_PROPERTY = "service"
_DESCRIPTIONS = pytest.StashKey[dict[str, str]]()
_REQUEST = pytest.StashKey[pytest.FixtureRequest]()


def describe_service(config: pytest.Config, service: str, description: str) -> None:
    """Note what is behind a service; called by the fixture that offers it."""
    config.stash.setdefault(_DESCRIPTIONS, {})[service] = description


@pytest.fixture(autouse=True)
def _remember_the_request(request: pytest.FixtureRequest) -> None:
    """Keep it: a test may also ask for a service while it runs (`getfixturevalue`)."""
    request.node.stash[_REQUEST] = request


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ServiceReport(), "streamcore-service-report")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SERVICE_OF_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker("integration")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Write the services that a test met into its report, which also travels from worker processes."""
    request = item.stash.get(_REQUEST, None)
    if call.when != "call" or request is None:
        return
    known = item.config.stash.get(_DESCRIPTIONS, {})
    met = {SERVICE_OF_FIXTURE[name] for name in request.fixturenames if name in SERVICE_OF_FIXTURE}
    item.user_properties.extend(
        (_PROPERTY, f"{service}\t{known[service]}") for service in met if service in known
    )


class ServiceReport:
    """Counts the tests whose body ran against a service."""

    def __init__(self) -> None:
        self._ran: Counter[tuple[str, str]] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped:
            self._ran.update(
                (service, description)
                for name, value in report.user_properties
                if name == _PROPERTY
                for service, description in [str(value).split("\t")]
            )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("services")
        for line in summary(self._ran):
            terminalreporter.write_line(line)


def summary(ran: Counter[tuple[str, str]]) -> list[str]:
    """Return a line for each service and what was behind it.

    >>> summary(Counter({("kafka", "Apache Kafka 4.1.0 (Maven, KRaft)"): 14}))
    ['kafka: 14 tests against Apache Kafka 4.1.0 (Maven, KRaft)', 'postgres: no test ran against it', ...]
    """
    lines = []
    for service in dict.fromkeys(SERVICE_OF_FIXTURE.values()):
        met = [
            f"{service}: {count} tests against {what}"
            for (name, what), count in ran.items()
            if name == service
        ]
        lines += met or [f"{service}: no test ran against it"]
    return lines
