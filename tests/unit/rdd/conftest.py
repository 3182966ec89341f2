from __future__ import annotations

import pytest

from streamcore.conf import Conf
from streamcore.context import Context


@pytest.fixture(scope="session")
def sc():
    with Context("local[2]", "rdd tests") as context:
        yield context


@pytest.fixture(scope="session")
def tiny():
    """A context whose tasks may hold almost nothing in memory."""
    conf = (
        Conf(loadDefaults=False)
        .set("spark.python.worker.memory", "64k")
        .set("streamcore.storage.memory", "256k")
    )
    with Context("local[2]", "small memory", conf=conf) as context:
        yield context
