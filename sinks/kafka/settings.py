"""The options of the Kafka sink, read once and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.client_config import MAX_BLOCK, PRODUCER, ClientConfig, client_config

if TYPE_CHECKING:
    from streamcore.spi.options import Options

KNOWN: Final = ("topic", "includeHeaders", "transactional", "ledgerTopic", "stagingMemory")

_STAGING_BYTES: Final = 64 << 20
_MAX_BLOCK_MS: Final = 60_000


@dataclass(frozen=True)
class KafkaSinkSettings:
    """Where rows go, and how.

    `topic` is None when each row names its own. `patience` is how long a broker is waited for, in seconds;
    `staging_bytes` what one write task keeps in memory before it spills to a temporary file.
    """

    client: ClientConfig = field(repr=False)
    topic: str | None
    include_headers: bool | None
    transactional: bool
    ledger_topic: str
    staging_bytes: int
    patience: float

    @property
    def place(self) -> str:
        """The topic and its cluster, for messages."""
        return f"Kafka {'' if self.topic is None else f'topic {self.topic!r} '}at {self.address}"

    @property
    def address(self) -> str:
        """Where the user said that the brokers are."""
        return self.client["bootstrap.servers"]


def read_settings(options: Options) -> KafkaSinkSettings:
    """The settings in the options; raises IllegalArgumentException naming the option that is wrong."""
    options.reject_unknown(KNOWN, "the kafka sink", prefixes=("kafka.",))
    transactional = options.boolean("transactional", default=True)
    if "ledgerTopic" in options and not transactional:
        raise IllegalArgumentException(
            "the option ledgerTopic names where the commit records of transactions are kept, and "
            "transactional=false asks for none: leave one of the two out"
        )
    return KafkaSinkSettings(
        client=client_config(options, PRODUCER),
        topic=_name(options, "topic"),
        include_headers=options.boolean("includeHeaders", default=True)
        if "includeHeaders" in options
        else None,
        transactional=transactional,
        ledger_topic=_name(options, "ledgerTopic") or "streamcore_commits",
        staging_bytes=options.integer("stagingMemory", _STAGING_BYTES, minimum=0) or 0,
        patience=(options.integer(f"kafka.{MAX_BLOCK}", _MAX_BLOCK_MS, minimum=1) or 0) / 1000,
    )


def _name(options: Options, option: str) -> str | None:
    if option not in options:
        return None
    name = options[option].strip()
    if not name:
        raise IllegalArgumentException(f"the option {option} is empty: name a topic, or leave it out")
    return name
