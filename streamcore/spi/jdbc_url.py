"""JDBC's names of databases and drivers, as SQLAlchemy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from streamcore.spi.options import Options

_DRIVERS = {
    "postgresql": ("org.postgresql.Driver",),
    "sqlite": ("org.sqlite.JDBC",),
    "mysql": ("com.mysql.cj.jdbc.Driver", "com.mysql.jdbc.Driver"),
    "mariadb": ("org.mariadb.jdbc.Driver",),
    "duckdb": ("org.duckdb.DuckDBDriver",),
}


def sqlalchemy_url(text: str) -> str:
    """The URL of a JDBC database for SQLAlchemy; one that is SQLAlchemy's already stays.

    >>> sqlalchemy_url("jdbc:postgresql://host:5432/db")
    'postgresql://host:5432/db'
    >>> sqlalchemy_url("jdbc:sqlite:/data/a.db")
    'sqlite:////data/a.db'
    """
    if not text.startswith("jdbc:"):
        return text
    found = text.removeprefix("jdbc:")
    if found.startswith("sqlite:") and not found.startswith("sqlite://"):
        return f"sqlite:///{found.removeprefix('sqlite:')}"
    return found


def require_driver(driver: str | None, url: str) -> None:
    """Raises IllegalArgumentException for a JDBC driver that is not the one of the URL's database."""
    if driver is None:
        return
    database = sqlalchemy_url(url).partition(":")[0].partition("+")[0]
    if driver not in _DRIVERS.get(database, ()):
        known = ", ".join(_DRIVERS.get(database, ())) or "none"
        raise IllegalArgumentException(
            f"the option driver={driver!r} names no driver of the database {database!r} (known: {known}): "
            "databases are reached through SQLAlchemy; leave driver out"
        )


def database_url(options: Options, what: str) -> URL:
    """The URL in the options `url`, `user` and `password`, for SQLAlchemy.

    Raises IllegalArgumentException, which does not show the URL: it may hold a password.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    text = options.get("url")
    if not text:
        raise IllegalArgumentException(
            f"the {what} format needs the option 'url', such as jdbc:sqlite:data.db"
        )
    try:
        url = make_url(sqlalchemy_url(text))
    except (ArgumentError, ValueError):
        raise IllegalArgumentException(
            "the option 'url' is no URL of a database (jdbc:dialect://host:port/database); it is not shown, "
            "since it may hold a password"
        ) from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    # JDBC's URLs may have them in the query.
    user, password = (options.get(name, url.query.get(name)) for name in ("user", "password"))
    url = url.difference_update_query(["user", "password"])
    if user is not None:
        url = url.set(username=str(user))
    return url if password is None else url.set(password=str(password))
