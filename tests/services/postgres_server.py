"""A private PostgreSQL server on loopback, made by `initdb`, under an unprivileged account."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from tests.services.postgres_databases import PostgresDatabases
from tests.services.readiness import ServiceDidNotStart, free_port
from tests.services.server import ProcessServer
from tests.services.supervised import Account, SupervisedProcess

_USER = "streamcore"


def postgres_programs() -> Path | None:
    """Return the folder that holds initdb and postgres, of the newest version, or None."""
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: _number(bin_.parent.name))
    for folder in [*on_path, *reversed(debian)]:
        if all((folder / program).exists() for program in ("initdb", "postgres")):
            return folder
    return None


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0


def unprivileged_account() -> Account | None:
    """Return the account for the server when this process is root, which PostgreSQL refuses; else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServiceDidNotStart(
        "PostgreSQL does not run as root, and there is no account `postgres` or `nobody`"
    )


class PostgresServer(PostgresDatabases, ProcessServer):
    """A server that keeps its port and its data across `stop` or `kill` and `start`; fsync is on.

    As in::

        with PostgresServer() as server:
            database = server.new_database()
    """

    STOP = "SIGINT"  # "fast": open transactions are rolled back
    KILL = "SIGQUIT"  # "immediate": no checkpoint, recovery from the log at the next start

    def __init__(self, programs: Path | None = None) -> None:
        folder = programs or postgres_programs()
        if folder is None:
            raise ServiceDidNotStart("there is no initdb on the PATH or in /usr/lib/postgresql")
        self._programs = folder
        self._port = free_port()
        self._password = secrets.token_urlsafe(12)
        self._account = unprivileged_account()
        ProcessServer.__init__(self)
        url = f"postgresql://{_USER}:{self._password}@127.0.0.1:{self._port}/postgres"
        PostgresDatabases.__init__(self, url, "private server")

    def launch(self) -> SupervisedProcess:
        data = self.home / "data"
        if not data.exists():
            self._initdb(data)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "max_connections": "50",
            # Changes of tables are read through replication slots.
            "wal_level": "logical",
            "max_replication_slots": "50",
            "max_wal_senders": "20",
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(data), *options]
        return SupervisedProcess(command, self.home, self.KILL, self._account)

    def _initdb(self, data: Path) -> None:
        secret = self.home / "password"
        secret.write_text(self._password)
        if self._account is not None:
            for path in (self.home, secret):
                os.chown(path, self._account.uid, self._account.gid)
        options = ["--username", _USER, "--pwfile", str(secret), "--auth", "scram-sha-256"]
        ran = subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                data,
                *options,
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            user=None if self._account is None else self._account.uid,
            group=None if self._account is None else self._account.gid,
            extra_groups=None if self._account is None else [],
        )
        if ran.returncode != 0:
            raise ServiceDidNotStart(
                f"initdb ended with {ran.returncode}: {(ran.stdout + ran.stderr).strip()}"
            )
