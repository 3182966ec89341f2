"""JSON and CSV in the rows of an RDD or DataFrame, read like the lines of a file."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, ArgumentTypeError
from streamcore.spi.types import StringType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.sql.session import Session

_numbers = count(1)


def path_of(session: Session, given: Any) -> Any:
    """The path itself; for an RDD or DataFrame of texts, that of a file with them as they are now.

    The file goes with the context.  Raises ArgumentTypeError for anything else, AnalysisException for a
    DataFrame that is not one column of texts, and for a text of several lines.
    """
    from streamcore.sql.dataframe import DataFrame

    if isinstance(given, (str, list, tuple)) or hasattr(given, "__fspath__"):
        return given
    if isinstance(given, DataFrame):
        if [field.dataType for field in given.schema.fields] != [StringType()]:
            raise AnalysisException(
                f"a DataFrame of texts has one column of strings, not {given.schema.simpleString()}"
            )
        return _written(session, (row[0] for row in given.toLocalIterator()))
    if hasattr(given, "toLocalIterator"):
        return _written(session, given.toLocalIterator())
    raise ArgumentTypeError(
        "[NOT_EXPECTED_TYPE] Argument `path` should be str, list, RDD, or DataFrame, got "
        f"{type(given).__name__}."
    )


def _written(session: Session, texts: Iterator[Any]) -> str:
    place = session.sparkContext.runtime.folder / f"texts-{next(_numbers)}"
    with place.open("w", encoding="utf-8", newline="") as file:
        for text in texts:
            if text is not None:
                file.write(_line(text))
    return str(place)


def _line(text: Any) -> str:
    found = text.decode() if isinstance(text, bytes) else str(text)
    if "\n" in found.strip():
        raise AnalysisException(
            f"a text of an RDD or DataFrame is one record and one line, not {found[:80]!r}; put it on one "
            "line"
        )
    return found.strip("\r\n") + "\n"
