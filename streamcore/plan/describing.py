"""What a stateful operator of a plan keeps, in words that two starts of a query can compare.

Columns bear the names that the rows below the operator have, never ids: a plan that is built again has
the same description.  What is computed below the operator may change, as in Spark, with one exception:
the parameters of a time window are part of what the operator keeps, wherever `window` was written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.plan.attributes import reference, referenced_id
from streamcore.plan.conditions import conjuncts
from streamcore.plan.event_time import event_time_key
from streamcore.plan.grouping import aggregate_calls
from streamcore.plan.logical import (
    Aggregate,
    Distinct,
    FirstRows,
    Generate,
    Join,
    LogicalPlan,
    Project,
    Sessions,
    StatefulGroups,
    TrainModel,
    Union,
)
from streamcore.plan.time_windows import is_session_window, is_time_window
from streamcore.spi.time_modes import NO_TIME

if TYPE_CHECKING:
    from streamcore.plan.attributes import Attribute, NamedExpression
    from streamcore.plan.stages import StatefulNode
    from streamcore.spi.models import OnlineModel

OperatorDescription = dict[str, Any]
"""kind, keys, aggregates, closes_by: JSON values."""


def describe_operator(node: StatefulNode, output_mode: str) -> OperatorDescription:
    """The description of one stateful node.

    `closes_by` is the event time by which the watermark forgets keys; None when it forgets none.
    """
    match node:
        case Aggregate():
            return _aggregation(node, output_mode)
        case Distinct():
            return _deduplication(node)
        case FirstRows():
            return {"kind": "limit", "keys": [], "aggregates": [], "closes_by": None}
        case StatefulGroups():
            return _groups(node)
        case TrainModel():
            return _model(node)
        case Join():
            return _join(node)


def _aggregation(node: Aggregate, output_mode: str) -> OperatorDescription:
    keys = [_key(key, node.child) for key in node.keys]
    calls = [call for measure in node.measures for call in aggregate_calls(measure.expression)]
    closing = None if output_mode == "complete" else event_time_key(node.keys, node.child)
    return {
        "kind": "aggregation",
        "keys": keys,
        "aggregates": list(dict.fromkeys(_text(call, node.child) for call in calls)),
        "closes_by": None if closing is None else keys[closing],
    }


def _deduplication(node: Distinct) -> OperatorDescription:
    times = [a for a in node.child.output if a.watermark_delay_ms is not None]
    counts = [a for a in times if node.within_watermark or any(a.id == key.id for key in node.keys)]
    return {
        "kind": "deduplication within watermark" if node.within_watermark else "deduplication",
        "keys": [_column(key, node.child) for key in node.keys],
        "aggregates": [],
        "closes_by": _column(counts[0], node.child) if counts else None,
    }


LET_GO = "let go"
"""What stands in the place of a state variable's type where the processor deletes it."""


def _groups(node: StatefulGroups) -> OperatorDescription:
    function = node.function
    return {
        "kind": function.call,
        "keys": [_column(key, node.child) for key in node.keys],
        "aggregates": [f"{_name(name)} {kept}" for name, kept in sorted(function.kept.items())]
        + [f"{_name(name)} {LET_GO}" for name in sorted(function.gone)],
        "closes_by": None if function.time_mode == NO_TIME else function.time_mode,
    }


MODEL = "model"
"""The kind of an operator that trains a model."""


def _model(node: TrainModel) -> OperatorDescription:
    """The whole specification of the model: what it has learned under another one means something else."""
    return {
        **describe_model(node.model),
        "keys": [_column(column, node.child) for column in node.inputs],
        "closes_by": None,
    }


def describe_model(model: OnlineModel) -> OperatorDescription:
    """What a description says of the model itself: its kind, and its settings as aggregates."""
    described = model.describe()
    settings = {"format": described["format"]}
    for name, value in described["settings"].items():
        settings |= _flat(name, value)
    return {
        "kind": f"{MODEL} {described['name']}",
        "aggregates": [
            f"{_name(name)} {json.dumps(value, sort_keys=True)}" for name, value in sorted(settings.items())
        ],
    }


def _flat(name: str, value: Any) -> dict[str, Any]:
    """A setting by its name; where it has some of its own `part` is what it is, `part.rate` one of them."""
    if isinstance(value, Mapping):
        found = {name: value["name"], f"{name}.format": value["format"]}
        for inner, item in value["settings"].items():
            found |= _flat(f"{name}.{inner}", item)
        return found
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        parts = [_flat(f"{name}.{place}", item) for place, item in enumerate(value)]
        return {key: item for part in parts for key, item in part.items()}
    return {name: value}


def _join(node: Join) -> OperatorDescription:
    """By another condition other rows would have met: the whole of it is part of what is kept."""
    conditions = [] if node.condition is None else conjuncts(node.condition)
    return {
        "kind": f"{node.how} join",
        "keys": [_text(condition, node) for condition in conditions],
        "aggregates": [],
        "closes_by": None,
    }


def _key(key: NamedExpression, child: LogicalPlan) -> str:
    return f"{_text(key.expression, child)} {key.attribute.data_type.simpleString()}"


def _column(column: Attribute, child: LogicalPlan) -> str:
    window = _window_behind(column.id, child)
    return f"{window or _name(column.name)} {column.data_type.simpleString()}"


def _name(name: str) -> str:
    return str(exp.Identifier(this=name, quoted=True).sql(dialect="spark"))


def _text(expression: exp.Expression, child: LogicalPlan) -> str:
    names = _names_in(child)

    def named(node: exp.Expression) -> exp.Expression:
        id_ = referenced_id(node)
        if isinstance(node, exp.Star) and isinstance(node.parent, exp.Count):
            return exp.Literal.number(1)
        if id_ is None:
            return node
        window = _window_behind(id_, child)
        if window is not None:
            return exp.Var(this=window)
        parts = [exp.Identifier(this=part, quoted=True) for part in names.get(id_, (node.name,))]
        return exp.Column(this=parts[-1], table=parts[0] if len(parts) > 1 else None)

    text: str = expression.copy().transform(named).sql(dialect="spark")
    return text


def _names_in(child: LogicalPlan) -> dict[int, tuple[str, ...]]:
    """What columns are called, the two sides of a join told apart."""
    if not isinstance(child, Join):
        return {a.id: (a.name,) for a in child.output}
    sides = {"left": child.left.output, "right": child.right.output}
    return {a.id: (side, a.name) for side, columns in sides.items() for a in columns}


def _window_behind(id_: int, plan: LogicalPlan) -> str | None:
    """The call of `window` that made a column, with the columns that it reads; None for other columns."""
    for node in plan.walk():
        made = _made_by(node, id_)
        if made:
            texts = {_text(expression, below) for expression, below in made if _is_window(expression, below)}
            return " or ".join(sorted(texts)) or None
    return None


def _is_window(expression: exp.Expression, below: LogicalPlan) -> bool:
    if any(is_time_window(call) or is_session_window(call) for call in expression.find_all(exp.Anonymous)):
        return True
    id_ = referenced_id(expression)
    return id_ is not None and _window_behind(id_, below) is not None


def _made_by(node: LogicalPlan, id_: int) -> list[tuple[exp.Expression, LogicalPlan]]:
    """The expressions by which a node makes a column, and the plans that they read."""
    match node:
        case Project():
            entries = [e for e in node.expressions if e.attribute.id == id_ and not e.is_reference]
            return [(entry.expression, node.child) for entry in entries]
        case Generate() if any(column.id == id_ for column in node.columns):
            return [(node.generator, node.child)]
        case Sessions() if node.window.attribute.id == id_:
            return [(node.window.expression, node.child)]
        case Union():
            places = [at for at, column in enumerate(node.columns) if column.id == id_]
            return [(reference(child.output[at]), child) for at in places for child in node.inputs]
        case _:
            return []
