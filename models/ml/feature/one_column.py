"""One column in, one column out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.param.shared import HasInputCol, HasOutputCol

if TYPE_CHECKING:
    from typing import Self


class OneColumn(HasInputCol, HasOutputCol):
    """Has an input column and an output column, and their setters."""

    def setInputCol(self, value: str) -> Self:
        """Set `inputCol`."""
        return self._set(inputCol=value)

    def setOutputCol(self, value: str) -> Self:
        """Set `outputCol`."""
        return self._set(outputCol=value)
