"""Clients of confluent-kafka whose librdkafka handle is known to the C library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from streamcore.kafka.native.library import Library

T = TypeVar("T")

_PLUGINS = "plugin.library.paths"


def made_with_handle(
    library: Library, make: Callable[[dict[str, Any]], T], config: Mapping[str, Any]
) -> tuple[T, int]:
    """The client that `make` makes of a configuration, and its handle, which lives as long as it does.

    confluent-kafka gives nobody its handle.  librdkafka does: a plugin named in the configuration is told of
    every client that is made with it.
    """
    given = config.get(_PLUGINS)
    paths = f"{library.path};{given}" if given else str(library.path)
    library.take_client()
    client = make({**config, _PLUGINS: paths})
    handle = library.take_client()
    if handle is None:
        raise RuntimeError("librdkafka made a client and did not tell its plugin of it")
    return client, handle
