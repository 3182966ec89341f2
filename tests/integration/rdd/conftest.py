from __future__ import annotations

import pytest

from streamcore.conf import Conf
from streamcore.context import Context


@pytest.fixture
def folder(tmp_path):
    """Where the contexts of a test put their temporary files."""
    made = tmp_path / "local"
    made.mkdir()
    return made


@pytest.fixture
def sc(folder):
    conf = Conf(loadDefaults=False).set("spark.local.dir", folder).set("spark.locality.wait", "10ms")
    with Context("local[2]", "fault tests", conf=conf) as context:
        yield context
