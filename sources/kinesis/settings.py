"""The options of a Kinesis read, each read or refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.kinesis.connecting import CONNECTING, Connection, connection_of
from streamcore.sources.kinesis.offsets import TRIM_HORIZON
from streamcore.spi.options import Options

LATEST: Final = "LATEST"
POLLING: Final = "GetRecords"
_AT_TIMESTAMP: Final = "AT_TIMESTAMP"
KNOWN: Final = (
    *CONNECTING, "kinesis.consumerType", "kinesis.startingPosition", "kinesis.failOnDataLoss",
    "kinesis.maxFetchRecordsPerShard", "kinesis.maxFetchTimePerShardSec", "kinesis.describeShardInterval",
    "kinesis.getRecords.numberOfRecordsPerFetch", "kinesis.getRecords.fetchIntervalMs",
)  # fmt: skip
_IN_THE_CHECKPOINT: Final = "what the source knows is in the query's checkpoint; leave it out"
_NO_PROXY: Final = "set HTTPS_PROXY in the environment"
REFUSED: Final = {
    "kinesis.consumerName": "enhanced fan-out (SubscribeToShard) is not offered; leave it out",
    "kinesis.subscribeToShard.": "enhanced fan-out (SubscribeToShard) is not offered; leave it out",
    "kinesis.metadata": _IN_THE_CHECKPOINT,
    "kinesis.dynamodb.": _IN_THE_CHECKPOINT,
    "kinesis.minBatchesToRetain": "set spark.sql.streaming.minBatchesToRetain",
    "kinesis.checkNewRecordThreads": "every shard has a thread of its own; leave it out",
    "kinesis.credentialProvider": "a Java class; boto3 finds credentials, or options give them",
    "kinesis.internal.": "a setting of the inside of the connector for Spark; leave it out",
    "kinesis.sink.": "it is an option of the sink",
    "proxy": _NO_PROXY,
}
"""The beginnings of names that the connector for Spark knows -> why they mean nothing here."""

_UNITS_MS: Final = {"": 1, "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000}


@dataclass(frozen=True)
class FetchSettings:
    """What reading a shard needs; travels to where partitions are read."""

    connection: Connection
    records_per_request: int
    interval_ms: int
    fail_on_data_loss: bool


@dataclass(frozen=True)
class KinesisSettings:
    """All options of a read.  `starting` is LATEST, TRIM_HORIZON, or a time in milliseconds.

    A batch takes at most `most_records` of a shard, and waits at most `most_ms` for them.
    """

    fetch: FetchSettings
    starting: str | int
    most_records: int
    most_ms: int
    list_interval_ms: int


def settings_of(options: Options) -> KinesisSettings:
    """The settings of a read; raises for an option that is not known, not offered, or out of its domain."""
    refuse(options, REFUSED, "the kinesis source")
    options.reject_unknown(KNOWN, "the kinesis source")
    if options.choice("kinesis.consumerType", (POLLING, "SubscribeToShard"), POLLING) != POLLING:
        raise UnsupportedOperationException(
            "kinesis.consumerType=SubscribeToShard (enhanced fan-out) is not offered: leave it out, and the "
            "shards are polled with GetRecords"
        )
    fetch = FetchSettings(
        connection_of(options),
        _number(options, "kinesis.getRecords.numberOfRecordsPerFetch", 10_000, 1),
        _number(options, "kinesis.getRecords.fetchIntervalMs", 200, 0),
        options.boolean("kinesis.failOnDataLoss", default=True),
    )
    return KinesisSettings(
        fetch,
        _starting(options.get("kinesis.startingPosition", LATEST)),
        _number(options, "kinesis.maxFetchRecordsPerShard", 100_000, 1),
        _number(options, "kinesis.maxFetchTimePerShardSec", 10, 10) * 1000,
        _duration_ms(options, "kinesis.describeShardInterval", "1s"),
    )


def refuse(options: Options, beginnings: dict[str, str], owner: str) -> None:
    """Raises for an option that the connector for Spark has and `owner` does not, with the way out."""
    for name in options:
        for beginning, why in beginnings.items():
            if name.lower().startswith(beginning.lower()):
                raise UnsupportedOperationException(f"{owner} does not read the option {name}: {why}")


def _number(options: Options, key: str, default: int, minimum: int) -> int:
    value = options.integer(key, default, minimum=minimum)
    return default if value is None else value


def _starting(text: str) -> str | int:
    """LATEST, TRIM_HORIZON, or the milliseconds of a time.

    >>> _starting("earliest"), _starting("AT_TIMESTAMP 1970-01-01T00:00:01Z")
    ('TRIM_HORIZON', 1000)
    """
    name, _, moment = text.strip().partition(" ")
    kind = name.upper()
    if kind in (TRIM_HORIZON, "EARLIEST") and not moment:
        return TRIM_HORIZON
    if kind == LATEST and not moment:
        return LATEST
    if kind == _AT_TIMESTAMP:
        found = _moment(moment.strip())
        if found is not None and found.tzinfo is not None:
            return int(found.timestamp() * 1000)
    raise IllegalArgumentException(
        f"option kinesis.startingPosition={text!r} must be LATEST, TRIM_HORIZON, EARLIEST, or AT_TIMESTAMP "
        "with a time and its zone, such as AT_TIMESTAMP 2026-08-30T19:00:05Z"
    )


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _duration_ms(options: Options, key: str, default: str) -> int:
    text = options.get(key, default).strip().lower()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(digits) :].strip()
    if not digits.isdigit() or unit not in _UNITS_MS:
        raise IllegalArgumentException(f"option {key}={text!r} must be a duration such as 1s or 100ms")
    return int(digits) * _UNITS_MS[unit]
