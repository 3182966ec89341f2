"""Every python block of the README and of docs/ runs, page by page, in an empty folder.

A page's services are stood in for: Kafka by librdkafka's mock cluster, PostgreSQL by SQLite.  A query
that would run for ever ends when it has taken what is there.
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

_STAND_INS = {
    "postgresql+psycopg://etl@localhost/shop": "sqlite:///docs.sqlite",
    'processingTime="1 second"': "availableNow=True",
}
_PAGES = {page.relative_to(ROOT).as_posix(): page for page in pages()}
_WITH_CODE = [name for name, page in _PAGES.items() if program_of(page.read_text()).strip()]


@pytest.fixture(scope="module")
def mock_kafka() -> Iterator[str]:
    from confluent_kafka import Producer

    cluster: Any = Producer({"test.mock.num.brokers": 1, "log_level": 3})
    for number in range(100):
        cluster.produce(
            "ad-events", b'{"ad_id": "a%d", "event_type": "view", "event_time": 0}' % (number % 10)
        )
    assert cluster.flush(10) == 0
    yield ",".join(f"{b.host}:{b.port}" for b in cluster.list_topics(timeout=10).brokers.values())
    cluster.flush(1)  # the cluster lives as long as this producer


@pytest.mark.parametrize("name", _WITH_CODE)
def test_the_code_of_a_page_runs(name: str, mock_kafka: str, tmp_path: Path) -> None:
    text = program_of(_PAGES[name].read_text())
    for written, here in (_STAND_INS | {"localhost:9092": mock_kafka}).items():
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
