"""A formula over the columns of a dataset, and the stages that make a column of each of its terms."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.models.ml.attributes import size_of
from streamcore.models.ml.feature.formula import Formula, Term
from streamcore.models.ml.feature.interaction import Interaction
from streamcore.models.ml.feature.kinds import first_size
from streamcore.models.ml.feature.one_hot_encoder import OneHotEncoder
from streamcore.models.ml.feature.string_indexer import StringIndexer
from streamcore.models.ml.feature.vector_size_hint import VectorSizeHint
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.param.params import shown
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import BooleanType, DataType, NumericType, StringType, StructType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.models.ml.pipeline import PipelineStage
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class ResolvedFormula:
    """A formula over the columns of a dataset: the label ("" for none) and the terms."""

    label: str
    terms: tuple[Term, ...]
    hasIntercept: bool

    def __str__(self) -> str:
        terms = [term[0] if len(term) == 1 else f"{{{','.join(term)}}}" for term in self.terms]
        intercept = shown(self.hasIntercept)
        return f"ResolvedRFormula(label={self.label}, terms={shown(terms)}, hasIntercept={intercept})"

    @classmethod
    def of(cls, formula: Formula, schema: StructType) -> Self:
        """The formula over the columns of a schema that can be features."""
        kinds = NumericType | StringType | BooleanType | VectorUDT
        columns = [column.name for column in schema.fields if isinstance(column.dataType, kinds)]
        terms = tuple(formula.terms(columns))
        for name in dict.fromkeys(name for term in terms for name in term):
            field_of(schema, name)
        return cls(formula.label, terms, formula.hasIntercept)


@dataclass
class FormulaStages:
    """The stages of a formula, as they are put together."""

    dataset: DataFrame
    order: str
    invalid: str
    stages: list[PipelineStage] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)
    between: list[str] = field(default_factory=list)

    def column(self, purpose: str) -> str:
        """A new name for a column that is dropped in the end."""
        name = f"{purpose}_{uuid.uuid4().hex[-12:]}"
        self.between.append(name)
        return name

    def kind(self, name: str) -> DataType:
        return field_of(self.dataset.schema, name).dataType

    def indexed(self, name: str) -> str:
        """The column of a name that encoders read: the numbers of labels where it holds strings."""
        if isinstance(self.kind(name), VectorUDT):
            size = size_of(field_of(self.dataset.schema, name))
            known = first_size(self.dataset, name) if size is None else size
            self.stages.append(VectorSizeHint(inputCol=name, size=known, handleInvalid="optimistic"))
        if not isinstance(self.kind(name), StringType):
            return name
        column = self.column("stridx")
        self.prefixes[f"{column}_"] = f"{name}_"
        self.stages.append(
            StringIndexer(
                inputCol=name, outputCol=column, stringOrderType=self.order, handleInvalid=self.invalid
            )
        )
        return column

    def encoded(self, name: str, index: str, *, dropLast: bool) -> str:
        """The column of vectors of a column of labels."""
        column = self.column("onehot")
        self.prefixes[f"{column}_"] = f"{name}_"
        self.stages.append(OneHotEncoder(inputCols=[index], outputCols=[column], dropLast=dropLast))
        return column

    def interaction(self, columns: Sequence[str]) -> str:
        """The column of products."""
        column = self.column("interaction")
        self.prefixes[f"{column}_"] = ""
        self.stages.append(Interaction(inputCols=columns, outputCol=column))
        return column

    def terms(self, formula: ResolvedFormula) -> list[str]:
        """A column for each term; without an intercept the first strings keep all their labels."""
        names = dict.fromkeys(name for term in formula.terms for name in term)
        index = {name: self.indexed(name) for name in names}
        drops = formula.hasIntercept
        columns = []
        for term in formula.terms:
            if len(term) > 1:
                columns.append(self.interaction([index[name] for name in term]))
            elif isinstance(self.kind(term[0]), StringType):
                columns.append(self.encoded(term[0], index[term[0]], dropLast=drops))
                drops = True
            else:
                columns.append(term[0])
        return columns
