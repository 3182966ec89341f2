"""From a DataFrame and what its writer collected to a running query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.execution.leaves import local_relation
from streamcore.spi.clock import SystemClock
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.execution.caching import cache_of
from streamcore.sql.streaming.query import StreamingQuery
from streamcore.sql.streaming.tables import register_memory_table
from streamcore.streaming.services import Services
from streamcore.streaming.starting import prepare_run

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.clock import Clock
    from streamcore.spi.types import StructType
    from streamcore.sql.session import Session
    from streamcore.streaming.run import QueryRun
    from streamcore.streaming.services import WriteDescription


def start_query(df: DataFrame, write: WriteDescription) -> StreamingQuery:
    """Checks everything, opens everything, starts the thread."""
    session = df.sparkSession
    streams = session.streams
    query = StreamingQuery(open_run(df, write, SystemClock()), streams.bus, streams.deregister)
    streams.register(query)
    query.run_in_background(frozenset(session.sparkContext.getJobTags()))
    return query


def open_run(df: DataFrame, write: WriteDescription, clock: Clock) -> QueryRun:
    """Checks everything, opens everything; whoever calls runs the batches."""
    session = df.sparkSession
    session.streams.require_free(write.name)
    plan = cache_of(session).applied(df.plan)
    return prepare_run(plan, write, services_of(session, df.schema, clock))


def services_of(session: Session, schema: StructType, clock: Clock) -> Services:
    """What a session gives to a query whose rows have this schema."""

    def batch_frame(rows: pa.Table) -> DataFrame:
        return DataFrame(local_relation(rows, schema), session)

    def publish(name: str, data_source: object, columns: StructType) -> None:
        register_memory_table(session, name, data_source, columns)

    return Services(session.conf, session.execution, session.executor, clock, batch_frame, publish)
