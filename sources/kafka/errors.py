"""What a Kafka read says when it cannot go on."""

from __future__ import annotations

import logging

from streamcore.errors import OffsetsLost, SourceUnavailable

_LOG = logging.getLogger("streamcore.sources.kafka")

_WAY_OUT = (
    "If the records were already processed elsewhere or can be done without, set the option "
    "failOnDataLoss=false: the query then warns and goes on from the earliest record there is"
)


class KafkaUnavailable(SourceUnavailable):
    """No broker answered within the deadline; nothing was lost, and the same read may be tried again."""


def report_loss(what: str, *, fail: bool) -> None:
    """Raises OffsetsLost, or only warns when the user has allowed loss."""
    if fail:
        raise OffsetsLost(f"{what}. {_WAY_OUT}")
    _LOG.warning("%s. Going on without (failOnDataLoss=false)", what)
