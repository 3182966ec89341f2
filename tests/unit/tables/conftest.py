"""One session with a warehouse of its own, and no tables left by the test before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.conf import Conf
from streamcore.context import Context
from streamcore.sql.session import Session


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse."""
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="package")
def session(folder: Path) -> Iterator[Session]:
    # A context of its own: where the warehouse is belongs to the application.
    conf = Conf(loadDefaults=False).setMaster("local[2]").set("spark.sql.warehouse.dir", str(folder))
    with Session(Context(conf=conf.set("spark.sql.session.timeZone", "Europe/Berlin"))) as made:
        yield made


@pytest.fixture(autouse=True)
def _no_tables(session: Session) -> Iterator[None]:
    yield
    session.catalog.setCurrentDatabase("default")
    for database in session.catalog.listDatabases():
        if database.name != "default":
            session.catalog.dropDatabase(database.name, cascade=True)
    for table in session.catalog.listTables():
        session.sql(f"DROP {'VIEW' if table.tableType == 'VIEW' else 'TABLE'} {table.name}")
