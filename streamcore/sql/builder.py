"""Session.builder: how a session is asked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamcore.spi.not_offered import NotOffered

if TYPE_CHECKING:
    from streamcore.conf import Conf
    from streamcore.sql.session import Session

_lock = threading.RLock()
_log = logging.getLogger("streamcore.settings")


class Builder:
    """Collects settings; `getOrCreate` returns the running session with them, or starts one."""

    enableHiveSupport = NotOffered("there is no Hive; use df.createOrReplaceTempView, or read files by path")
    remote = NotOffered("streamcore runs in this process; use master('local[*]')")

    def __init__(self) -> None:
        self._options: dict[str, str] = {}

    def master(self, master: str) -> Builder:
        """Where the work runs: `local`, `local[n]`, `local[*]`."""
        return self.config("spark.master", master)

    def appName(self, name: str) -> Builder:
        """The application's name, shown in the status."""
        return self.config("spark.app.name", name)

    def config(
        self,
        key: str | None = None,
        value: Any | None = None,
        conf: Conf | None = None,
        *,
        map: Mapping[str, Any] | None = None,
    ) -> Builder:
        """One setting by key and value, or many by a Conf or a mapping."""
        entries: Mapping[str, Any] = {}
        if conf is not None:
            entries = dict(conf.getAll())
        elif map is not None:
            entries = map
        elif key is not None:
            entries = {key: value}
        for name, item in entries.items():
            self._options[name] = str(item).lower() if isinstance(item, bool) else str(item)
        return self

    def getOrCreate(self) -> Session:
        """The active session with these settings applied; a new one when none is running."""
        from streamcore.sql.session import Session

        with _lock:
            session = Session.getActiveSession()
            if session is None:
                return self.create()
            self._apply_to(session)
            return session

    def create(self) -> Session:
        """A new session; it shares the running application's context when there is one."""
        from streamcore.conf import Conf
        from streamcore.context import Context
        from streamcore.sql.session import Session

        with _lock:
            running = Session.getActiveSession()
            if running is not None:
                session = running.newSession()
                self._apply_to(session)
                return session
            return Session(Context.getOrCreate(Conf().setAll(self._options.items())))

    def _apply_to(self, session: Session) -> None:
        """Sets what a running session can change, and says what it cannot."""
        for key, value in self._options.items():
            if session.conf.isModifiable(key):
                session.conf.set(key, value)
            elif session.conf.get(key, None) != value:
                _log.warning("%s has no effect: the application runs already, with its own value", key)
