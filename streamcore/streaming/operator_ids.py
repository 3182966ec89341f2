"""The ids of stateful operators: given by the user, or by kind and place in the plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.plan.logical import (
    Aggregate,
    Distinct,
    FirstRows,
    Join,
    LogicalPlan,
    StatefulGroups,
    TrainModel,
)

if TYPE_CHECKING:
    from streamcore.plan.stages import StatefulNode

OPERATOR_NAMES = "operatorNames"
"""Option of a query: names for its stateful operators, in the order of `operator_ids`."""

_KINDS: dict[type[LogicalPlan], str] = {
    Aggregate: "aggregate",
    Distinct: "deduplicate",
    FirstRows: "limit",
    StatefulGroups: "groups",
    TrainModel: "model",
    Join: "join",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def operator_ids(nodes: Sequence[StatefulNode], names: str = "") -> list[str]:
    """One id per stateful node, the nodes nearest to the sources first.

    `names` are the user's, with commas between them; without names ids are made of kind and place.
    Raises IllegalArgumentException when names do not fit.

    >>> operator_ids([], "")
    []
    """
    given = [name.strip() for name in names.split(",")] if names.strip() else []
    if not given:
        return [f"{_KINDS[type(node)]}-{place}" for place, node in enumerate(nodes)]
    if len(given) != len(nodes):
        raise IllegalArgumentException(
            f"the option {OPERATOR_NAMES} names {len(given)} stateful operators ({', '.join(given)}), but "
            f"the query has {len(nodes)}"
        )
    for name in given:
        if not _NAME.fullmatch(name) or given.count(name) > 1:
            raise IllegalArgumentException(
                f"{name!r} in the option {OPERATOR_NAMES} must be unique, begin with a letter, and have only "
                "letters, digits, '_' and '-'"
            )
    return given
