"""A table opened for reading: through its catalog, or by the place of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.iceberg.catalogs import load_table, open_catalog, require_pyiceberg
from streamcore.iceberg.object_stores import store_properties

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

    from streamcore.sources.iceberg.settings import Place


@dataclass(frozen=True)
class OpenTable:
    """A table, and the catalog that is closed with it."""

    place: Place
    table: Table
    catalog: Catalog | None

    def close(self) -> None:
        """Closes the catalog."""
        if self.catalog is not None:
            self.catalog.close()


def open_table(place: Place) -> OpenTable:
    """The table as it is now; AnalysisException when there is none."""
    require_pyiceberg()
    if place.address is None:
        return OpenTable(place, _by_folder(place), None)
    catalog = open_catalog(place.address)
    try:
        return OpenTable(place, load_table(catalog, place.address), catalog)
    except BaseException:
        catalog.close()
        raise


def _by_folder(place: Place) -> Table:
    from pyiceberg.table import StaticTable

    properties = {**store_properties(str(place.folder)), **dict(place.properties)}
    try:
        return StaticTable.from_metadata(str(place.folder), properties)
    except (OSError, ValueError) as error:
        raise AnalysisException(
            f"there is no Iceberg table to read at {place.folder}: {error}. Name a metadata file "
            "(.../metadata/00003-....metadata.json), or the folder of a table with a version-hint.text; "
            "tables of a catalog are read by their name"
        ) from error
