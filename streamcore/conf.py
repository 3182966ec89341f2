"""Conf: the settings of a context, under Spark's own names (PySpark's `SparkConf`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, overload

from streamcore.settings import kinds
from streamcore.settings.checking import checked, default_of
from streamcore.spi.secrets import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

SYSTEM_PROPERTIES: dict[str, str] = {}
"""What `Context.setSystemProperty` set."""


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
        self._settings: dict[str, str] = {}
        if loadDefaults:
            self.setAll(_from_environment().items())

    def set(self, key: str, value: object) -> Conf:
        """Set `key` to the text of `value` (booleans become `true` and `false`); return this Conf.

        Raises IllegalArgumentException, which names the key and the values there are, for a value that a
        known key cannot have; a key of the engine's that is not known is warned of.
        """
        self._settings[key] = checked(key, value)
        return self

    def setIfMissing(self, key: str, value: object) -> Conf:
        """Set `key` unless it is set already; return this Conf."""
        return self if self.contains(key) else self.set(key, value)

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
        """Return one line `key=value` for each setting, sorted; what is secret is not shown.

        >>> print(Conf(loadDefaults=False).set("spark.hadoop.fs.s3a.secret.key", "k").toDebugString())
        spark.hadoop.fs.s3a.secret.key=***
        """
        return "\n".join(f"{key}={shown(key, value)}" for key, value in sorted(self._settings.items()))

    def copy(self) -> Conf:
        """Return a Conf with the same settings that changes on its own."""
        twin = Conf(loadDefaults=False)
        twin._settings.update(self._settings)
        return twin

    def number(self, key: str) -> int:
        """Return a known key as an integer."""
        return int(self._known(key))

    def flag(self, key: str) -> bool:
        """Return a known key as a boolean."""
        return self._known(key) == "true"

    def byte_count(self, key: str, default: str | None = None) -> int:
        """Return a known key, written like `512m` or `1g`, in bytes.

        >>> Conf(loadDefaults=False).byte_count("spark.python.worker.memory")
        536870912
        """
        return kinds.size(key, self._known(key, default))

    def share_or_bytes(self, key: str, whole: int) -> int:
        """Return a known key, written like `60%` of `whole` or like `4g`, in bytes.

        >>> Conf(loadDefaults=False).share_or_bytes("spark.streamcore.memory.limit", 1000)
        600
        """
        return kinds.share_or_size(key, self._known(key), whole)

    def seconds(self, key: str) -> float:
        """Return a known key, written like `3s` or `200ms`, in seconds.

        >>> Conf(loadDefaults=False).seconds("spark.locality.wait")
        3.0
        """
        return kinds.milliseconds(key, self._known(key)) / 1000

    def _known(self, key: str, default: str | None = None) -> str:
        found = self.get(key, default if default is not None else default_of(key))
        if found is None:
            raise KeyError(key)
        return found


def _from_environment() -> dict[str, str]:
    prefix = "STREAMCORE_CONF_"
    found = {
        name.removeprefix(prefix).replace("__", "."): value
        for name, value in os.environ.items()
        if name.startswith(prefix)
    }
    return found | {key: value for key, value in SYSTEM_PROPERTIES.items() if key.startswith("spark.")}
