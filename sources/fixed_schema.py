"""For sources that have a schema of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from streamcore.spi.types import StructType


def require_schema(given: StructType, own: StructType, name: str) -> None:
    """Raises when the user gave a schema to the source `name` that has its own."""
    if given != own:
        raise AnalysisException(
            f"the {name} source has the fixed schema {own.simpleString()}: leave out schema(...)"
        )
