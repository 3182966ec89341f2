"""What is asked again when Kinesis is busy or out of reach, and how long it is waited between."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from streamcore.errors import QueryExecutionException, SourceUnavailable

_T = TypeVar("_T")

BUSY: Final = frozenset({
    "ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException",
    "ThrottlingException", "RequestLimitExceeded", "InternalFailure", "InternalServerError",
    "InternalFailureException", "ServiceUnavailable", "ResourceInUseException",
})  # fmt: skip
"""The codes of answers that another time may be others."""

EXPIRED_ITERATOR: Final = "ExpiredIteratorException"


@dataclass(frozen=True)
class Patience:
    """How often a request is made again, and the waits between, which double from `first_ms` to `most_ms`."""

    retries: int = 5
    first_ms: int = 1000
    most_ms: int = 10_000

    def wait_ms(self, failures: int) -> float:
        """The wait after that many failures in a row; a part of it is random, so that many do not agree.

        >>> 500 <= Patience().wait_ms(1) <= 1000
        True
        """
        whole: int = min(self.most_ms, self.first_ms << (failures - 1))
        return whole * random.uniform(0.5, 1)


def code_of(error: Exception) -> str:
    """The code of an answer that is an error; "" for one that never came."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def is_passing(error: Exception) -> bool:
    """Whether the same request may succeed later: Kinesis is busy, or cannot be reached."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in BUSY or status >= 500
    return isinstance(error, HTTPClientError | ConnectionError)


def asked(what: str, request: Callable[[], _T], patience: Patience, stopping: threading.Event) -> _T:
    """The answer to a request, made again while what stands in the way may pass.

    Raises SourceUnavailable when it has not passed in time, or `stopping` is set; another error as it is.
    """
    failures = 0
    while True:
        try:
            return request()
        except Exception as error:
            if not is_passing(error):
                raise
            failures += 1
            if failures > patience.retries or stopping.wait(patience.wait_ms(failures) / 1000):
                raise SourceUnavailable(f"Kinesis did not {what} after {failures} tries: {error}") from error


def refused(what: str, error: Exception) -> QueryExecutionException:
    """The error for an answer that no repetition changes."""
    return QueryExecutionException(f"Kinesis does not {what}: {error}")
