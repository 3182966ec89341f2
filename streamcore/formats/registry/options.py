"""Where a registry is and how it is asked, from the options of `from_avro` and `from_protobuf`.

Names are those of Databricks (`schema.registry.subject`, `confluent.schema.registry.<setting>`) and of
Confluent's own clients (`schema.registry.url`, `basic.auth.user.info`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.spi.options import Options

_PREFIX = "confluent.schema.registry."
_ADDRESS = ("schema.registry.address", "schema.registry.url")
_SECRETS = ("basic.auth.user.info", "bearer.auth.token", "ssl.key.password")
_SETTINGS = (
    "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "timeout", "max.retries", "proxy",
    "bearer.auth.logical.cluster", "bearer.auth.identity.pool.id",
)  # fmt: skip
_SOURCES = {
    "basic.auth.credentials.source": ("USER_INFO", "URL"),
    "bearer.auth.credentials.source": ("STATIC_TOKEN",),
}
_JAVA = ("ssl.truststore.", "ssl.keystore.")
_EVOLUTION = ("avroSchemaEvolutionMode", "schema.registry.schema.evolution.mode")
_REGISTER = "auto.register.schemas"


@dataclass(frozen=True)
class RegistryOptions:
    """What was said of a registry.

    Parameters
    ----------
    address
        Its URL, without credentials.
    subject
        Whose latest schema is read into or written by.
    message
        `schema.registry.protobuf.name`: the message of a Protobuf schema that has several.
    registers
        Whether a schema that is written by and that the subject has not is registered.
    settings
        For the client; nothing in them is secret.
    secrets
        For the client, too: they stay in the process.
    """

    address: str
    subject: str | None = None
    message: str | None = None
    registers: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def reference(self) -> str:
        """The registry as statements name it: who asks, and not with which password."""
        user = self.secrets.get("basic.auth.user.info", "").partition(":")[0]
        asks = user or ("a token" if self.secrets else "")
        return json.dumps(
            {"address": self.address, "as": asks, "settings": dict(self.settings)}, sort_keys=True
        )


def registry_options(
    given: Mapping[str, Any], address: str | None, subject: str | None
) -> tuple[RegistryOptions | None, dict[str, str]]:
    """What options say of a registry, None where they name none; and the options that are left."""
    options = Options(given)
    said = [address, *(options.pop(name, None) for name in _ADDRESS)]
    addresses = {each for each in said if each}
    if not addresses:
        return None, dict(options)
    if len(addresses) > 1:
        raise IllegalArgumentException(
            f"Several addresses of a schema registry: {', '.join(sorted(map(_bare, addresses)))}"
        )
    subject = subject or options.pop("schema.registry.subject", None)
    message = options.pop("schema.registry.protobuf.name", None)
    registers = options.boolean(_REGISTER, default=False)
    options.pop(_REGISTER, None)
    for name in _EVOLUTION:
        if options.pop(name, "none").lower() != "none":
            raise UnsupportedOperationException(
                f"The option {name!r} is offered as 'none' only: the schema that is read into stays the one "
                "that was the subject's latest when the query was made. Start the query again to read into a "
                "new one."
            )
    settings, secrets = _client_settings(options)
    found = urlsplit(addresses.pop())
    if found.username and "basic.auth.user.info" not in secrets:
        secrets["basic.auth.user.info"] = f"{found.username}:{found.password or ''}"
    url = urlunsplit(found._replace(netloc=found.netloc.rpartition("@")[2]))
    return RegistryOptions(url, subject, message, registers, settings, secrets), dict(options)


def _bare(address: str) -> str:
    found = urlsplit(address)
    return urlunsplit(found._replace(netloc=found.netloc.rpartition("@")[2]))


def _client_settings(options: Options) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of the client and its secrets, taken out of the options."""
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for name in list(options):
        key = name.lower().removeprefix(_PREFIX)
        if key.startswith(_JAVA):
            raise UnsupportedOperationException(
                f"The option {name!r} names a store of Java's: give PEM files as ssl.ca.location, "
                "ssl.certificate.location and ssl.key.location."
            )
        if key in _SOURCES:
            if options.pop(name).upper() not in _SOURCES[key]:
                raise UnsupportedOperationException(
                    f"The option {name!r} is offered as {' or '.join(_SOURCES[key])} only."
                )
        elif key in _SECRETS:
            secrets[key] = options.pop(name)
        elif key in _SETTINGS:
            settings[key] = options.pop(name)
        elif name.lower().startswith(_PREFIX):
            known = ", ".join((*_SECRETS, *_SETTINGS))
            raise IllegalArgumentException(
                f"The schema registry does not know the option {name!r}; known: {known}"
            )
    return settings, secrets
