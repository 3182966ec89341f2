"""The settings of a catalog, as Spark's Iceberg names them, in pyiceberg's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.spi.jdbc_url import sqlalchemy_url

SETTINGS: Final = "spark.sql.catalog."
"""Beginning of a session's settings of catalogs: `spark.sql.catalog.<name>.<property>`."""

_SPARK_CATALOG: Final = "org.apache.iceberg.spark.SparkCatalog"
_TYPES: Final = {"jdbc": "sql", "sql": "sql", "rest": "rest", "hive": "hive", "glue": "glue"}
_PASSED_TYPES: Final = ("in-memory", "dynamodb", "bigquery")
_IMPLEMENTATIONS: Final = {
    "org.apache.iceberg.jdbc.JdbcCatalog": "sql",
    "org.apache.iceberg.rest.RESTCatalog": "rest",
    "org.apache.iceberg.hive.HiveCatalog": "hive",
    "org.apache.iceberg.aws.glue.GlueCatalog": "glue",
}
_FILE_IOS: Final = (
    "org.apache.iceberg.aws.s3.S3FileIO", "org.apache.iceberg.hadoop.HadoopFileIO",
    "org.apache.iceberg.gcp.gcs.GCSFileIO", "org.apache.iceberg.azure.adlsv2.ADLSFileIO",
    "org.apache.iceberg.io.ResolvingFileIO",
)  # fmt: skip
_DEFAULTS: Final = "table-default."
_OVERRIDES: Final = "table-override."


@dataclass(frozen=True, repr=False)
class CatalogSettings:
    """A catalog by its name; `properties` are pyiceberg's, and may hold secrets."""

    name: str
    properties: tuple[tuple[str, str], ...]
    table_defaults: tuple[tuple[str, str], ...] = ()
    table_overrides: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"CatalogSettings({self.name!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no message may show, the longest first."""
        from streamcore.spi.secrets import is_secret

        found = [value for key, value in self.properties if is_secret(key) and value]
        found += _passwords(dict(self.properties).get("uri", ""))
        return tuple(sorted(found, key=len, reverse=True))


def catalog_settings(name: str, given: Mapping[str, str]) -> CatalogSettings:
    """The settings of the catalog `name` from what was given for it, by Spark's names or by pyiceberg's.

    >>> found = catalog_settings("lake", {"type": "jdbc", "uri": "jdbc:sqlite:/data/lake.db"})
    >>> dict(found.properties)
    {'type': 'sql', 'uri': 'sqlite:////data/lake.db'}
    """
    known = {key.lower(): value for key, value in given.items() if key}
    _require_iceberg(name, given.get(""))
    properties: dict[str, str] = {}
    kind = _type(name, known.pop("type", None), known.pop("catalog-impl", None))
    if kind is not None:
        properties["type"] = kind
    _check_cache(name, known.pop("cache-enabled", "false"))
    _check_file_io(name, known.pop("io-impl", None))
    user, password = known.pop("jdbc.user", None), known.pop("jdbc.password", None)
    if (uri := known.pop("uri", None)) is not None:
        properties["uri"] = _uri(uri, user, password)
    if (version := known.pop("jdbc.schema-version", None)) is not None:
        properties["schema_version"] = version.lower()
    properties.update({k: v for k, v in known.items() if not k.startswith((_DEFAULTS, _OVERRIDES))})
    return CatalogSettings(
        name,
        tuple(properties.items()),
        tuple((k.removeprefix(_DEFAULTS), v) for k, v in known.items() if k.startswith(_DEFAULTS)),
        tuple((k.removeprefix(_OVERRIDES), v) for k, v in known.items() if k.startswith(_OVERRIDES)),
    )


def settings_by_catalog(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What a session says of each catalog; the class of a catalog under an empty name.

    >>> settings_by_catalog({"spark.sql.catalog.lake": "C", "spark.sql.catalog.lake.uri": "u", "a": "b"})
    {'lake': {'': 'C', 'uri': 'u'}}
    """
    found: dict[str, dict[str, str]] = {}
    for key, value in settings.items():
        if key.lower().startswith(SETTINGS):
            name, _, property_name = key[len(SETTINGS) :].partition(".")
            found.setdefault(name, {})[property_name] = value
    return found


def _require_iceberg(name: str, class_name: str | None) -> None:
    if class_name not in (None, _SPARK_CATALOG):
        raise AnalysisException(
            f"{SETTINGS}{name}={class_name} is not offered: set it to {_SPARK_CATALOG}, and reach the "
            "built-in tables by their own names"
        )


def _type(name: str, kind: str | None, implementation: str | None) -> str | None:
    if implementation is not None:
        if kind is not None:
            raise IllegalArgumentException(
                f"the catalog {name!r} has both type={kind} and catalog-impl={implementation}: leave one out"
            )
        if implementation not in _IMPLEMENTATIONS:
            raise IllegalArgumentException(
                f"the catalog {name!r} has catalog-impl={implementation}, a class of the JVM; known are "
                f"{', '.join(sorted(_IMPLEMENTATIONS))}"
            )
        return _IMPLEMENTATIONS[implementation]
    if kind is None:
        return None
    found = _TYPES.get(kind.lower(), kind.lower() if kind.lower() in _PASSED_TYPES else None)
    if found is None:
        raise IllegalArgumentException(
            f"the catalog {name!r} has type={kind}: known are "
            f"{', '.join(sorted({*_TYPES, *_PASSED_TYPES}))}. A hadoop catalog cannot be committed to safely "
            "without its lock; register its tables in another catalog, or read one by the path of its folder"
        )
    return found


def _check_cache(name: str, text: str) -> None:
    if text.lower() != "false":
        raise IllegalArgumentException(
            f"the catalog {name!r} has cache-enabled={text}: tables are loaded anew for every use; leave it "
            "out, or set it to false"
        )


def _check_file_io(name: str, class_name: str | None) -> None:
    if class_name is not None and class_name not in _FILE_IOS:
        raise IllegalArgumentException(
            f"the catalog {name!r} has io-impl={class_name}, a class of the JVM: files are reached by the "
            "scheme of their place (s3://, gs://, abfss://, file:); leave io-impl out, or set pyiceberg's "
            "py-io-impl"
        )


def _uri(text: str, user: str | None, password: str | None) -> str:
    found = sqlalchemy_url(text)
    if not found.startswith(("postgresql", "sqlite", "mysql", "mariadb")):
        return found
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(found)
    except ArgumentError:
        raise IllegalArgumentException(
            "the uri of the catalog is not one that SQLAlchemy or JDBC understand (it is not shown: it may "
            "hold a password); write postgresql://user:password@host/database or sqlite:////path/file.db"
        ) from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if user is not None:
        url = url.set(username=user)
    if password is not None:
        url = url.set(password=password)
    return url.render_as_string(hide_password=False)


def _passwords(uri: str) -> list[str]:
    """The password in a URI: as it is written there, and as it is."""
    from urllib.parse import unquote

    who, at, _ = uri.partition("://")[2].rpartition("@")
    written = who.partition(":")[2]
    return [written, unquote(written)] if at and written else []
