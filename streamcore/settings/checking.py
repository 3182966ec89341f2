"""Every setting that comes in is read, refused, or said to have no effect."""

from __future__ import annotations

import difflib
import logging
from typing import Final

from streamcore.settings.kinds import refuse
from streamcore.settings.table import KNOWN, NO_EFFECT, Scope

_log = logging.getLogger("streamcore.settings")

_OWN: Final = ("spark.sql.", "spark.streamcore.", "streamcore.")
"""Beginnings of settings that nobody but the engine reads."""

_LEGACY: Final = "spark.sql.legacy."
"""Settings that ask for the answers of an earlier Spark: where they are on, other rows would be expected."""

_NO_LEGACY: Final = "streamcore has no legacy behaviour to go back to: leave it out"

_PREFIXES: Final = ("spark.executorEnv.",)

_OF_CONNECTORS: Final = ("spark.sql.catalog.", "spark.sql.defaultCatalog")
"""Settings that connectors read, by names that hold one of the user's."""


def checked(key: str, value: object) -> str:
    """The text of a value as it is kept.

    A known key refuses what it does not honour with IllegalArgumentException, which names the values that
    are, and so does one that asks for the behaviour of an earlier Spark; an unknown one that only the engine
    could read is warned of, with the nearest name.

    >>> checked("spark.sql.caseSensitive", True)
    'true'
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    setting = KNOWN.get(key)
    if setting is not None:
        return setting.kind.check(key, text)
    if key.startswith(_LEGACY) and text.lower() == "true":
        raise refuse(
            key, text, "streamcore has no legacy behaviour to go back to: leave it out", "NOT_HONOURED"
        )
    if key.startswith(_OWN) and not key.startswith((*NO_EFFECT, *_OF_CONNECTORS)):
        near = difflib.get_close_matches(key, KNOWN, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        _log.warning("the setting %s is not known, and has no effect%s", key, hint)
    return text


def is_application_wide(key: str) -> bool:
    """Whether the key is fixed when the application starts."""
    setting = KNOWN.get(key)
    if setting is not None:
        return setting.scope is Scope.APPLICATION
    has_no_session = key.startswith((*NO_EFFECT, *_PREFIXES)) and not key.startswith("spark.sql.")
    return has_no_session or key.startswith(("spark.streamcore.", "streamcore."))


def default_of(key: str) -> str | None:
    """The value of a known key when nothing is set."""
    setting = KNOWN.get(key)
    return None if setting is None else setting.default
