"""Every python block of the README and of docs/ runs, page by page, in an empty folder.

A page's services are stood in for: Kafka by librdkafka's mock cluster, PostgreSQL by SQLite.  A query
that would run for ever ends when it has taken what is there.  Pages that write to Kafka meet a real one,
since the mock keeps no ledger.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, pages, program_of
from tests.services.kafka_topics import KafkaTopics

_STAND_INS = {
    "postgresql+psycopg://etl@localhost/shop": "sqlite:///docs.sqlite",
    'processingTime="1 second"': "availableNow=True",
}
_TOPICS_WRITTEN = {"docs/kafka.md": ("views-per-ad", "one", "other")}
_PAGES = {page.relative_to(ROOT).as_posix(): page for page in pages()}
_WITH_CODE = [name for name, page in _PAGES.items() if program_of(page.read_text()).strip()]


def _events() -> list[bytes]:
    return [b'{"ad_id": "a%d", "event_type": "view", "event_time": 0}' % (n % 10) for n in range(100)]


@pytest.fixture(scope="module")
def mock_kafka() -> Iterator[str]:
    from confluent_kafka import Producer

    cluster: Any = Producer({"test.mock.num.brokers": 1, "log_level": 3})
    for event in _events():
        cluster.produce("ad-events", event)
    assert cluster.flush(10) == 0
    yield ",".join(f"{b.host}:{b.port}" for b in cluster.list_topics(timeout=10).brokers.values())
    cluster.flush(1)  # the cluster lives as long as this producer


@pytest.mark.parametrize("name", [name for name in _WITH_CODE if name not in _TOPICS_WRITTEN])
def test_the_code_of_a_page_runs(name: str, mock_kafka: str, tmp_path: Path) -> None:
    _run_page(name, mock_kafka, tmp_path)


@pytest.mark.integration
@pytest.mark.parametrize("name", _TOPICS_WRITTEN)
def test_the_code_of_a_page_that_writes_to_kafka_runs(name: str, kafka: KafkaTopics, tmp_path: Path) -> None:
    for topic in ("ad-events", *_TOPICS_WRITTEN[name]):
        kafka.new_topic(name=topic)
    kafka.produce("ad-events", _events())
    _run_page(name, kafka.bootstrap, tmp_path)


def _run_page(name: str, bootstrap: str, tmp_path: Path) -> None:
    text = program_of(_PAGES[name].read_text())
    for written, here in (_STAND_INS | {"localhost:9092": bootstrap}).items():
        text = text.replace(written, here)
    script = tmp_path / Path(name).with_suffix(".py").name
    script.write_text(text)
    ran = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, f"{name} (the lines are those of the page):\n{ran.stderr}"


@pytest.mark.parametrize("name", _PAGES)
def test_links_between_pages_lead_somewhere(name: str) -> None:
    page = _PAGES[name]
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []
