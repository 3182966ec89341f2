"""The header of a CSV file beside the schema that was given: the option enforceSchema."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from streamcore.errors import IllegalArgumentException
from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.sources.files.formats.csv_sql import CsvRead
from streamcore.spi.options import Options

_LOG = logging.getLogger("streamcore.sources.files")


def check_headers(cells: Cells, heads: Mapping[str, Sequence[str]], read: CsvRead, options: Options) -> None:
    """Compares the header of each file with the schema; `heads` are the lines up to it, by path.

    As in Spark the columns count by position whatever the header says, with a warning; with
    enforceSchema=false a header that differs is an error. Of the columns only those that are read are
    compared, without case.

    Raises IllegalArgumentException that names the file and what differs.
    """
    if not cells.header:
        return
    enforced = options.boolean("enforceSchema", default=True)
    for path, lines in heads.items():
        found = _difference(cells, lines, read)
        if found is None:
            continue
        if not enforced:
            raise IllegalArgumentException(
                f"{found} CSV file: {path}. Give the schema in the order of the header, or set "
                "enforceSchema=true to read the columns by their positions."
            )
        _LOG.warning("%s CSV file: %s. The columns are read by their positions.", found, path)


def _difference(cells: Cells, lines: Sequence[str], read: CsvRead) -> str | None:
    names = [field.name for field in read.fields]
    # The last line is the header, unless the file ended before one came.
    header = cells.header_of(lines)
    if header is None:
        return None
    if read.counts_cells and len(header) != len(names):
        return (
            "Number of column in CSV header is not equal to number of fields in the schema: Header length: "
            f"{len(header)}, schema size: {len(names)}."
        )
    for at, field in read.judged:
        found = header[at] if at < len(header) else None
        if found is None or found.lower() != field.name.lower():
            return (
                f"CSV header does not conform to the schema. Header: {', '.join(map(str, header))} Schema: "
                f"{', '.join(names)} Expected: {field.name} but found: {found}."
            )
    return None
