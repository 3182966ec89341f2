"""One session for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamcore.sql.session import Session


@pytest.fixture(scope="package")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("ml").create() as made:
        yield made
