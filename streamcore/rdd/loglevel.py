"""How much the engine's loggers say."""

from __future__ import annotations

import logging

_LEVELS = {
    "ALL": logging.NOTSET,
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
    "OFF": logging.CRITICAL + 1,
}


def set_level(name: str) -> None:
    """Set the level of the `streamcore` logger; ValueError lists the names there are."""
    level = _LEVELS.get(name.upper())
    if level is None:
        raise ValueError(f"log level must be one of {', '.join(_LEVELS)}, not {name!r}")
    logging.getLogger("streamcore").setLevel(level)
