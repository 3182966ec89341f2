"""The options of a Kafka read, checked once and held as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.client_config import DEADLINE, ClientConfig, client_config
from streamcore.kafka.offsets import (
    EARLIEST,
    LATEST,
    Offsets,
    TopicPartition,
    parse_assignment,
    parse_offsets,
)
from streamcore.spi.options import Options

KNOWN: Final = (
    "subscribe", "subscribePattern", "assign", "startingOffsets", "endingOffsets", "startingTimestamp",
    "endingTimestamp", "startingOffsetsByTimestamp", "endingOffsetsByTimestamp",
    "startingOffsetsByTimestampStrategy", "maxOffsetsPerTrigger", "minOffsetsPerTrigger", "maxTriggerDelay",
    "minPartitions", "maxRecordsPerPartition", "failOnDataLoss", "includeHeaders", "groupIdPrefix",
    "kafkaConsumer.pollTimeoutMs", "fetchOffset.numRetries", "fetchOffset.retryIntervalMs",
    "commitOffsetsToGroup",
)  # fmt: skip

_BATCH_ONLY: Final = ("endingOffsets", "endingTimestamp", "endingOffsetsByTimestamp")
_STREAM_ONLY: Final = (
    "maxOffsetsPerTrigger", "minOffsetsPerTrigger", "maxTriggerDelay", "commitOffsetsToGroup",
)  # fmt: skip
_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True)
class Selection:
    """Which partitions are read: exactly one of the three is set."""

    topics: tuple[str, ...] = ()
    pattern: str | None = None
    assigned: tuple[TopicPartition, ...] = ()


@dataclass(frozen=True)
class Position:
    """Where to begin or to end: named (`EARLIEST`, `LATEST`), by offset, or by time (milliseconds).

    Exactly one of `named`, `offsets`, `timestamp` and `timestamps` is set.
    """

    named: int | None = None
    offsets: Offsets | None = None
    timestamp: int | None = None
    timestamps: Offsets | None = None


@dataclass(frozen=True)
class FetchSettings:
    """What reading one partition needs; travels with it to where it is read."""

    client: ClientConfig = field(repr=False)
    group_id: str
    fail_on_data_loss: bool
    poll_timeout: float


@dataclass(frozen=True)
class KafkaSettings:
    """All options of one Kafka read; times in milliseconds unless they are named otherwise."""

    selection: Selection
    starting: Position
    ending: Position
    latest_if_no_timestamp: bool
    fetch: FetchSettings
    include_headers: bool
    max_offsets: int | None
    min_offsets: int | None
    max_trigger_delay: int
    min_partitions: int | None
    max_records_per_partition: int | None
    retries: int
    retry_interval: int
    deadline: int
    first_contact: int
    commit_group: str | None


def stream_settings(options: Options) -> KafkaSettings:
    """The settings of a streaming read."""
    _refuse(options, _BATCH_ONLY, "a streaming query has no end; it takes the option in a batch read")
    return _settings(options, default_start=LATEST)


def batch_settings(options: Options) -> KafkaSettings:
    """The settings of a batch read."""
    _refuse(options, _STREAM_ONLY, "it limits micro-batches, and a batch read has none")
    settings = _settings(options, default_start=EARLIEST)
    if settings.starting.named == LATEST:
        raise IllegalArgumentException("startingOffsets=latest reads nothing in a batch; use earliest")
    if LATEST in (settings.starting.offsets or {}).values():
        raise IllegalArgumentException("startingOffsets holds -1 (latest), which reads nothing in a batch")
    if settings.ending.named == EARLIEST or EARLIEST in (settings.ending.offsets or {}).values():
        raise IllegalArgumentException("endingOffsets holds earliest (-2), which reads nothing")
    return settings


def _settings(options: Options, default_start: int) -> KafkaSettings:
    options.reject_unknown(KNOWN, "the kafka source", prefixes=("kafka.",))
    minimum = options.integer("minOffsetsPerTrigger", minimum=1)
    maximum = options.integer("maxOffsetsPerTrigger", minimum=1)
    if minimum is not None and maximum is not None and minimum > maximum:
        raise IllegalArgumentException(
            f"minOffsetsPerTrigger={minimum} must not be above maxOffsetsPerTrigger={maximum}"
        )
    strategies = ("error", "latest")
    strategy = options.choice("startingOffsetsByTimestampStrategy", strategies, "error")
    return KafkaSettings(
        selection=_selection(options),
        starting=_position(options, "starting", default_start),
        ending=_position(options, "ending", LATEST),
        latest_if_no_timestamp=strategy == "latest",
        fetch=_fetch_settings(options),
        include_headers=options.boolean("includeHeaders", default=False),
        max_offsets=maximum,
        min_offsets=minimum,
        max_trigger_delay=_duration(options, "maxTriggerDelay", "15m"),
        min_partitions=options.integer("minPartitions", minimum=1),
        max_records_per_partition=options.integer("maxRecordsPerPartition", minimum=1),
        retries=_number(options, "fetchOffset.numRetries", 3),
        retry_interval=_number(options, "fetchOffset.retryIntervalMs", 10),
        deadline=_number(options, f"kafka.{DEADLINE}", 60_000),
        first_contact=_number(options, f"kafka.{DEADLINE}", 10_000),
        commit_group=options.get("commitOffsetsToGroup"),
    )


def _fetch_settings(options: Options) -> FetchSettings:
    client = client_config(options)
    prefix = options.get("groupIdPrefix", "streamcore-kafka-source")
    group_id = client.pop("group.id", None) or f"{prefix}-{uuid4()}"
    return FetchSettings(
        client=client,
        group_id=group_id,
        fail_on_data_loss=options.boolean("failOnDataLoss", default=True),
        poll_timeout=_number(options, "kafkaConsumer.pollTimeoutMs", 120_000) / 1000,
    )


def _selection(options: Options) -> Selection:
    given = [name for name in ("subscribe", "subscribePattern", "assign") if name in options]
    if len(given) != 1:
        said = f"{' and '.join(given)} are set" if given else "none is set"
        raise IllegalArgumentException(
            f"the kafka source needs exactly one of the options subscribe, subscribePattern, assign; {said}"
        )
    text = options[given[0]].strip()
    if given[0] == "assign":
        return Selection(assigned=tuple(parse_assignment(text)))
    if given[0] == "subscribePattern":
        return Selection(pattern=text)
    topics = tuple(dict.fromkeys(topic.strip() for topic in text.split(",") if topic.strip()))
    if not topics:
        raise IllegalArgumentException(f"option subscribe={text!r} names no topic")
    return Selection(topics=topics)


def _position(options: Options, side: str, default: int) -> Position:
    by_time, per_partition, plain = f"{side}Timestamp", f"{side}OffsetsByTimestamp", f"{side}Offsets"
    if by_time in options:
        return Position(timestamp=options.integer(by_time, minimum=0))
    if per_partition in options:
        return Position(timestamps=parse_offsets(options[per_partition], per_partition))
    text = options.get(plain, "").strip()
    named = {"": default, "earliest": EARLIEST, "latest": LATEST}.get(text.lower())
    if named is not None:
        return Position(named=named)
    offsets = parse_offsets(text, plain)
    if wrong := {tp: offset for tp, offset in offsets.items() if offset < EARLIEST}:
        raise IllegalArgumentException(f"option {plain}: offsets below -2 have no meaning: {wrong}")
    return Position(offsets=offsets)


def _number(options: Options, key: str, default: int) -> int:
    value = options.integer(key, default, minimum=0)
    return default if value is None else value


def _duration(options: Options, key: str, default: str) -> int:
    text = options.get(key, default).strip().lower()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(digits) :].strip()
    if not digits.isdigit() or unit not in {"", *_UNITS_MS}:
        raise IllegalArgumentException(f"option {key}={text!r} must be a duration such as 30s, 15m or 2h")
    return int(digits) * _UNITS_MS[unit or "ms"]


def _refuse(options: Options, names: Iterable[str], why: str) -> None:
    for name in names:
        if name in options:
            raise IllegalArgumentException(f"the option {name} is not allowed here: {why}")
