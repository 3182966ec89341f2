"""Sessions of the AWS library, under the credentials that a connection names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.credentials import CredentialResolver, RefreshableCredentials
from botocore.session import get_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.kinesis.connecting import Connection, Role


def session_of(connection: Connection) -> Any:
    """A session with the keys that were given, or those of the environment; of the role, if one is named."""
    keys, role = connection.keys, connection.role
    named = {} if keys is None else {
        "aws_access_key_id": keys.access_key,
        "aws_secret_access_key": keys.secret_key,
        "aws_session_token": keys.session_token,
    }  # fmt: skip
    asking = boto3.session.Session(**named, region_name=connection.region)
    if role is None:
        return asking
    inner = get_session()
    provider = _OfRole(partial(_assumed, asking, role))
    inner.register_component("credential_provider", CredentialResolver([provider]))
    return boto3.session.Session(botocore_session=inner, region_name=connection.region)


class _OfRole:
    """A provider of botocore's: credentials of a role, which are asked for anew before they run out."""

    METHOD = CANONICAL_NAME = "sts-assume-role"

    def __init__(self, assume: Callable[[], dict[str, str]]) -> None:
        self._assume = assume

    def load(self) -> Any:
        """The credentials, with the way to newer ones."""
        return RefreshableCredentials.create_from_metadata(
            metadata=self._assume(), refresh_using=self._assume, method=self.METHOD
        )


def _assumed(asking: Any, role: Role) -> dict[str, str]:
    """Credentials of a role, as botocore keeps them."""
    client = asking.client("sts", endpoint_url=role.endpoint)
    found = client.assume_role(RoleArn=role.arn, RoleSessionName=role.session_name)["Credentials"]
    return {
        "access_key": found["AccessKeyId"],
        "secret_key": found["SecretAccessKey"],
        "token": found["SessionToken"],
        "expiry_time": found["Expiration"].isoformat(),
    }
