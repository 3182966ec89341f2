"""A commit message that carries its task's rows, for sinks that write in the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.spi.datasource import WriterCommitMessage

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class RowsMessage(WriterCommitMessage):
    """The rows of one write task."""

    table: pa.Table


def rows_of(messages: Sequence[WriterCommitMessage | None], schema: pa.Schema) -> pa.Table:
    """The rows of all tasks, in the order of the messages."""
    tables = [message.table for message in messages if isinstance(message, RowsMessage)]
    return pa.concat_tables([schema.empty_table(), *tables])
