"""A connection to Kafka breaks in the middle of a request: it is made again, and nothing is made up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.sources.kafka_reading import batch_rows, rows, stream_reader, to_the_end, values
from tests.services.kafka_proxy import KafkaProxy, Moment, Request
from tests.services.kafka_topics import KafkaTopics, Record

pytestmark = pytest.mark.integration

TIMES = 1
EVERYTHING = [f"{n}" for n in range(10)]
BASE_MS = 1_700_000_000_000


@pytest.fixture
def proxy(kafka: KafkaTopics) -> Iterator[KafkaProxy]:
    with KafkaProxy(kafka.bootstrap) as before:
        yield before


@pytest.fixture
def through(proxy: KafkaProxy) -> KafkaTopics:
    return KafkaTopics(proxy.bootstrap, "the proxy")


@pytest.fixture
def topic(kafka: KafkaTopics) -> str:
    name = kafka.new_topic()
    kafka.produce(name, [Record(text.encode(), timestamp=BASE_MS + int(text)) for text in EVERYTHING])
    return name


cut_anywhere = pytest.mark.parametrize("moment", Moment)


@cut_anywhere
@pytest.mark.parametrize("position", ["earliest", "latest"])
def test_a_new_query_never_takes_a_cut_answer_for_its_start(
    through: KafkaTopics, proxy: KafkaProxy, topic: str, position: str, moment: Moment
) -> None:
    reader = stream_reader(through, subscribe=topic, startingOffsets=position)
    proxy.cut(Request.LIST_OFFSETS, moment, TIMES)
    assert reader.initialOffset() == {topic: {"0": 0 if position == "earliest" else 10}}
    assert proxy.cuts == TIMES
    reader.stop()


@cut_anywhere
@pytest.mark.parametrize("request_kind", [Request.LIST_OFFSETS, Request.METADATA])
def test_a_cut_answer_is_never_taken_for_lost_data(
    through: KafkaTopics, proxy: KafkaProxy, topic: str, request_kind: Request, moment: Moment
) -> None:
    reader = stream_reader(through, subscribe=topic)
    start = reader.initialOffset()
    reader._looked_ms = None  # as if a second had passed
    proxy.cut(request_kind, moment, TIMES)
    assert to_the_end(reader, start) == {topic: {"0": 10}}
    assert proxy.cuts == TIMES
    proxy.cut(request_kind, moment, TIMES)
    reader.prepareForTriggerAvailableNow()
    assert to_the_end(reader, start) == {topic: {"0": 10}}
    reader.stop()


@cut_anywhere
def test_a_cut_answer_is_not_the_answer_that_no_record_is_so_young(
    through: KafkaTopics, proxy: KafkaProxy, topic: str, moment: Moment
) -> None:
    span = {"startingTimestamp": f"{BASE_MS + 3}", "endingTimestamp": f"{BASE_MS + 6}"}
    proxy.cut(Request.LIST_OFFSETS, moment, TIMES)
    assert values(batch_rows(through, subscribe=topic, **span)) == ["3", "4", "5"]
    assert proxy.cuts == TIMES


@cut_anywhere
def test_a_batch_read_never_counts_no_rows_because_of_a_cut_answer(
    through: KafkaTopics, proxy: KafkaProxy, topic: str, moment: Moment
) -> None:
    proxy.cut(Request.LIST_OFFSETS, moment, TIMES)
    assert values(batch_rows(through, subscribe=topic)) == EVERYTHING
    assert proxy.cuts == TIMES


@cut_anywhere
def test_records_are_read_once_over_connections_that_are_cut_while_they_are_fetched(
    through: KafkaTopics, proxy: KafkaProxy, topic: str, moment: Moment
) -> None:
    proxy.cut(Request.FETCH, moment, TIMES)
    assert values(batch_rows(through, subscribe=topic)) == EVERYTHING
    assert proxy.cuts == TIMES


@cut_anywhere
def test_the_bounds_of_a_partition_are_asked_again_when_their_answer_is_cut(
    through: KafkaTopics, kafka: KafkaTopics, proxy: KafkaProxy, topic: str, moment: Moment
) -> None:
    reader = stream_reader(through, subscribe=topic, failOnDataLoss="false")
    start = reader.initialOffset()
    end = to_the_end(reader, start)
    kafka.delete_records(topic, 0, before=6)
    proxy.cut(Request.LIST_OFFSETS, moment, TIMES)
    assert values(rows(reader, start, end)) == ["6", "7", "8", "9"]
    assert proxy.cuts == TIMES
    reader.stop()
