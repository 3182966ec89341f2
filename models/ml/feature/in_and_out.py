"""Which columns a transformer reads and makes: one, or several pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import AttributeGroup
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.param.shared import HasInputCols, HasOutputCols
from streamcore.models.ml.schemas import require_new, require_vector
from streamcore.spi.types import StructField, StructType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.models.ml.param import Params


def require_vectors(stage: OneColumn, schema: StructType) -> None:
    """The input is a column of vectors, and the output a new one."""
    require_vector(schema, stage.getInputCol())
    require_new(schema, [stage.getOutputCol()])


class OneOrSeveralColumns(OneColumn, HasInputCols, HasOutputCols):
    """Makes one column of another (`inputCol`), or several pair by pair (`inputCols`)."""

    def setInputCols(self, value: Sequence[str]) -> Self:
        """Set `inputCols`."""
        return self._set(inputCols=value)

    def setOutputCols(self, value: Sequence[str]) -> Self:
        """Set `outputCols`."""
        return self._set(outputCols=value)

    def _is_several(self, one: Sequence[str] = (), several: Sequence[str] = ()) -> bool:
        """Whether `inputCols` counts; the parameters `one` belong to `inputCol`, `several` to the other.

        IllegalArgumentException when not exactly one of both is set, or one with what belongs to the other.
        """
        set_one, set_several = self.isSet("inputCol"), self.isSet("inputCols")
        owner = f"{type(self).__name__} {self.uid}"
        if set_one == set_several:
            state = "both are set" if set_one else "neither is set"
            raise IllegalArgumentException(
                f"{'requirement failed: ' if set_one else ''}{owner} requires exactly one of inputCol, "
                f"inputCols Params to be set, but {state}."
            )
        kind, said = ("multi", "inputCols") if set_several else ("single", "inputCol")
        mine, foreign = (("outputCols", *several), ("outputCol", *one))[:: 1 if set_several else -1]
        _require_only(self, f"{owner} has the {said} Param set for {kind}-column transform.", mine, foreign)
        return set_several

    def _told_columns(self) -> dict[str, int]:
        """How many columns there are, where they are several, as `repr` of a model tells it."""
        several = {"numInputCols": "inputCols", "numOutputCols": "outputCols"}
        return {key: len(self.getOrDefault(name)) for key, name in several.items() if self.isSet(name)}

    def _pairs(self) -> list[tuple[str, str]]:
        """The input columns, each with the column that is made of it."""
        if not self._is_several():
            return [(self.getInputCol(), self.getOutputCol())]
        inputs, outputs = self.getInputCols(), self.getOutputCols()
        if len(inputs) != len(outputs):
            raise IllegalArgumentException(
                "requirement failed: The number of input columns does not match output columns"
            )
        return list(zip(inputs, outputs, strict=True))


def _require_only(owner: Params, said: str, mine: Sequence[str], foreign: Sequence[str]) -> None:
    excess = [name for name in foreign if owner.isSet(name)]
    missing = [name for name in mine if not owner.isDefined(name)]
    told = said
    if excess:
        told += f" The following Params are not applicable and should not be set: {', '.join(excess)}."
    if missing:
        told += f" The following Params must be defined but are not set: {', '.join(missing)}."
    if excess or missing:
        raise IllegalArgumentException(told)


def vector_field(name: str, group: AttributeGroup | None = None) -> StructField:
    """A column of vectors, with what is known of its features."""
    metadata: dict[str, Any] = {} if group is None else group.of_column()
    return StructField(name, VectorUDT(), metadata=metadata)
