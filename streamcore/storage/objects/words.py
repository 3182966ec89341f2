"""What the three tables of settings share: reading, refusing, and saying that something has no effect."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from streamcore.settings.kinds import BOOLEAN, milliseconds, refuse

_log = logging.getLogger("streamcore.storage")
_warned: set[str] = set()

SPARK: Final = "spark.hadoop."


class Known:
    """Settings that are taken one by one; `finish` warns of those that nobody took."""

    def __init__(self, settings: Mapping[str, str], beginning: str) -> None:
        self._left = {key: value for key, value in settings.items() if key.startswith(beginning)}
        self._beginning = beginning

    def text(self, name: str) -> str | None:
        """The value of a setting; None when it is not given, or empty."""
        return self._left.pop(self._beginning + name, "").strip() or None

    def flag(self, name: str) -> bool | None:
        """The value of a setting that is true or false."""
        value = self.text(name)
        return None if value is None else BOOLEAN.check(self._beginning + name, value) == "true"

    def seconds(self, name: str) -> str | None:
        """The value of a setting that is a time, as `object_store` reads it."""
        value = self.text(name)
        if value is None:
            return None
        return f"{milliseconds(self._beginning + name, value):.0f}ms"

    def refuse(self, name: str, value: str, why: str) -> Exception:
        """The error for a value that is not honoured."""
        return refuse(f"{SPARK}{self._beginning}{name}", value, why, "NOT_HONOURED")

    def names(self) -> Iterable[str]:
        """What nobody has taken yet."""
        return [key.removeprefix(self._beginning) for key in self._left]

    def finish(self, no_effect: tuple[str, ...]) -> None:
        """Warns, once in the life of the process, of settings that are neither read nor known to be idle."""
        for key in self._left:
            if not key.removeprefix(self._beginning).startswith(no_effect) and key not in _warned:
                _warned.add(key)
                _log.warning("the setting %s is not known, and has no effect on object stores", key)
