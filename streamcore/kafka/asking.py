"""A request to Kafka made again until it is answered, refused, or out of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from streamcore.kafka.errors import NoAnswer
from streamcore.kafka.failures import may_pass
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

T = TypeVar("T")

_PAUSE = 0.1


def ask_again(
    ask: Callable[[], T],
    refused: Callable[[KafkaError], Exception],
    out_of_time: Callable[[str], Exception | None],
    pause: Callable[[float], None],
) -> T:
    """What `ask` returns in the end; an interruption of this thread's work ends the asking, too.

    `refused` makes the error for a failure that does not pass. `out_of_time` is told what the last attempt
    said, and gives the error once there is no time left, None before.
    """
    from confluent_kafka import KafkaException

    while True:
        raise_if_interrupted()
        try:
            return ask()
        except KafkaException as error:
            if not may_pass(error.args[0]):
                raise refused(error.args[0]) from error
            failed: Exception = error
            said = error.args[0].str()
        except NoAnswer as error:
            failed, said = error, str(error)
        if over := out_of_time(said):
            raise over from failed
        pause(_PAUSE)
