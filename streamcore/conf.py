"""Conf: the settings of a context, under Spark's own names (PySpark's `SparkConf`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

SYSTEM_PROPERTIES: dict[str, str] = {}
"""What `Context.setSystemProperty` set."""

_BYTE_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


class Conf:
    """Settings as text, set one after another and read when the context starts.

    Parameters
    ----------
    loadDefaults
        Whether to start from the environment: each variable `STREAMCORE_CONF_<key>` with `__` for the
        dots of the key, e.g. `STREAMCORE_CONF_spark__app__name`; and from the system properties
        `spark.*`, which go before.

    >>> conf = Conf(loadDefaults=False).setMaster("local[2]").setAppName("counts")
    >>> conf.get("spark.master")
    'local[2]'
    >>> conf.set("spark.home", "/path").contains("spark.home")
    True
    >>> print(conf.toDebugString())
    spark.app.name=counts
    spark.home=/path
    spark.master=local[2]
    """

    def __init__(self, loadDefaults: bool = True) -> None:
        self._settings: dict[str, str] = _from_environment() if loadDefaults else {}

    def set(self, key: str, value: object) -> Conf:
        """Set `key` to the text of `value` (booleans become `true` and `false`); return this Conf."""
        self._settings[key] = _text(value)
        return self

    def setIfMissing(self, key: str, value: object) -> Conf:
        """Set `key` unless it is set already; return this Conf."""
        self._settings.setdefault(key, _text(value))
        return self

    def setMaster(self, value: str) -> Conf:
        """Set where the work runs: `local`, `local[n]`, `local[*]`."""
        return self.set("spark.master", value)

    def setAppName(self, value: str) -> Conf:
        """Set the name of the application."""
        return self.set("spark.app.name", value)

    def setSparkHome(self, value: str) -> Conf:
        """Set `spark.home`, which nothing here reads."""
        return self.set("spark.home", value)

    def setExecutorEnv(
        self,
        key: str | None = None,
        value: str | None = None,
        pairs: Iterable[tuple[str, str]] | None = None,
    ) -> Conf:
        """Set environment variables of the workers: either `key` and `value`, or `pairs` of them.

        >>> conf = Conf(loadDefaults=False).setExecutorEnv(pairs=[("A", "1"), ("B", "2")])
        >>> conf.get("spark.executorEnv.B")
        '2'
        """
        if (key is None) == (pairs is None):
            raise ValueError("setExecutorEnv takes either key and value, or pairs")
        for name, text in pairs if pairs is not None else [(str(key), str(value))]:
            self.set(f"spark.executorEnv.{name}", text)
        return self

    def setAll(self, pairs: Iterable[tuple[str, object]]) -> Conf:
        """Set every key of `pairs` to its value; return this Conf."""
        for key, value in pairs:
            self.set(key, value)
        return self

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, defaultValue: None) -> str | None: ...
    @overload
    def get(self, key: str, defaultValue: str) -> str: ...
    def get(self, key: str, defaultValue: str | None = None) -> str | None:
        """Return the text of `key`, or `defaultValue` when it is not set."""
        return self._settings.get(key, defaultValue)

    def getAll(self) -> list[tuple[str, str]]:
        """Return every key with its text."""
        return list(self._settings.items())

    def contains(self, key: str) -> bool:
        """Say whether `key` is set."""
        return key in self._settings

    def toDebugString(self) -> str:
        """Return one line `key=value` for each setting, sorted."""
        return "\n".join(f"{key}={value}" for key, value in sorted(self._settings.items()))

    def copy(self) -> Conf:
        """Return a Conf with the same settings that changes on its own."""
        twin = Conf(loadDefaults=False)
        twin._settings.update(self._settings)
        return twin

    def number(self, key: str, default: int) -> int:
        """Return `key` as an integer; ValueError names the key when it is none."""
        text = self._settings.get(key)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{key} must be an integer, not {text!r}") from None

    def flag(self, key: str, default: bool) -> bool:
        """Return `key` as a boolean; ValueError names the key when it is neither true nor false."""
        text = self._settings.get(key, str(default)).lower()
        if text not in {"true", "false"}:
            raise ValueError(f"{key} must be true or false, not {text!r}")
        return text == "true"

    def byte_count(self, key: str, default: str) -> int:
        """Return `key`, written like `512m` or `1g`, in bytes; ValueError names the key.

        >>> Conf(loadDefaults=False).byte_count("spark.python.worker.memory", "512m")
        536870912
        """
        text = self._settings.get(key, default).strip().lower()
        number = text.rstrip("bkmgtp")
        unit = text[len(number) :]
        unit = unit[:-1] if len(unit) > 1 and unit.endswith("b") else unit
        if not number.isdigit() or unit not in _BYTE_UNITS:
            raise ValueError(f"{key} must be a size such as 512m or 1g, not {text!r}")
        return int(number) * _BYTE_UNITS[unit]

    def share_or_bytes(self, key: str, default: str, whole: int) -> int:
        """Return `key`, written like `60%` of `whole` or like `4g`, in bytes; ValueError names the key.

        >>> Conf(loadDefaults=False).share_or_bytes("spark.streamcore.memory.limit", "60%", 1000)
        600
        """
        text = self._settings.get(key, default).strip()
        share = text.removesuffix("%").strip()
        if share == text:
            return self.byte_count(key, default)
        if not share.isdigit() or not 1 <= int(share) <= 100:
            raise ValueError(f"{key} must be a share from 1% to 100%, or a size such as 4g, not {text!r}")
        return whole * int(share) // 100

    def seconds(self, key: str, default: str) -> float:
        """Return `key`, written like `3s` or `200ms`, in seconds; ValueError names the key.

        >>> Conf(loadDefaults=False).seconds("spark.locality.wait", "200ms")
        0.2
        """
        text = self._settings.get(key, default).strip().lower()
        for suffix, scale in (("ms", 0.001), ("s", 1.0), ("min", 60.0), ("m", 60.0), ("h", 3600.0)):
            number = text.removesuffix(suffix)
            if number != text and number.isdigit():
                return int(number) * scale
        if text.isdigit():
            return int(text) * 0.001
        raise ValueError(f"{key} must be a time such as 3s or 200ms, not {text!r}")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_environment() -> dict[str, str]:
    prefix = "STREAMCORE_CONF_"
    found = {
        name.removeprefix(prefix).replace("__", "."): value
        for name, value in os.environ.items()
        if name.startswith(prefix)
    }
    return found | {key: value for key, value in SYSTEM_PROPERTIES.items() if key.startswith("spark.")}
