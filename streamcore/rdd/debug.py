"""The lineage of an RDD as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.rdd.nodes import RangeNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.rdd.nodes import Node


def lineage_text(node: Node, name: str | None = None) -> str:
    """Return one line per node, parents below, further right behind each shuffle.

    A line says how many partitions there are where that changes, and where they are kept.
    """
    label = f"{name} " if name else ""
    return "\n".join(_lines(node, "", f"({node.num_partitions}) {label}"))


def _lines(node: Node, margin: str, head: str) -> Iterator[str]:
    kept = str(node.level) if node.level.keeps else ""
    yield f"{margin}{head}{node.kind}[{node.id}] [{kept}]"
    if node.checkpoint is not None:
        yield f"{margin} |  {node.checkpoint.kind}[{node.checkpoint.id}] []"
        return
    if isinstance(node, RangeNode):
        # As in PySpark: the numbers are made in Python from what the collection says.
        yield f"{margin} |  ParallelCollectionRDD[{node.id}] []"
    below = margin + (" |  " if not head.startswith("+-") else "    ")
    parents, shuffles = node.sources()
    for parent in parents:
        yield from _lines(parent, below[:-4], " |  ") if len(parents) == 1 else _lines(parent, below, "")
    for dependency in shuffles:
        parent = dependency.parent
        yield from _lines(parent, margin + " ", f"+-({parent.num_partitions}) ")
