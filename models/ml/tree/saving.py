"""Trees as the tables that Spark saves them as: a row for each node, in pre-order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.persistence import read_table, write_table
from streamcore.models.ml.tree.nodes import Tree


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


_NUMBERS = pa.list_(pa.field("element", pa.float64(), nullable=False))
_SPLIT = pa.struct(
    [
        _required("featureIndex", pa.int32()),
        pa.field("leftCategoriesOrThreshold", _NUMBERS),
        _required("numCategories", pa.int32()),
    ]
)
_NODE = [
    _required("id", pa.int32()),
    _required("prediction", pa.float64()),
    _required("impurity", pa.float64()),
    pa.field("impurityStats", _NUMBERS),
    _required("rawCount", pa.int64()),
    _required("gain", pa.float64()),
    _required("leftChild", pa.int32()),
    _required("rightChild", pa.int32()),
    pa.field("split", _SPLIT),
]
_TREES = pa.schema([_required("_1", pa.int32()), pa.field("_2", pa.string()), _required("_3", pa.float64())])


def table_of(tree: Tree) -> pa.Table:
    """The nodes of a tree."""
    return pa.Table.from_arrays(_node_arrays(tree), schema=pa.schema(_NODE))


def _node_arrays(tree: Tree) -> list[pa.Array]:
    splits = [
        {"featureIndex": feature, "leftCategoriesOrThreshold": _division(tree, node), "numCategories": arity}
        for node, (feature, arity) in enumerate(zip(tree.feature.tolist(), tree.arity.tolist(), strict=True))
    ]
    columns = [
        np.arange(tree.size),
        tree.prediction,
        tree.impurity,
        tree.statistics.tolist(),
        tree.raw_count,
        tree.gain,
        tree.left,
        tree.right,
        splits,
    ]
    return [pa.array(values, field.type) for values, field in zip(columns, _NODE, strict=True)]


def _division(tree: Tree, node: int) -> list[float]:
    if tree.feature[node] < 0:
        return []
    return list(tree.left_categories[node]) if tree.arity[node] > 0 else [float(tree.threshold[node])]


def tree_of(nodes: pa.Table, impurity: str) -> Tree:
    """The tree of a table of its nodes, in any order."""
    nodes = nodes.sort_by("id")
    column = {name: nodes.column(name).to_pylist() for name in nodes.column_names}
    if column["id"] != list(range(nodes.num_rows)) or not column["id"]:
        raise IllegalArgumentException("A tree was saved without some of its nodes")
    splits: list[dict[str, Any]] = column["split"]
    arity = np.array([split["numCategories"] for split in splits], np.int32)
    listed = [split["leftCategoriesOrThreshold"] for split in splits]
    continuous = [len(values) == 1 and arity[node] < 0 for node, values in enumerate(listed)]
    thresholds = [values[0] if alone else np.nan for values, alone in zip(listed, continuous, strict=True)]
    return Tree(
        impurity_name=impurity.lower(),
        prediction=np.array(column["prediction"]),
        impurity=np.array(column["impurity"]),
        statistics=np.array(column["impurityStats"], np.float64),
        raw_count=np.array(column["rawCount"], np.int64),
        gain=np.array(column["gain"]),
        left=np.array(column["leftChild"], np.int32),
        right=np.array(column["rightChild"], np.int32),
        feature=np.array([split["featureIndex"] for split in splits], np.int32),
        threshold=np.array(thresholds, np.float64),
        arity=arity,
        left_categories=tuple(
            tuple(values) if size > 0 else () for values, size in zip(listed, arity.tolist(), strict=True)
        ),
    )


def write_ensemble(
    folder: Path, trees: Sequence[Tree], weights: Sequence[float], metadata: Sequence[Mapping[str, Any]]
) -> None:
    """Write the nodes of all trees, and beside them the trees' metadata and weights."""
    numbers = [number for number, tree in enumerate(trees) for _ in range(tree.size)]
    structs = [pa.StructArray.from_arrays(_node_arrays(tree), fields=_NODE) for tree in trees]
    fields = [_required("treeID", pa.int32()), pa.field("nodeData", pa.struct(_NODE))]
    nodes = [pa.array(numbers, pa.int32()), pa.concat_arrays(structs)]
    write_table(folder, pa.Table.from_arrays(nodes, schema=pa.schema(fields)))
    lines = [json.dumps(told, separators=(",", ":")) for told in metadata]
    told = [pa.array(range(len(trees)), pa.int32()), pa.array(lines), pa.array(weights, pa.float64())]
    write_table(folder, pa.Table.from_arrays(told, schema=_TREES), "treesMetadata")


def read_ensemble(folder: Path, impurity: str) -> tuple[tuple[Tree, ...], tuple[float, ...]]:
    """The trees and their weights."""
    nodes = read_table(folder)
    told = read_table(folder, "treesMetadata").sort_by("_1")
    numbers, data = nodes.column("treeID").to_numpy(), nodes.column("nodeData").combine_chunks()
    parts = pa.Table.from_struct_array(data)
    trees = tuple(
        tree_of(parts.filter(pa.array(numbers == number)), impurity)
        for number in told.column("_1").to_pylist()
    )
    return trees, tuple(told.column("_3").to_pylist())
