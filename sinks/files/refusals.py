"""Errors that writers into folders and into object stores share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from streamcore.spi.exactly_once import QueryIdentity


def refuse_other_modes(query: QueryIdentity, format_name: str) -> None:
    """Raises AnalysisException unless rows are only appended."""
    if query.output_mode != "append":
        raise AnalysisException(
            f"[STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE] Invalid streaming output mode: "
            f"{query.output_mode}. This output mode is not supported in Data Source {format_name}: "
            "rows in files are never changed. Use outputMode('append') (with a watermark if the query "
            "aggregates), or a database sink with keyColumns. SQLSTATE: 42KDE"
        )


def foreign_files(folder: str, example: str) -> AnalysisException:
    """The error for a folder with files that are not the query's."""
    return AnalysisException(
        f"{folder} already holds files that no streaming query wrote ({example}): once a query writes there, "
        "readers follow its manifest and would no longer see them. Write to an empty folder"
    )


def streaming_output(folder: str) -> AnalysisException:
    """The error for a batch write into the output of a streaming query."""
    return AnalysisException(
        f"{folder} is the output of a streaming query: readers see only what its manifest lists, so "
        "files added by a batch write would be invisible. Write to another folder, or remove this one "
        "first"
    )
