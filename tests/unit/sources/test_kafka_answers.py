"""What a client library returns is believed only when it can be a broker's answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError

from streamcore.errors import SourceUnavailable
from streamcore.kafka.answers import (
    an_offset,
    an_offset_by_time,
    the_bounds,
    the_partitions,
    the_topics,
)
from streamcore.kafka.asking import ask_again
from streamcore.kafka.errors import NoAnswer, refusal, unanswered
from streamcore.kafka.failures import PASSING, Complaints, is_gone, is_out_of_range, may_pass

PLACE = ("t", 0)
INVALID = -1001


def test_an_offset_is_what_it_is() -> None:
    assert an_offset(0, PLACE) == 0
    assert an_offset(2**62, PLACE) == 2**62


@pytest.mark.parametrize("answer", [INVALID, -1, -2, -1000, None, 1.5])
def test_what_is_no_offset_is_no_answer(answer: object) -> None:
    with pytest.raises(NoAnswer, match="'t' partition 0"):
        an_offset(answer, PLACE)


def test_only_minus_one_says_that_no_record_is_so_young() -> None:
    assert an_offset_by_time(5, PLACE) == 5
    assert an_offset_by_time(-1, PLACE) is None
    with pytest.raises(NoAnswer, match="-1001"):
        an_offset_by_time(INVALID, PLACE)


def test_the_bounds_of_a_partition_are_two_offsets_in_order() -> None:
    assert the_bounds((3, 3), PLACE) == (3, 3)


@pytest.mark.parametrize("answer", [None, (INVALID, 5), (0, INVALID), (INVALID, INVALID), (6, 5)])
def test_other_bounds_are_no_answer(answer: tuple[int, int] | None) -> None:
    with pytest.raises(NoAnswer):
        the_bounds(answer, PLACE)


def test_a_list_of_topics_comes_from_a_broker() -> None:
    nobody: Any = SimpleNamespace(brokers={}, topics={})
    with pytest.raises(NoAnswer, match="names no broker"):
        the_topics(nobody)


def test_the_partitions_of_a_topic_are_all_there_or_unknown() -> None:
    assert the_partitions("t", {0: "", 1: ""}) == {("t", 0), ("t", 1)}
    for numbers in ([], [1], [0, 2], [-1, 0]):
        with pytest.raises(NoAnswer, match="'t'"):
            the_partitions("t", numbers)


def test_no_answer_can_be_tried_again_wherever_it_comes_out() -> None:
    assert issubclass(NoAnswer, SourceUnavailable)


@pytest.mark.parametrize("name", sorted(PASSING))
def test_every_error_that_passes_is_one_of_the_librarys(name: str) -> None:
    error = KafkaError(getattr(KafkaError, name))
    assert error.name() == name
    assert may_pass(error)
    assert not is_gone(error)
    assert not is_out_of_range(error)


@pytest.mark.parametrize(
    "code",
    [KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._AUTHENTICATION],
)
def test_what_stays_wrong_does_not_pass(code: int) -> None:
    assert not may_pass(KafkaError(code))


def asked(answers: list[object], patience: int = 10) -> tuple[object, list[str]]:
    from confluent_kafka import KafkaException

    said: list[str] = []

    def ask() -> object:
        answer = answers.pop(0)
        if isinstance(answer, int):
            raise KafkaException(KafkaError(answer))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def out_of_time(text: str) -> Exception | None:
        said.append(text)
        return unanswered(CLIENT, "out of time", [text]) if len(said) >= patience else None

    return ask_again(ask, lambda error: refusal(CLIENT, "say it", error), out_of_time, lambda _: None), said


CLIENT = {"bootstrap.servers": "b:9092"}


def test_a_request_is_made_again_until_it_is_answered() -> None:
    failures = [KafkaError.FENCED_LEADER_EPOCH, NoAnswer("nothing"), KafkaError.KAFKA_STORAGE_ERROR]
    found, said = asked([*failures, "answer"])
    assert found == "answer"
    assert said[1] == "nothing"


def test_a_refusal_names_the_address_and_what_was_asked() -> None:
    with pytest.raises(Exception, match=r"^Kafka at b:9092 did not say it: .*TOPIC_AUTHORIZATION_FAILED\)$"):
        asked([KafkaError.TOPIC_AUTHORIZATION_FAILED])


def test_out_of_time_the_last_failure_is_told() -> None:
    with pytest.raises(SourceUnavailable, match=r"out of time \(second\)"):
        asked([NoAnswer("first"), NoAnswer("second")], patience=2)


def test_complaints_are_kept_once_each_and_the_newest_few() -> None:
    complaints = Complaints()
    for number in range(5):
        for ms in (1, 2):
            text = f"b{number}:9: Connect failed: refused (after {ms}ms in state CONNECT)"
            complaints(KafkaError(KafkaError._TRANSPORT, text))
    complaints(KafkaError(KafkaError._ALL_BROKERS_DOWN, "5/5 brokers are down"))
    assert str(complaints) == "; ".join(f"b{n}:9: Connect failed: refused" for n in (2, 3, 4))
    assert not complaints.refused
    complaints(KafkaError(KafkaError._AUTHENTICATION, "wrong password"))
    assert complaints.refused


def test_an_answer_ends_the_complaints() -> None:
    complaints = Complaints()
    complaints(KafkaError(KafkaError._AUTHENTICATION, "wrong password"))
    complaints.forget()
    assert (str(complaints), complaints.refused) == ("", False)
