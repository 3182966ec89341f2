"""RuntimeConfig: the settings of a session, under Spark's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, SparkNoSuchElementException
from streamcore.settings import kinds
from streamcore.settings.checking import checked, is_application_wide
from streamcore.settings.table import KNOWN
from streamcore.storage.objects.given import give, take_back

if TYPE_CHECKING:
    from streamcore.conf import Conf

NO_VALUE = object()
"""What `get` is given where no default is."""


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
        """Sets a value for this session.

        Raises IllegalArgumentException, which names the key and the values there are, for a value that it
        cannot have, and AnalysisException for a key that is fixed when the application starts. A key of
        the engine's that is not known is warned of. Keys of object stores (`fs.s3a.`, `fs.azure.`, `fs.gs.`)
        hold for all sessions of the process.
        """
        if not self.isModifiable(key):
            raise AnalysisException(
                f'[CANNOT_MODIFY_CONFIG] Cannot modify the value of the Spark config: "{key}". It is fixed '
                "when the "
                "session starts. SQLSTATE: 46110"
            )
        self._own[key] = checked(key, value)
        give({key: self._own[key]})

    def get(self, key: str, default: Any = NO_VALUE) -> str | None:
        """The value of a key; without a default, an unknown key is an error."""
        for found in (self._own.get(key), self._context.get(key)):
            if found is not None:
                return found
        if key == "spark.sql.session.timeZone":
            return local_time_zone()
        if default is not NO_VALUE:
            return None if default is None else str(default)
        if key in KNOWN:
            return KNOWN[key].default
        raise SparkNoSuchElementException(
            f'[SQL_CONF_NOT_FOUND] The SQL config "{key}" cannot be found. SQLSTATE: 42K0I'
        )

    def unset(self, key: str) -> None:
        """Takes back what this session set."""
        take_back({key: self._own.pop(key, "")})

    def unset_all(self) -> None:
        """Takes back everything that this session set."""
        take_back(self._own)
        self._own.clear()

    @property
    def given(self) -> dict[str, str]:
        """Every setting that was given to the application or set in this session."""
        return {**dict(self._context.getAll()), **self._own}

    def isModifiable(self, key: str) -> bool:
        """Whether a running session may change the key."""
        return not is_application_wide(key)

    @property
    def getAll(self) -> dict[str, str]:
        """Every setting with a value, defaults included."""
        defaults = {key: known.default for key, known in KNOWN.items() if known.default is not None}
        return {**defaults, **dict(self._context.getAll()), **self._own}

    def flag(self, key: str) -> bool:
        """A boolean setting."""
        return str(self.get(key)).lower() == "true"

    def number(self, key: str) -> int:
        """A setting that is a whole number."""
        return int(str(self.get(key)))

    def milliseconds(self, key: str) -> int:
        """A setting that is a time."""
        return int(kinds.milliseconds(key, str(self.get(key))))

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
