"""Which stream is meant, who asks, and the client of the AWS library that does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from streamcore.distribution import install_command
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.kinesis.patience import Patience

if TYPE_CHECKING:
    from streamcore.spi.options import Options

CONNECTING: Final = (
    "kinesis.streamName", "kinesis.endpointUrl", "kinesis.region", "kinesis.kinesisRegion",
    "kinesis.awsAccessKeyId", "kinesis.awsSecretKey", "kinesis.sessionToken",
    "kinesis.stsRoleArn", "kinesis.stsSessionName", "kinesis.stsEndpointUrl",
    "kinesis.clientNumRetries", "kinesis.clientRetryIntervalsMs", "kinesis.clientMaxRetryIntervalMs",
)  # fmt: skip
"""The options that say which stream, and how it is asked; those of the connector for Spark."""

_REGION_OF_ENDPOINT: Final = re.compile(r"^https?://kinesis(?:-fips)?\.([a-z0-9-]+)\.")
_MOST_CONNECTIONS: Final = 64


@dataclass(frozen=True)
class Keys:
    """Credentials that were given by name; without them those of the environment are taken."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Role:
    """A role of another account that is assumed."""

    arn: str
    session_name: str
    endpoint: str | None = None


@dataclass(frozen=True)
class Connection:
    """A stream, and how to reach it; travels to where partitions are read."""

    stream: str
    region: str | None
    endpoint: str | None
    keys: Keys | None = field(repr=False)
    role: Role | None
    patience: Patience


def connection_of(options: Options) -> Connection:
    """The stream that options name; IllegalArgumentException for what does not fit together."""
    stream = options.get("kinesis.streamName", "").strip()
    if not stream:
        raise IllegalArgumentException("the option kinesis.streamName is missing: it names the stream")
    endpoint = options.get("kinesis.endpointUrl")
    return Connection(
        stream=stream,
        region=options.get("kinesis.kinesisRegion") or options.get("kinesis.region") or _region(endpoint),
        endpoint=endpoint,
        keys=_keys(options),
        role=_role(options),
        patience=Patience(
            retries=_number(options, "kinesis.clientNumRetries", 5),
            first_ms=_number(options, "kinesis.clientRetryIntervalsMs", 1000),
            most_ms=_number(options, "kinesis.clientMaxRetryIntervalMs", 10_000),
        ),
    )


def _number(options: Options, key: str, default: int) -> int:
    value = options.integer(key, default, minimum=0)
    return default if value is None else value


def _region(endpoint: str | None) -> str | None:
    """The region that an endpoint of AWS names.

    >>> _region("https://kinesis.eu-central-1.amazonaws.com"), _region("http://localhost:4568")
    ('eu-central-1', None)
    """
    found = _REGION_OF_ENDPOINT.match(endpoint or "")
    return found[1] if found else None


def _keys(options: Options) -> Keys | None:
    access, secret = options.get("kinesis.awsAccessKeyId"), options.get("kinesis.awsSecretKey")
    if (access is None) != (secret is None):
        raise IllegalArgumentException("set both of kinesis.awsAccessKeyId and kinesis.awsSecretKey, or none")
    token = options.get("kinesis.sessionToken")
    if access is None or secret is None:
        if token is not None:
            raise IllegalArgumentException("kinesis.sessionToken needs kinesis.awsAccessKeyId besides")
        return None
    return Keys(access, secret, token)


def _role(options: Options) -> Role | None:
    arn, name = options.get("kinesis.stsRoleArn"), options.get("kinesis.stsSessionName")
    if (arn is None) != (name is None):
        raise IllegalArgumentException("set both of kinesis.stsRoleArn and kinesis.stsSessionName, or none")
    return None if arn is None or name is None else Role(arn, name, options.get("kinesis.stsEndpointUrl"))


def connect(connection: Connection) -> Any:
    """A client for the stream, which threads may share; tries once, who calls has patience.

    Raises UnsupportedOperationException where boto3 is not installed, IllegalArgumentException where no
    region is known.
    """
    try:
        from botocore.config import Config
        from botocore.exceptions import NoRegionError

        from streamcore.kinesis.sessions import session_of
    except ImportError as error:
        raise UnsupportedOperationException(
            f"format('aws-kinesis') needs the package boto3: {install_command('kinesis')}"
        ) from error
    session = session_of(connection)
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=10,
        read_timeout=30,
        max_pool_connections=_MOST_CONNECTIONS,
    )
    try:
        return session.client("kinesis", endpoint_url=connection.endpoint, config=config)
    except NoRegionError as error:
        raise IllegalArgumentException(
            "no region is known: set the option kinesis.region, or AWS_REGION in the environment"
        ) from error
