"""The rows that statements answer with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.execution.leaves import local_relation
from streamcore.execution.rows import table_from_rows
from streamcore.spi.types import BooleanType, StringType, StructField, StructType
from streamcore.sql.dataframe.core import frame_of

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


def texts(session: Session, names: str, rows: Sequence[tuple[Any, ...]]) -> DataFrame:
    """Rows of texts; a column whose name ends in `?` may be null, one that begins with `is` is a boolean."""
    fields = [_field(name) for name in names.split()]
    return local_rows(session, list(rows), StructType(fields))


def _field(name: str) -> StructField:
    data_type = BooleanType() if name.startswith("is") else StringType()
    return StructField(name.rstrip("?"), data_type, nullable=name.endswith("?"))


def local_rows(session: Session, rows: list[tuple[Any, ...]], schema: StructType) -> DataFrame:
    """Rows that a statement answers with."""
    return frame_of(local_relation(table_from_rows(rows, schema), schema), session)


def no_rows(session: Session) -> DataFrame:
    """What a statement without an answer gives."""
    return local_rows(session, [], StructType([]))
