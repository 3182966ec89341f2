"""Which table of which catalog is meant: `catalog.db.table`, `db.table`, or the folder of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.iceberg.catalog_settings import (
    SETTINGS,
    CatalogSettings,
    catalog_settings,
    settings_by_catalog,
)

if TYPE_CHECKING:
    from streamcore.spi.options import Options

CATALOG_OPTIONS: Final = "catalog."
"""Beginning of the options that say where the catalog is: `catalog.uri`, `catalog.type`, ..."""

DEFAULT_CATALOG: Final = "spark.sql.defaultCatalog"
_NAME: Final = "name"
_PART: Final = re.compile(r"`((?:[^`]|``)+)`|([^.`]+)")


@dataclass(frozen=True)
class TableAddress:
    """A table in its catalog; `identifier` ends with the table's own name."""

    catalog: CatalogSettings
    identifier: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.catalog.name, *self.identifier))

    def redact(self, text: str) -> str:
        """The text on one line, without the catalog's secrets."""
        from streamcore.spi.secrets import without_password

        shown = " ".join(text.split())
        for secret in self.catalog.secrets:
            shown = shown.replace(secret, "***")
        return without_password(shown)


def address_of(options: Options) -> TableAddress:
    """The table that the options mean: `path` names it, and `catalog.*` or the session say where it is."""
    parts = parts_of(table_name(options))
    given = {
        k[len(CATALOG_OPTIONS) :]: v for k, v in options.items() if k.lower().startswith(CATALOG_OPTIONS)
    }
    named = settings_by_catalog(options)
    if given:
        return _by_options(parts, given)
    if parts[0] in named and len(parts) > 2:
        return TableAddress(catalog_settings(parts[0], named[parts[0]]), _identifier(parts[1:]))
    default = options.get(DEFAULT_CATALOG)
    if default in named:
        return TableAddress(catalog_settings(default, named[default]), _identifier(parts))
    return _by_environment(parts, named)


def table_name(options: Options) -> str:
    """The name of the table in the options `path` or `table`."""
    names = [options[key] for key in ("path", "table") if key in options]
    if len(names) != 1 or not names[0].strip():
        raise IllegalArgumentException(
            "name the table once: load('catalog.db.table') or save('catalog.db.table'), or the option path"
        )
    return names[0].strip()


def is_folder(options: Options) -> bool:
    """Whether the name is a place instead of a name: read without a catalog."""
    return "/" in table_name(options)


def parts_of(name: str) -> list[str]:
    """The parts of a dotted name.

    >>> parts_of("lake.`odd.db`.t")
    ['lake', 'odd.db', 't']
    """
    parts, at = [], 0
    while found := _PART.match(name, at):
        parts.append(found[2] if found[1] is None else found[1].replace("``", "`"))
        at = found.end()
        if at == len(name):
            return parts
        if name[at] != ".":
            break
        at += 1
    raise AnalysisException(f"{name!r} is not the name of a table: write catalog.db.table")


def _by_options(parts: list[str], given: Mapping[str, str]) -> TableAddress:
    lowered = {key.lower(): value for key, value in given.items()}
    name = lowered.pop(_NAME, None)
    if name is None:
        name, rest = (parts[0], parts[1:]) if len(parts) > 2 else ("default", parts)
    else:
        rest = parts[1:] if parts[0] == name and len(parts) > 2 else parts
    return TableAddress(catalog_settings(name, lowered), _identifier(rest))


def _by_environment(parts: list[str], named: Mapping[str, object]) -> TableAddress:
    """A catalog of pyiceberg's own configuration: .pyiceberg.yaml, or PYICEBERG_CATALOG__NAME__URI."""
    from streamcore.iceberg.catalogs import configured_catalogs

    known = configured_catalogs()
    if len(parts) > 2 and parts[0] in known:
        return TableAddress(CatalogSettings(parts[0], ()), _identifier(parts[1:]))
    if "default" in known:
        return TableAddress(CatalogSettings("default", ()), _identifier(parts))
    there = ", ".join(sorted({*named, *known})) or "none"
    raise AnalysisException(
        f"no catalog is known for the Iceberg table {'.'.join(parts)!r} (known catalogs: {there}). Name it "
        f"first, catalog.db.table, and set {SETTINGS}<catalog>.type, .uri and .warehouse in the session; or "
        "give the options catalog.type, catalog.uri and catalog.warehouse"
    )


def _identifier(parts: list[str]) -> tuple[str, ...]:
    if len(parts) < 2:
        raise AnalysisException(
            f"the Iceberg table {'.'.join(parts)!r} needs the name of its database: catalog.db.table"
        )
    return tuple(parts)
