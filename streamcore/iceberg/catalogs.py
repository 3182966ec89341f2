"""Catalogs and tables, opened through pyiceberg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from streamcore.distribution import install_command
from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.iceberg.failures import unavailable
from streamcore.iceberg.object_stores import store_properties

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

    from streamcore.iceberg.names import TableAddress


def require_pyiceberg() -> None:
    """Raises IllegalArgumentException, with the way out, where pyiceberg is not installed."""
    try:
        import pyiceberg  # noqa: F401 - asked for, not used
    except ImportError as error:
        raise IllegalArgumentException(
            f"Iceberg tables need pyiceberg: {install_command('iceberg')}"
        ) from error


def configured_catalogs() -> list[str]:
    """The names of the catalogs in pyiceberg's own configuration."""
    require_pyiceberg()
    from pyiceberg.catalog import list_catalogs

    return list_catalogs()


@contextmanager
def opened(address: TableAddress) -> Iterator[Catalog]:
    """The catalog of a table, closed at the end."""
    catalog = open_catalog(address)
    try:
        yield catalog
    finally:
        catalog.close()


def open_catalog(address: TableAddress) -> Catalog:
    """The catalog of a table.

    Raises IllegalArgumentException for settings that cannot be right, SourceUnavailable without an answer.
    """
    require_pyiceberg()
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchPropertyException, NotInstalledError

    given = dict(address.catalog.properties)
    properties: dict[str, Any] = {**store_properties(given.get("warehouse")), **given}
    try:
        return load_catalog(address.catalog.name, **properties)
    except (ValueError, TypeError, NoSuchPropertyException, NotInstalledError, ImportError) as error:
        raise IllegalArgumentException(
            f"the catalog {address.catalog.name!r} cannot be opened: {address.redact(str(error))}. Check its "
            "type, uri and warehouse"
        ) from None
    except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
        raise unavailable(error, address) from None


def load_table(catalog: Catalog, address: TableAddress) -> Table:
    """The table as it is now; AnalysisException when there is none."""
    found = find_table(catalog, address)
    if found is None:
        raise AnalysisException(
            f"[TABLE_OR_VIEW_NOT_FOUND] The Iceberg table {address} cannot be found. Verify the spelling, "
            "and that the catalog is the right one. SQLSTATE: 42P01"
        )
    return found


def find_table(catalog: Catalog, address: TableAddress) -> Table | None:
    """The table as it is now; None when there is none."""
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

    try:
        return catalog.load_table(address.identifier)
    except (NoSuchTableError, NoSuchNamespaceError):
        return None
    except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
        raise unavailable(error, address) from None
