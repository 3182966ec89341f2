"""The decisions of postgres-changes without a server: decoding of messages, positions, what is lost."""

from __future__ import annotations

import itertools
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.errors import (
    AnalysisException,
    CheckpointMismatch,
    IllegalArgumentException,
    OffsetsLost,
    QueryExecutionException,
)
from streamcore.sources.postgres_changes.array_text import elements
from streamcore.sources.postgres_changes.catalog import data_type_of
from streamcore.sources.postgres_changes.changes import TableShape, changes_schema
from streamcore.sources.postgres_changes.decoder import Decoder
from streamcore.sources.postgres_changes.positions import (
    IDLE_LOG_BYTES,
    Position,
    SlotStatus,
    Transaction,
    end_within,
    position_of,
    require_kept,
)
from streamcore.sources.postgres_changes.source import PostgresChangesDataSource
from streamcore.spi import types as t

TABLE = TableShape("public", "things", t.parse_ddl("id int, word string"), ("id",))

# ---- messages, as PostgreSQL's documentation has them ------------------------------------------------


def begin(lsn: int, xid: int) -> bytes:
    return struct.pack(">cQqI", b"B", lsn, 1_000_000, xid)


def commit(lsn: int) -> bytes:
    return struct.pack(">cBQQq", b"C", 0, lsn, lsn + 8, 1_000_000)


def relation(number: int, name: str, *columns: str) -> bytes:
    head = struct.pack(">cI", b"R", number) + b"public\0" + name.encode() + b"\0d"
    parts = [
        bytes([place == 0]) + c.encode() + struct.pack(">xIi", 25, -1) for place, c in enumerate(columns)
    ]
    return head + struct.pack(">H", len(columns)) + b"".join(parts)


def row(*values: str | None) -> bytes:
    sent = [
        b"n"
        if value is None
        else b"u"
        if value == "?"
        else struct.pack(">cI", b"t", len(value.encode())) + value.encode()
        for value in values
    ]
    return struct.pack(">H", len(values)) + b"".join(sent)


def insert(number: int, *values: str | None) -> bytes:
    return struct.pack(">cI", b"I", number) + b"N" + row(*values)


def update(number: int, *values: str | None, key: bytes = b"") -> bytes:
    return struct.pack(">cI", b"U", number) + key + b"N" + row(*values)


def delete(number: int, *values: str | None) -> bytes:
    return struct.pack(">cI", b"D", number) + b"K" + row(*values)


def truncate(*numbers: int) -> bytes:
    return struct.pack(f">cIB{len(numbers)}I", b"T", len(numbers), 0, *numbers)


STREAM = [
    begin(100, 7), relation(1, "things", "id", "word"), insert(1, "1", "one"), relation(2, "others", "x"),
    insert(2, "9"), update(1, "1", "ü" * 50), commit(100),
    begin(200, 8), update(1, "2", "uno", key=b"K" + row("1", None)), update(1, "2", "?"), commit(200),
    begin(300, 9), truncate(2), delete(1, "2", None), truncate(2, 1), insert(1, "3", None), commit(300),
    begin(400, 10), relation(1, "things", "id"), insert(1, "4"), commit(400),
]  # fmt: skip
TOLD = [
    ("c", 1, "one", 100, 0, 7, None), ("u", 1, "ü" * 50, 100, 1, 7, None),
    ("d", 1, None, 200, 0, 8, None), ("c", 2, "uno", 200, 1, 8, None), ("u", 2, None, 200, 2, 8, ["word"]),
    ("d", 2, None, 300, 0, 9, None), ("t", None, None, 300, 1, 9, None), ("c", 3, None, 300, 2, 9, None),
    ("c", 4, None, 400, 0, 10, None),
]  # fmt: skip


def decoded(
    pieces: list[list[bytes]], start: int = 0, end: int = 1000, **options: Any
) -> list[tuple[Any, ...]]:
    decoder = Decoder(TABLE, start, end, ignores_new_columns=options.get("ignores_new_columns", False))
    names = ("_op", "id", "word", "_lsn", "_seq", "_xid", "_unchanged")
    return [
        tuple(found[name] for name in names)
        for piece in pieces
        for batch in decoder.feed(piece)
        for found in batch.to_pylist()
    ]


@given(cuts=st.sets(st.integers(1, len(STREAM) - 1)))
@settings(max_examples=60, deadline=None)
def test_messages_mean_the_same_in_whatever_pieces_they_come(cuts: set[int]) -> None:
    bounds = [0, *sorted(cuts), len(STREAM)]
    assert decoded([STREAM[a:b] for a, b in itertools.pairwise(bounds)]) == TOLD


@pytest.mark.parametrize(("start", "end"), [(100, 200), (101, 400), (0, 101), (400, 401), (401, 999)])
def test_a_range_has_the_transactions_whose_commit_begins_in_it(start: int, end: int) -> None:
    assert decoded([STREAM], start, end) == [change for change in TOLD if start <= change[3] < end]


def test_a_new_column_is_refused_or_left_out() -> None:
    stream = [begin(1, 1), relation(1, "things", "id", "new", "word"), insert(1, "1", "x", "one"), commit(1)]
    with pytest.raises(AnalysisException, match="newColumns=ignore"):
        decoded([stream])
    assert decoded([stream], ignores_new_columns=True) == [("c", 1, "one", 1, 0, 1, None)]


@pytest.mark.parametrize(
    "damaged",
    [
        insert(1, "1"),
        insert(1, "1", "one", "more"),
        struct.pack(">cI", b"I", 1) + b"N" + struct.pack(">H", 2) + b"b\0\0\0\0b\0\0\0\0",
    ],
)
def test_a_tuple_that_is_not_as_announced_is_refused(damaged: bytes) -> None:
    with pytest.raises(QueryExecutionException):
        decoded([[begin(1, 1), relation(1, "things", "id", "word"), damaged, commit(1)]])


# ---- positions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "position", [Position("7", None), Position("7", 2**33 + 5), Position("7", 12, of_rows=True)]
)
def test_a_position_is_logged_and_found_again(position: Position) -> None:
    assert position_of(position.to_offset()) == position


@pytest.mark.parametrize("offset", [{"things-0": 7}, {"system": "7", "lsn": "x"}, {"system": "7", "lsn": 7}])
def test_an_offset_of_another_source_is_refused(offset: dict[str, Any]) -> None:
    with pytest.raises(CheckpointMismatch, match="another source"):
        position_of(offset)


OFFERED = [Transaction(100, 3, 5), Transaction(200, 0, 2), Transaction(300, 3, 5), Transaction(400, 9, 11)]


@pytest.mark.parametrize(
    ("start", "looked", "most", "end"),
    [
        (0, 1, None, 1000),  # no limit: everything that is flushed
        (0, None, 100, 1000),  # all of it fits
        (0, None, 3, 300),  # the next transaction would be too many
        (0, None, 6, 400),
        (0, None, 1, 300),  # one transaction at least
        (350, None, 1, 1000),  # what was read before counts for nothing
        (0, 23, 100, 401),  # the look was cut off behind the last one
        (401, None, None, 401),  # nothing new
    ],
)
def test_a_batch_ends_between_transactions(
    start: int, looked: int | None, most: int | None, end: int
) -> None:
    assert end_within(OFFERED, start, 1000, looked, most) == end


def test_a_quiet_table_moves_on_when_others_have_written_much() -> None:
    assert end_within([], 100, 100 + IDLE_LOG_BYTES, None, None) == 100
    assert end_within([], 100, 101 + IDLE_LOG_BYTES, None, None) == 101 + IDLE_LOG_BYTES


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (SlotStatus("8", 900, 100, "reserved", 150000), "cluster 7"),
        (SlotStatus("7", 900, None, None, 150000), "not there any more"),
        (SlotStatus("7", 900, 100, "lost", 150000), "max_slot_wal_keep_size"),
        (SlotStatus("7", 400, 100, "reserved", 150000), "set back"),
        (SlotStatus("7", 900, 501, "reserved", 150000), "made it anew"),
    ],
)
def test_what_is_lost_is_told_with_the_way_out(status: SlotStatus, said: str) -> None:
    require_kept(Position("7", 500), SlotStatus("7", 900, 400, "extended", 150000), "mine")
    with pytest.raises(OffsetsLost, match=said) as raised:
        require_kept(Position("7", 500), status, "mine")
    assert "Start anew with an empty checkpoint" in str(raised.value)


# ---- types and options -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "element", "modifier", "expected"),
    [
        ("int8", None, -1, "bigint"),
        ("numeric", None, -1, "decimal(38,18)"),
        ("numeric", None, (10 << 16 | 2) + 4, "decimal(10,2)"),
        ("numeric", None, (50 << 16 | 2) + 4, "string"),
        ("numeric", None, (3 << 16 | 2047) + 4, "string"),  # a scale of -1
        ("_numeric", "numeric", (5 << 16 | 1) + 4, "array<decimal(5,1)>"),
        ("_text", "text", -1, "array<string>"),
        ("inet", None, -1, "string"),
    ],
)
def test_types_of_columns(plain: str, element: str | None, modifier: int, expected: str) -> None:
    assert data_type_of(plain, element, modifier).simpleString() == expected


@pytest.mark.parametrize("text", ["{{1},{2}}", "[0:1]={1,2}", "1"])
def test_an_array_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no array"):
        elements(text)


def test_a_table_with_a_column_that_means_something_else_is_refused() -> None:
    with pytest.raises(AnalysisException, match="_OP"):
        changes_schema(t.parse_ddl("id int, _OP string").fields, "things")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"slotName": "Mixed"}, "lower-case"),
        ({}, "slotName"),
        ({"slotName": "s", "dbtable": "a.b.c"}, "schema.table"),
        ({"slotName": "s", "url": "mysql://h/d"}, "reads PostgreSQL"),
        ({"slotName": "s", "startingPosition": "earliest"}, "initial, latest"),
        ({"slotName": "s", "slotNames": "t"}, "did you mean 'slotName'"),
        ({"slotName": "s", "maxChangesPerTrigger": "0"}, "at least 1"),
        ({"slotName": "s", "publicationName": "x" * 64}, "publicationName"),
    ],
)
def test_options_that_are_wrong_are_named(options: dict[str, str], said: str) -> None:
    told = {"url": "postgresql://me:hidden@host/db", "dbtable": "things"}
    with pytest.raises(IllegalArgumentException, match=said) as raised:
        PostgresChangesDataSource(told | options)
    assert "hidden" not in str(raised.value)
