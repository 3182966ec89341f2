"""Both ways from a consumer to Arrow give the same rows, and each record once."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from confluent_kafka import KafkaError, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.sources.kafka.columns import kafka_schema
from streamcore.sources.kafka.intake import BatchLimits, Intake, Taken
from streamcore.spi.types import to_arrow_schema
from tests.unit.sources.scripted_kafka import (
    INTAKES,
    ScriptedConsumer,
    ScriptedMessages,
    failure,
    intake_over,
    record,
)

ALL = to_arrow_schema(kafka_schema(headers=True)).names

Ended = list[tuple[int, str | None, int]]


def taken(intake: Intake, end: int, columns: list[str], limits: BatchLimits) -> tuple[pa.Table, Ended]:
    """Return everything from offset 0 to `end`, and every error with the position and offset it came at."""
    position, batches = 0, []
    errors: Ended = []
    while position < end:
        batch = intake.batch(columns, limits)
        while not batch.is_full and position < end:
            found: Taken = intake.take(batch, position, end)
            if found.error is not None:
                errors.append((found.position, found.error.name(), found.error_offset))
            elif found.position == position and not batch.is_full:
                end = position  # the script has ended
            position = found.position
        if batch.rows:
            built = batch.build()
            built.validate(full=True)
            assert built.num_rows <= limits.rows or limits.rows < 1000
            batches.append(built)
    return pa.concat_tables(
        [pa.Table.from_batches([batch]) for batch in batches]
    ) if batches else None, errors


contents = st.none() | st.binary(max_size=3) | st.integers(0, 20_000).map(lambda size: b"x" * size)
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
records = st.fixed_dictionaries({
    "value": contents,
    "key": contents,
    "headers": st.none() | st.lists(st.tuples(names, contents), max_size=4),
    "timestamp": st.tuples(st.integers(0, 2), st.integers(-1, 2**42)),
    "gap": st.sampled_from([1, 1, 1, 2, 7]),
})  # fmt: skip
scripts = st.lists(records | st.sampled_from([KafkaError._PARTITION_EOF, KafkaError._TRANSPORT]), max_size=40)


def messages(script: list[Any]) -> list[Message]:
    found, offset = [], 0
    for step in script:
        if isinstance(step, int):
            found.append(failure(step, offset))
        else:
            offset += step["gap"]
            found.append(record(offset - 1, **{k: v for k, v in step.items() if k != "gap"}))
    return found


@settings(max_examples=60, deadline=None)
@given(
    script=scripts,
    at_once=st.integers(1, 50),
    end=st.integers(1, 100),
    rows=st.integers(1, 30),
    size=st.integers(1, 50_000),
    columns=st.lists(st.sampled_from(ALL), unique=True, min_size=1),
)
def test_both_ways_give_the_same_rows(
    script: list[Any], at_once: int, end: int, rows: int, size: int, columns: list[str]
) -> None:
    limits = BatchLimits(rows=rows, size=size)
    by_messages, native = (
        taken(intake_over(kind, ScriptedMessages(messages(script), at_once)), end, columns, limits)
        for kind in INTAKES
    )
    assert native == by_messages


@pytest.mark.parametrize("kind", INTAKES)
def test_records_behind_the_end_are_kept_for_the_next_range(kind: str) -> None:
    intake = intake_over(kind, ScriptedMessages([record(0), record(5), record(6)], at_once=10))
    limits = BatchLimits(rows=100, size=1000)
    first = intake.batch(["offset"], limits)
    assert intake.take(first, 0, 5) == Taken(5)
    assert first.build().to_pydict() == {"offset": [0]}
    second = intake.batch(["offset"], limits)
    assert intake.take(second, 5, 7).position == 7
    assert second.build().to_pydict() == {"offset": [5, 6]}


@pytest.mark.parametrize("kind", INTAKES)
def test_a_seek_drops_what_was_fetched_ahead(kind: str) -> None:
    intake = intake_over(kind, ScriptedMessages([record(0), record(5), record(6), record(3)], at_once=3))
    limits = BatchLimits(rows=100, size=1000)
    intake.take(intake.batch(["offset"], limits), 0, 5)
    intake.seek(2)
    batch = intake.batch(["offset"], limits)
    assert intake.take(batch, 2, 4).position == 4
    assert batch.build().to_pydict() == {"offset": [3]}


@pytest.mark.parametrize("kind", INTAKES)
def test_no_columns_are_a_count_of_rows(kind: str) -> None:
    intake = intake_over(kind, ScriptedMessages([record(0), record(1)], at_once=10))
    batch = intake.batch([], BatchLimits(rows=100, size=1000))
    intake.take(batch, 0, 2)
    built = batch.build()
    assert (built.num_rows, built.num_columns) == (2, 0)


def test_a_partition_whose_queue_was_made_anew_is_read_from_where_it_stands() -> None:
    consumer = ScriptedConsumer(0, 10)
    intake: Any = intake_over("native", consumer)
    intake.seek(0)
    batch = intake.batch(["offset"], BatchLimits(rows=100, size=1000))
    intake.take(batch, 0, 4)
    elsewhere = [record(4)]
    intake.consumer.consume = lambda *_: [elsewhere.pop()] if elsewhere else []
    consumer.high = 4
    assert intake.take(batch, 4, 10) == Taken(4)
    consumer.high = 10
    assert consumer.seeks == [0, 4]
    assert intake.take(batch, 4, 10).position == 10
    assert batch.build().to_pydict() == {"offset": list(range(10))}


def test_every_message_that_librdkafka_gave_is_given_back() -> None:
    intake: Any = intake_over("native", ScriptedMessages([record(n) for n in range(10)], at_once=10))
    intake.take(intake.batch(["value"], BatchLimits(rows=4, size=1000)), 0, 10)
    assert intake._library.outstanding == 6
    intake.close()
    assert intake._library.outstanding == 0


def test_a_batch_ends_before_its_32_bit_offsets_would_overflow() -> None:
    script = ScriptedMessages([record(0, value=b"12345"), record(1, value=b"67890")], at_once=1)
    intake = intake_over("native", script)
    batch: Any = intake.batch(["value"], BatchLimits(rows=100, size=2**40))
    assert intake.take(batch, 0, 1).position == 1
    batch.filled.parts.value.used = 2**31 - 3  # as if the first value were that long
    assert intake.take(batch, 1, 2).position == 1
    assert batch.is_full
    following = intake.batch(["value"], BatchLimits(rows=100, size=2**40))
    assert intake.take(following, 1, 2).position == 2
    assert following.build().to_pydict() == {"value": [b"67890"]}
