"""Trees as the tables that mllib saves them as: a row for each node, whose children are 2n and 2n + 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.evaluation.weights import Doubles
from streamcore.models.ml.tree.nodes import Tree


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


_DOUBLE, _INT = pa.float64(), pa.int32()
_PREDICT = pa.struct([_required("predict", _DOUBLE), _required("prob", _DOUBLE)])
_SPLIT = pa.struct(
    [
        _required("feature", _INT),
        _required("threshold", _DOUBLE),
        _required("featureType", _INT),
        pa.field("categories", pa.list_(_required("element", _DOUBLE))),
    ]
)
_NODES = pa.schema(
    [
        _required("treeId", _INT),
        _required("nodeId", _INT),
        pa.field("predict", _PREDICT),
        _required("impurity", _DOUBLE),
        _required("isLeaf", pa.bool_()),
        pa.field("split", _SPLIT),
        pa.field("leftNodeId", _INT),
        pa.field("rightNodeId", _INT),
        pa.field("infoGain", _DOUBLE),
    ]
)


@dataclass(frozen=True, eq=False)
class Told:
    """A tree, and which share of a node's rows has the class that it predicts: -1 for numbers."""

    tree: Tree
    share: Doubles


def told_of(tree: Tree) -> Told:
    """A tree that was grown; a category that no split lists goes right, as mllib has it."""
    tree = replace(tree, arity=np.where(tree.arity > 0, 2 * tree.arity + 2, tree.arity))
    if tree.impurity_name == "variance":
        return Told(tree, np.full(tree.size, -1.0))
    return Told(tree, tree.statistics.max(axis=1) / tree.statistics.sum(axis=1))


def table_of(trees: Sequence[Told]) -> pa.Table:
    """The nodes of trees."""
    rows = [row for number, told in enumerate(trees) for row in _rows(told, number)]
    return pa.Table.from_pylist(rows, schema=_NODES)


def _rows(told: Told, number: int) -> list[dict[str, Any]]:
    tree, ids = told.tree, {0: 1}
    for node in np.flatnonzero(tree.feature >= 0).tolist():  # parents come before their children
        ids[int(tree.left[node])] = 2 * ids[node]
        ids[int(tree.right[node])] = 2 * ids[node] + 1
    return [
        {
            "treeId": number,
            "nodeId": ids[node],
            "predict": {"predict": float(tree.prediction[node]), "prob": float(told.share[node])},
            "impurity": float(tree.impurity[node]),
            "isLeaf": bool(tree.feature[node] < 0),
            **_division(tree, node, ids),
        }
        for node in range(tree.size)
    ]


def _division(tree: Tree, node: int, ids: dict[int, int]) -> dict[str, Any]:
    if tree.feature[node] < 0:
        return {"split": None, "leftNodeId": None, "rightNodeId": None, "infoGain": None}
    categorical = bool(tree.arity[node] > 0)
    return {
        "split": {
            "feature": int(tree.feature[node]),
            "threshold": 0.0 if categorical else float(tree.threshold[node]),
            "featureType": int(categorical),
            "categories": list(tree.left_categories[node]),
        },
        "leftNodeId": ids[int(tree.left[node])],
        "rightNodeId": ids[int(tree.right[node])],
        "infoGain": float(tree.gain[node]),
    }


def trees_of(nodes: pa.Table) -> tuple[Told, ...]:
    """The trees of a table of their nodes, in any order."""
    trees: dict[int, dict[int, dict[str, Any]]] = {}
    for row in nodes.to_pylist():
        trees.setdefault(row["treeId"], {})[row["nodeId"]] = row
    return tuple(_tree(trees[number]) for number in sorted(trees))


def _tree(nodes: dict[int, dict[str, Any]]) -> Told:
    order: list[int] = []
    waiting = [1]
    while waiting:
        own = waiting.pop()
        if own not in nodes:
            raise IllegalArgumentException("A tree was saved without some of its nodes")
        order.append(own)
        if not nodes[own]["isLeaf"]:
            waiting += [nodes[own]["rightNodeId"], nodes[own]["leftNodeId"]]
    place = {own: number for number, own in enumerate(order)}
    rows = [nodes[own] for own in order]
    splits = [row["split"] or {} for row in rows]
    listed = [tuple(split.get("categories") or ()) for split in splits]
    share = np.array([row["predict"]["prob"] for row in rows])
    # Which categories there are is not kept: those that are not listed go right, as in Spark.
    arity = [
        2 * int(max(some)) + 2 * len(some) + 2 if split.get("featureType") else -1
        for split, some in zip(splits, listed, strict=True)
    ]
    tree = Tree(
        impurity_name="variance" if share[0] < 0 else "gini",
        prediction=np.array([row["predict"]["predict"] for row in rows]),
        impurity=np.array([row["impurity"] for row in rows]),
        statistics=np.zeros((len(rows), 3)),
        raw_count=np.zeros(len(rows), np.int64),
        gain=np.array([-1.0 if row["isLeaf"] else row["infoGain"] for row in rows]),
        left=np.array([place.get(row["leftNodeId"], -1) for row in rows], np.int32),
        right=np.array([place.get(row["rightNodeId"], -1) for row in rows], np.int32),
        feature=np.array([split.get("feature", -1) for split in splits], np.int32),
        threshold=np.array([split.get("threshold", np.nan) for split in splits], np.float64),
        arity=np.array(arity, np.int32),
        left_categories=tuple(listed),
    )
    return Told(tree, share)
