"""One session with a warehouse of its own, and no tables left by the test before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.sql.session import Session


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse."""
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="package")
def session(folder: Path) -> Iterator[Session]:
    builder = Session.builder.master("local[2]").config("spark.sql.warehouse.dir", str(folder))
    with builder.config("spark.sql.session.timeZone", "Europe/Berlin").create() as made:
        # A running application would keep its own.
        assert made.conf.get("spark.sql.warehouse.dir") == str(folder)
        yield made


@pytest.fixture(autouse=True)
def _no_tables(session: Session) -> Iterator[None]:
    yield
    session.catalog.setCurrentDatabase("default")
    for database in session.catalog.listDatabases():
        if database.name != "default":
            session.catalog.dropDatabase(database.name, cascade=True)
    for table in session.catalog.listTables():
        session.sql(f"DROP TABLE {table.name}")
