"""RuntimeConfig: the settings of a session, under Spark's own names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException

if TYPE_CHECKING:
    from streamcore.conf import Conf

_NO_VALUE = object()

DEFAULTS: dict[str, str] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.crossJoin.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.repl.eagerEval.enabled": "false",
    "spark.sql.repl.eagerEval.maxNumRows": "20",
    "spark.sql.repl.eagerEval.truncate": "20",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.sources.default": "parquet",
    "spark.sql.streaming.forceDeleteTempCheckpointLocation": "false",
    "spark.sql.streaming.minBatchesToRetain": "100",
    "spark.sql.streaming.noDataMicroBatches.enabled": "true",
    "spark.sql.streaming.numRecentProgressUpdates": "100",
    "spark.sql.streaming.pollingDelay": "10ms",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}
"""Settings that the engine reads, with their defaults."""

_STATIC = ("spark.sql.extensions", "spark.sql.warehouse.dir", "spark.sql.catalogImplementation")


def _boolean(key: str, value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise IllegalArgumentException(
            f"[INVALID_CONF_VALUE.TYPE_MISMATCH] The value '{value}' in the config \"{key}\" is invalid. It "
            "should be "
            'a/an "BOOLEAN" value. SQLSTATE: 22022'
        )
    return value.lower()


def _positive(key: str, value: str) -> str:
    if not value.isdigit() or int(value) < 1:
        raise IllegalArgumentException(
            f"[INVALID_CONF_VALUE.REQUIREMENT] The value '{value}' in the config \"{key}\" is invalid. It "
            "must be a "
            "positive integer. SQLSTATE: 22022"
        )
    return value


def _time_zone(key: str, value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError):
        if not value.startswith(("+", "-", "UTC", "GMT", "Z")):
            raise IllegalArgumentException(
                f"[INVALID_CONF_VALUE.TIME_ZONE] The value '{value}' in the config \"{key}\" is invalid. "
                "Cannot resolve "
                "the given timezone. SQLSTATE: 22022"
            ) from None
    return value


_CHECKS: dict[str, Callable[[str, str], str]] = {
    **{key: _boolean for key, value in DEFAULTS.items() if value in ("true", "false")},
    "spark.sql.shuffle.partitions": _positive,
    "spark.sql.streaming.minBatchesToRetain": _positive,
    "spark.sql.session.timeZone": _time_zone,
}


class RuntimeConfig:
    """Settings of one session; what it does not set comes from the context, then from the defaults.

    >>> from streamcore.conf import Conf
    >>> conf = RuntimeConfig(Conf(loadDefaults=False))
    >>> conf.set("spark.sql.shuffle.partitions", 8)
    >>> conf.get("spark.sql.shuffle.partitions"), conf.get("spark.sql.caseSensitive")
    ('8', 'false')
    """

    def __init__(self, context_conf: Conf) -> None:
        self._context = context_conf
        self._own: dict[str, str] = {}

    def set(self, key: str, value: str | int | bool) -> None:
        """Sets a value for this session; raises for a value that the key cannot have."""
        if not self.isModifiable(key):
            raise AnalysisException(
                f'[CANNOT_MODIFY_CONFIG] Cannot modify the value of the Spark config: "{key}". It is fixed '
                "when the "
                "session starts. SQLSTATE: 46110"
            )
        text = str(value).lower() if isinstance(value, bool) else str(value)
        check = _CHECKS.get(key)
        self._own[key] = text if check is None else check(key, text)

    def get(self, key: str, default: Any = _NO_VALUE) -> str | None:
        """The value of a key; without a default, an unknown key is an error."""
        for found in (self._own.get(key), self._context.get(key)):
            if found is not None:
                return found
        if key == "spark.sql.session.timeZone":
            return local_time_zone()
        if default is not _NO_VALUE:
            return None if default is None else str(default)
        if key in DEFAULTS:
            return DEFAULTS[key]
        raise AnalysisException(
            f'[SQL_CONF_NOT_FOUND] The SQL config "{key}" cannot be found. SQLSTATE: 42K0I'
        )

    def unset(self, key: str) -> None:
        """Takes back what this session set."""
        self._own.pop(key, None)

    def isModifiable(self, key: str) -> bool:
        """Whether a running session may change the key."""
        return (key.startswith("spark.sql.") and key not in _STATIC) or not key.startswith("spark.")

    @property
    def getAll(self) -> dict[str, str]:
        """Every setting with a value, defaults included."""
        return {**DEFAULTS, **dict(self._context.getAll()), **self._own}

    def flag(self, key: str) -> bool:
        """A boolean setting."""
        return str(self.get(key)).lower() == "true"

    def copy(self) -> RuntimeConfig:
        """The settings of a new session of the same application: none of this session's own."""
        return RuntimeConfig(self._context)


def local_time_zone() -> str:
    """The name of the machine's time zone."""
    import datetime as dt
    import os
    from pathlib import Path

    name = os.environ.get("TZ", "").lstrip(":")
    if name:
        return name
    link = Path("/etc/localtime")
    if link.is_symlink():
        _, _, zone = str(link.resolve()).partition("zoneinfo/")
        if zone:
            return zone
    return "UTC" if dt.datetime.now().astimezone().utcoffset() == dt.timedelta(0) else _offset_name()


def _offset_name() -> str:
    import datetime as dt

    return dt.datetime.now().astimezone().strftime("%z")
