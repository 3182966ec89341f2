"""A model that learns from a stream: how it is put into the plan, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.plan.attributes import Attribute, attribute
from streamcore.plan.logical import (
    Alias,
    ComputedColumns,
    Filter,
    FirstRows,
    Generate,
    LogicalPlan,
    Observe,
    Project,
    Relation,
    StatefulGroups,
    TrainModel,
    Union,
    Watermark,
)
from streamcore.plan.refusals import no_such_column
from streamcore.spi.types import (
    BinaryType,
    LongType,
    StringType,
    StructField,
    StructType,
    from_arrow_type,
    to_arrow_schema,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.analysis import AnalysisSettings
    from streamcore.spi.models import OnlineModel

MODEL_VERSION = "model_version"
"""The column that says which version of a model predicted a row."""

UNTRAINED = -1
"""The version of a model that has learned from no batch yet."""

MODEL_FORMAT = "model"
"""The name of the sink that takes models."""

MODEL_ROW = StructType(
    [
        StructField(MODEL_VERSION, LongType(), nullable=False),
        StructField("model", StringType(), nullable=False),
        StructField("schema", StringType(), nullable=False),
        StructField("metrics", StringType(), nullable=False),
        StructField("arrays", BinaryType(), nullable=False),
    ]
)
"""A model as a row: the batch it has last learned from; as JSON what it is, its columns and its figures; its
arrays."""

_IN_ORDER = (
    Alias, ComputedColumns, Filter, FirstRows, Generate, Observe, Project, Relation, TrainModel, Union,
    Watermark,
)  # fmt: skip


def train_model(child: LogicalPlan, model: OnlineModel, settings: AnalysisSettings) -> TrainModel:
    """The rows of `child` with what `model` says of each before it learns from them.

    Raises AnalysisException for a column that is not there or that the model cannot read,
    IllegalArgumentException for an output column that is there already.
    """
    if not child.is_streaming:
        raise UnsupportedOperationException(
            "fitStream trains a model batch by batch in a streaming query, and this DataFrame is no stream; "
            "read it by readStream, or fit an estimator of streamcore.models.ml on it"
        )
    names = model.inputs.to_learn()
    inputs = model_inputs(child, names, settings)
    model.check(schema_of_inputs(inputs, names), learns=True)
    columns = (*prediction_columns(model), attribute(MODEL_VERSION, LongType(), nullable=False))
    require_new(columns, child, settings)
    return TrainModel(child, inputs, model, columns)


def prediction_columns(model: OnlineModel) -> tuple[Attribute, ...]:
    """The columns that a model adds to rows."""
    return tuple(attribute(f.name, from_arrow_type(f.type), f.nullable) for f in model.output_fields)


def model_rows(plan: LogicalPlan) -> LogicalPlan:
    """The plan of `fitStream` with a row for each batch that holds the model, instead of the predicted rows.

    Raises AnalysisException for any other plan.
    """
    if not isinstance(plan, TrainModel):
        raise AnalysisException(
            'format("model") writes the model that a stream trains: call it on the result of '
            "model.fitStream(df) itself. Write what else is computed from the predictions with another query"
        )
    columns = tuple(attribute(f.name, f.dataType, f.nullable) for f in MODEL_ROW.fields)
    return replace(plan, columns=columns, gives_model=True)


def model_inputs(
    child: LogicalPlan, names: Iterable[str], settings: AnalysisSettings
) -> tuple[Attribute, ...]:
    """The columns of these names, in order; AnalysisException for one that is not there."""
    found, known = [], settings.names(child)
    for name in names:
        columns = [column for column in child.output if known.same(column.name, name)]
        if not columns:
            raise no_such_column(name, [column.name for column in child.output])
        if len(columns) > 1:
            raise AnalysisException(
                f"the model reads the column {name!r}, and the DataFrame has {len(columns)} of that name; "
                "rename or drop the others"
            )
        found += columns
    return tuple(found)


def require_new(added: Sequence[Attribute], child: LogicalPlan, settings: AnalysisSettings) -> None:
    """Raises IllegalArgumentException when one of the columns is there already, as PySpark's models do."""
    known = settings.names(child)
    for column in added:
        if any(known.same(column.name, other.name) for other in child.output):
            raise IllegalArgumentException(f"requirement failed: Output column {column.name} already exists.")


def schema_of_inputs(inputs: Iterable[Attribute], names: Iterable[str]) -> pa.Schema:
    """The schema of the rows that a model is handed, under the names by which it knows the columns."""
    found = zip(inputs, names, strict=True)
    return to_arrow_schema(StructType([StructField(name, a.data_type, a.nullable) for a, name in found]))


def rows_come_in_order(plan: LogicalPlan) -> bool:
    """Whether each attempt of a batch sees the rows of `plan` in the same order: that of the sources.

    What meets in a join, a group, or the state of an operator has none.
    """
    return all(isinstance(node, _IN_ORDER) for node in plan.walk())


def check_rows_come_once(node: TrainModel) -> None:
    """Raises AnalysisException where rows below are corrected later: the model would learn from both."""
    for below in node.child.walk():
        if (
            isinstance(below, StatefulGroups)
            and below.is_streaming
            and below.function.output_mode == "update"
        ):
            raise AnalysisException(
                f"{below.function.call} in update mode is not supported below fitStream: a model would learn "
                "from a row and from its correction; use append mode"
            )
