"""What is written of the data, and by which loader: rows as they are, or the changes that they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.sinks.database.change_loader import ChangeLoader
from streamcore.sinks.database.loaders import loader_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa
    from sqlalchemy.engine import Dialect

    from streamcore.sinks.database.change_columns import ChangeColumns
    from streamcore.sinks.database.loaders import Loader
    from streamcore.sinks.database.settings import DatabaseSettings
    from streamcore.spi.types import StructType


@dataclass(frozen=True)
class Target:
    """The columns of the table, and those of the data that tell about changes."""

    schema: StructType
    changes: ChangeColumns | None


def target_of(settings: DatabaseSettings, schema: StructType) -> Target:
    """What is written of data with this schema; AnalysisException when a column is missing in it."""
    if settings.changes is None:
        return Target(schema, None)
    told = settings.changes.of_data(schema.names)
    return Target(told.without(schema), told)


def loader_of(
    settings: DatabaseSettings, target: Target, dialect: Dialect, table: sa.Table, keys: Sequence[str]
) -> Loader:
    """The loader for the data; AnalysisException when the database cannot do what they need."""
    if target.changes is None:
        return loader_for(dialect, table, keys, settings.batch_rows)
    return ChangeLoader(dialect, table, keys, target.changes, settings.batch_rows)
