"""The commit record as a property of the table: one for each sink name, the newest batch only."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import CheckpointFenced, CheckpointMismatch
from streamcore.spi.exactly_once import CommitRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING: Final = -1
"""The number of the batch before the first."""

_PROPERTY: Final = "streamcore.commit."
# The table's metadata is written whole with every batch: a long body goes in small.
_LONG: Final = 512


@dataclass(frozen=True)
class TableRecord:
    """What the table knows of a query: its newest batch, and the run that may write the next.

    Of batches up to `collected` no file is left that a crashed run has staged.
    """

    query_id: str
    run_id: str
    batch_id: int
    body: str
    collected: int = NOTHING

    @property
    def committed(self) -> CommitRecord | None:
        """The record as the engine gave it; None before the first batch."""
        return None if self.batch_id == NOTHING else CommitRecord(self.query_id, self.batch_id, self.body)


def property_name(sink_name: str) -> str:
    """The table property that holds a sink's record."""
    return f"{_PROPERTY}{sink_name}"


def to_property(record: TableRecord) -> str:
    """The text of the property.

    >>> from_property(to_property(TableRecord("q", "r", 3, "b" * 1000))).batch_id
    3
    """
    fields: dict[str, object] = {"query": record.query_id, "run": record.run_id, "batch": record.batch_id}
    fields["collected"] = record.collected
    if len(record.body) > _LONG:
        fields["zlib"] = base64.b64encode(zlib.compress(record.body.encode())).decode()
    else:
        fields["body"] = record.body
    return json.dumps(fields)


def from_property(text: str) -> TableRecord:
    """The record in a property's text; CheckpointMismatch for a text that we did not write."""
    try:
        fields = json.loads(text)
        packed = fields.get("zlib")
        body = fields["body"] if packed is None else zlib.decompress(base64.b64decode(packed)).decode()
        return TableRecord(
            str(fields["query"]),
            str(fields["run"]),
            int(fields["batch"]),
            str(body),
            int(fields["collected"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise CheckpointMismatch(
            f"the table's property with the commit record cannot be read ({error}): somebody has changed it. "
            "Restore it from an older metadata file of the table, or write to a new table"
        ) from error


def record_in(properties: Mapping[str, str], sink_name: str) -> TableRecord | None:
    """The record that a table holds for a sink name; None when no query has written under it."""
    text = properties.get(property_name(sink_name))
    return None if text is None else from_property(text)


def require_own(found: TableRecord | None, query_id: str, place: str) -> None:
    """Raises CheckpointMismatch where a batch of another query is the newest."""
    if found is not None and found.query_id != query_id and found.batch_id != NOTHING:
        raise CheckpointMismatch(
            f"{place} already holds batches of another query ({found.query_id}, the last is "
            f"{found.batch_id}): with a new checkpoint every row would be written a second time. Start with "
            "the checkpoint that belongs to the table, or write to a new table; a second query that is meant "
            "to write into this table needs an own name: option sinkName"
        )


def has_landed(found: TableRecord | None, mine: TableRecord, before: int, place: str) -> bool:
    """Whether `mine` is in the table, told from what the table holds after a commit that failed or got lost.

    Raises CheckpointFenced when another run has written meanwhile.
    """
    if found is None or (found.query_id, found.run_id) != (mine.query_id, mine.run_id):
        raise fenced(found, mine, place)
    if found.batch_id == mine.batch_id:
        return True
    if found.batch_id == before:
        return False
    raise fenced(found, mine, place)


def fenced(found: TableRecord | None, mine: TableRecord, place: str) -> CheckpointFenced:
    """The error for a run that was superseded."""
    holder = "nobody" if found is None else f"the run {found.run_id} of the query {found.query_id}"
    return CheckpointFenced(
        f"the batch {mine.batch_id} was not committed to {place}: it belongs to {holder} by now, so this run "
        f"({mine.run_id}) has ended. Nothing of the batch is visible"
    )
