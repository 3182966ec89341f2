"""What must never be shown: which options hold secrets, and the secrets within a URL."""

from __future__ import annotations

import re
from typing import Final

_SECRET_WORDS: Final = (
    "password", "secret", "token", "credential", "sasl.jaas", "oauthbearer.config", "private.key",
    "private_key", "privatekey", "ssl.key.pem", "keystore.key", "apikey", "api.key", "api_key",
    "access.key", "access_key", "accesskey", "account.key", "account_key", "azure.sas", "sas_key",
)  # fmt: skip
# A password may hold an @ that was not escaped: the host begins after the last one.
_URL_PASSWORD: Final = re.compile(r"(://[^/?#\s:@]*:)[^/?#\s]*@")
_PARAMETER: Final = re.compile(r"([?&;][^=&;\s]+=)[^&;\s]*")
_HIDDEN: Final = "***"


def is_secret(key: str) -> bool:
    """Whether the value of this option must never be shown.

    >>> is_secret("kafka.sasl.password"), is_secret("subscribe")
    (True, False)
    """
    return any(word in key.lower() for word in _SECRET_WORDS)


def without_password(text: str) -> str:
    """The text without the passwords of URLs in it.

    >>> without_password("s3://me:p@ss@bucket/folder is full")
    's3://me:***@bucket/folder is full'
    """
    return _URL_PASSWORD.sub(rf"\1{_HIDDEN}@", text)


def shown(key: str, value: str) -> str:
    """The value of an option as it may be shown: secrets are hidden, also those within a URL.

    >>> shown("url", "postgresql://me:pw@db/x?sslpassword=k&connect_timeout=3")
    'postgresql://me:***@db/x?sslpassword=***&connect_timeout=3'
    """
    return _HIDDEN if is_secret(key) else _PARAMETER.sub(_parameter, without_password(value))


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}{_HIDDEN}" if is_secret(found[1]) else found[0]
