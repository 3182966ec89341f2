"""Features and label by a formula of R."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.formula import parsed
from streamcore.models.ml.feature.formula_stages import ColumnPruner, VectorAttributeRewriter
from streamcore.models.ml.feature.formula_terms import FormulaStages, ResolvedFormula
from streamcore.models.ml.feature.kinds import quoted
from streamcore.models.ml.feature.string_indexer import StringIndexer
from streamcore.models.ml.feature.vector_assembler import VectorAssembler
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasFeaturesCol, HasHandleInvalid, HasLabelCol
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.persistence import read_table, write_table
from streamcore.models.ml.pipeline import Pipeline, PipelineModel
from streamcore.models.ml.saved import Saved
from streamcore.spi.types import BooleanType, NumericType, StringType, StructType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.models.ml.pipeline import PipelineStage
    from streamcore.sql.dataframe import DataFrame


class _RFormulaParams(HasFeaturesCol, HasLabelCol, HasHandleInvalid):
    formula: Param[str] = Param(Params._dummy(), "formula", "the formula.", TypeConverters.toString)
    forceIndexLabel: Param[bool] = Param(
        Params._dummy(), "forceIndexLabel", "whether a label of numbers is indexed as strings are.",
        TypeConverters.toBoolean,
    )  # fmt: skip
    stringIndexerOrderType: Param[str] = Param(
        Params._dummy(),
        "stringIndexerOrderType",
        "the order of labels, of which the last is left out: frequencyDesc, frequencyAsc, alphabetDesc, "
        "alphabetAsc.",
        TypeConverters.toString,
        one_of("frequencyDesc", "frequencyAsc", "alphabetDesc", "alphabetAsc"),
    )
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to null and to labels that were not seen: error, skip (their rows are dropped) or "
        "keep.",
        TypeConverters.toString,
        one_of("skip", "error", "keep"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(forceIndexLabel=False, stringIndexerOrderType="frequencyDesc", handleInvalid="error")

    def getFormula(self) -> str:
        """The value of `formula`."""
        return self.getOrDefault(self.formula)

    def getForceIndexLabel(self) -> bool:
        """The value of `forceIndexLabel`, or its default."""
        return self.getOrDefault(self.forceIndexLabel)

    def getStringIndexerOrderType(self) -> str:
        """The value of `stringIndexerOrderType`, or its default."""
        return self.getOrDefault(self.stringIndexerOrderType)


class RFormula(Estimator["RFormulaModel"], _RFormulaParams, Saved):
    """Makes features and label by a formula: `y ~ a + b`, with the operators `~ . : * ^ + -` and 0 or 1.

    Strings are indexed and become vectors of 0 and 1. A formula only names columns: nothing in it is run.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(1.0, "a"), (0.0, "b")], ["y", "team"])
    >>> RFormula(formula="y ~ team").fit(df).transform(df).head()
    Row(y=1.0, team='a', features=DenseVector([1.0]), label=1.0)
    """

    @keyword_only
    def __init__(
        self,
        *,
        formula: str | None = None,
        featuresCol: str = "features",
        labelCol: str = "label",
        forceIndexLabel: bool = False,
        stringIndexerOrderType: str = "frequencyDesc",
        handleInvalid: str = "error",
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        formula: str | None = None,
        featuresCol: str = "features",
        labelCol: str = "label",
        forceIndexLabel: bool = False,
        stringIndexerOrderType: str = "frequencyDesc",
        handleInvalid: str = "error",
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setFormula(self, value: str) -> Self:
        """Set `formula`."""
        return self._set(formula=value)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setForceIndexLabel(self, value: bool) -> Self:
        """Set `forceIndexLabel`."""
        return self._set(forceIndexLabel=value)

    def setStringIndexerOrderType(self, value: str) -> Self:
        """Set `stringIndexerOrderType`."""
        return self._set(stringIndexerOrderType=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def _fit(self, dataset: DataFrame) -> RFormulaModel:
        if not self.isDefined("formula"):
            raise IllegalArgumentException("requirement failed: Formula must be defined first.")
        self._require_columns(dataset.schema)
        formula = ResolvedFormula.of(parsed(self.getFormula()), dataset.schema)
        pipeline = Pipeline(stages=self._stages(formula, dataset))
        return fitted(self, RFormulaModel(formula, fitted(self, pipeline.fit(dataset))))

    def _require_columns(self, schema: StructType) -> None:
        if self.getFeaturesCol() in schema.names:
            raise IllegalArgumentException(f"Output column {self.getFeaturesCol()} already exists.")
        if self.getLabelCol() in schema.names and self.getForceIndexLabel():
            raise IllegalArgumentException(
                "requirement failed: If label column already exists, forceIndexLabel can not be set with "
                "true."
            )

    def _stages(self, formula: ResolvedFormula, dataset: DataFrame) -> list[PipelineStage]:
        made = FormulaStages(dataset, self.getStringIndexerOrderType(), self.getHandleInvalid())
        columns, features = made.terms(formula), self.getFeaturesCol()
        assembler = VectorAssembler(
            inputCols=columns, outputCol=features, handleInvalid=self.getHandleInvalid()
        )
        rewriter, pruner = VectorAttributeRewriter(features, made.prefixes), ColumnPruner(made.between)
        return [
            *made.stages,
            assembler,
            rewriter,
            pruner,
            *self._label_indexer(formula.label, dataset.schema),
        ]

    def _label_indexer(self, label: str, schema: StructType) -> list[PipelineStage]:
        is_text = label in schema.names and isinstance(schema[label].dataType, StringType)
        if not label or not (is_text or self.getForceIndexLabel()):
            return []
        return [
            StringIndexer(inputCol=label, outputCol=self.getLabelCol(), handleInvalid=self.getHandleInvalid())
        ]


class RFormulaModel(Model, _RFormulaParams, Saved):
    """What RFormula has learned: terms, and the stages that make features and label of them."""

    def __init__(self, formula: ResolvedFormula, pipeline: PipelineModel) -> None:
        super().__init__()
        self._resolved = formula
        self._pipeline = pipeline

    def _told(self) -> dict[str, Any]:
        return {"resolvedFormula": self._resolved}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        self._require_columns(dataset.schema)
        made = self._pipeline.transform(dataset)
        label = self._resolved.label
        if not label or self.getLabelCol() in made.columns or label not in made.columns:
            return made  # a dataset without labels is one to predict for
        if not isinstance(made.schema[label].dataType, NumericType | BooleanType):
            raise IllegalArgumentException(
                f"Unsupported type for label: {type(made.schema[label].dataType).__name__}"
            )
        return made.withColumn(self.getLabelCol(), made[quoted(label)].cast("double"))

    def _require_columns(self, schema: StructType) -> None:
        if self.getFeaturesCol() in schema.names:
            raise IllegalArgumentException("requirement failed: Features column already exists.")
        label = self.getLabelCol()
        if label in schema.names and not isinstance(schema[label].dataType, NumericType):
            raise IllegalArgumentException(
                "requirement failed: Label column already exists and is not of type NumericType."
            )

    def _save_parts(self, folder: Path) -> None:
        formula = self._resolved
        terms = pa.array([[list(term) for term in formula.terms]], pa.list_(pa.list_(pa.string())))
        data = {"label": [formula.label], "terms": terms, "hasIntercept": [formula.hasIntercept]}
        write_table(folder, pa.table(data))
        self._pipeline.save(str(folder / "pipelineModel"))

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        (row,) = read_table(folder).to_pylist()
        formula = ResolvedFormula(row["label"], tuple(map(tuple, row["terms"])), row["hasIntercept"])
        return cls(formula, PipelineModel.load(str(folder / "pipelineModel")))
