"""What the ledger topic holds: tokens, each the commit record of a query's newest batch.

A token is one record or several, since a broker takes records of a limited size only. All are written in the
transaction that they stand for, the head last: it has the query's id as its key, the n-th of the others
`<query id>/<n>`. So compaction keeps exactly the newest token of each query, whole. Values are JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import CheckpointMismatch
from streamcore.spi.exactly_once import CommitRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

KeyAndValue = tuple[bytes, bytes]

_FORMAT: Final = 1
# Escaped as JSON a character is at most twelve bytes, and brokers take a megabyte by default.
_PART_CHARACTERS: Final = 80_000


@dataclass(frozen=True)
class Token:
    """The commit record, and the run that has written it."""

    run_id: str
    record: CommitRecord


class PartsMissing(Exception):
    """The head of a token was found, and what belongs to it must lie further back."""


def to_records(token: Token) -> list[KeyAndValue]:
    """The token as it is written, in this order."""
    body = token.record.body
    pieces = [body[at : at + _PART_CHARACTERS] for at in range(0, len(body), _PART_CHARACTERS)] or [""]
    records = [(_key(token.record.query_id, n), _value(token, n, len(pieces))) for n in range(len(pieces))]
    return records[1:] + records[:1]


def is_of(query_id: str, key: bytes | None) -> bool:
    """Whether a record of the ledger belongs to the tokens of a query."""
    head = query_id.encode()
    return key is not None and (key == head or key.startswith(head + b"/"))


def newest_token(query_id: str, records: Sequence[KeyAndValue]) -> Token | None:
    """The newest token in a stretch of the ledger, whose records are given in their order.

    Raises PartsMissing when the stretch has its head but not all of it.
    """
    heads = [at for at, (key, _) in enumerate(records) if key == query_id.encode()]
    if not heads:
        return None
    head = _read(records[heads[-1]][1])
    before = dict(records[: heads[-1]])
    pieces = [str(head["body"])]
    for number in range(1, head["parts"]):
        part = _read(before.get(_key(query_id, number), b"{}"))
        if (part.get("run"), part.get("batch")) != (head["run"], head["batch"]):
            raise PartsMissing
        pieces.append(str(part["body"]))
    return Token(str(head["run"]), CommitRecord(query_id, int(head["batch"]), "".join(pieces)))


def _key(query_id: str, part: int) -> bytes:
    return query_id.encode() if part == 0 else f"{query_id}/{part}".encode()


def _value(token: Token, part: int, parts: int) -> bytes:
    start = part * _PART_CHARACTERS
    fields = {
        "format": _FORMAT,
        "run": token.run_id,
        "batch": token.record.batch_id,
        "part": part,
        "parts": parts,
        "body": token.record.body[start : start + _PART_CHARACTERS],
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def _read(value: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(value)
    if fields and fields["format"] != _FORMAT:
        raise CheckpointMismatch(
            f"the ledger topic holds a commit record of format {fields['format']}, and this version of "
            f"streamcore reads format {_FORMAT}: start the query with the version that has written it"
        )
    return fields
