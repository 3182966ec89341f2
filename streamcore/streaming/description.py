"""What a query is, in JSON that its checkpoint keeps, and what may differ between two starts.

The rules are Spark's ("Recovery semantics after changes in a streaming query"): what runs without state
may change; what stateful operators keep may not; sources may come and go when they have names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.plan.describing import LET_GO, MODEL, describe_operator
from streamcore.streaming.differences import Difference, Verdict, changed
from streamcore.streaming.source_changes import compare_sources, describe_source, retired_sources
from streamcore.streaming.state_reading.shapes import describe_stores

if TYPE_CHECKING:
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.plan.stages import StatefulNode
    from streamcore.streaming.stream_source import StreamSource

Description = dict[str, Any]
"""output_mode, sources, retired sources and operators, as JSON values."""


@dataclass(frozen=True)
class DescribedOperator:
    """What a description says of a stateful operator: its node, how readers of its state find it.

    `number` is its place counted from the sink, `kind` what progress calls it.
    """

    node: StatefulNode
    number: int
    kind: str
    stores: Mapping[str, StoreLayout]


def describe_query(
    sources: Mapping[str, StreamSource],
    operators: Mapping[str, DescribedOperator],
    inputs: Mapping[str, Sequence[Sequence[str]]],
    output_mode: str,
) -> Description:
    """The description of a query: its sources by name, its stateful operators by id.

    `inputs` says of each port of an operator which sources and operators it reads.
    """
    return {
        "output_mode": output_mode,
        "sources": {name: describe_source(name, source) for name, source in sources.items()},
        "retired": {},
        "operators": {
            id_: {
                **describe_operator(operator.node, output_mode),
                "inputs": [sorted(port) for port in inputs[id_]],
                "number": operator.number,
                "operator": operator.kind,
                "stores": describe_stores(operator.stores),
            }
            for id_, operator in operators.items()
        },
    }


def continued(old: Description, new: Description) -> Description:
    """What the checkpoint keeps of `new` after `old`: with the sources that are no longer read."""
    return {**new, "retired": retired_sources(old, new)}


def compare(old: Description, new: Description) -> Verdict:
    """Whether a query may go on over a checkpoint whose newest batch was planned for `old`."""
    sources = compare_sources(old, new)
    refused = [*sources.refused, *_names(old["operators"], new["operators"])]
    for id_ in sorted(old["operators"].keys() & new["operators"].keys()):
        refused += _compare_operator(id_, _over_kept(old, new, id_), _over_kept(new, old, id_))
    accepted = changed("output mode", old["output_mode"], new["output_mode"])
    return Verdict(tuple(refused), (*accepted, *sources.accepted))


def _names(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    return changed("stateful operators", sorted(old), sorted(new))


def _over_kept(one: Description, other: Description, id_: str) -> Mapping[str, Any]:
    """An operator of `one`, its inputs without the sources that `other` does not have."""
    alone = one["sources"].keys() - other["sources"].keys()
    operator = one["operators"][id_]
    ports = [[name for name in port if name not in alone] for port in operator["inputs"]]
    return {**operator, "inputs": " with ".join(", ".join(port) or "another" for port in ports)}


_KEPT = (
    ("kind", "kind"),
    ("inputs", "inputs"),
    ("keys", "keys"),
    ("aggregates", "aggregates"),
    ("closes_by", "event time"),
)


def _compare_operator(id_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    by_name: list[Difference] = []
    compare_named = _NAMED.get(old["kind"].split()[0])
    if old["kind"] == new["kind"] and compare_named is not None:
        by_name = compare_named(id_, old["aggregates"], new["aggregates"])
        old, new = {**old, "aggregates": []}, {**new, "aggregates": []}
    others = [
        difference
        for field, word in _KEPT
        for difference in changed(f"{word} of {id_}", old[field], new[field])
    ]
    return [*others, *by_name]


def _compare_variables(id_: str, old: Sequence[str], new: Sequence[str]) -> list[Difference]:
    """State variables may be added, and let go by name; what stays has to be of the same type."""
    before, after = _by_variable(old), _by_variable(new)
    found: list[Difference] = []
    for name, kept in before.items():
        way_out = "" if name in after else f"to let it go, call handle.deleteIfExists({name!r}) in init"
        if LET_GO not in (kept, after.get(name)):
            found += changed(f"state variable {name} of {id_}", kept, after.get(name), way_out)
    return found


def _compare_settings(id_: str, old: Sequence[str], new: Sequence[str]) -> list[Difference]:
    """What a model has learned under one setting means something else under another."""
    before, after = _by_variable(old), _by_variable(new)
    return [
        difference
        for name in sorted({*before, *after})
        for difference in changed(f"{name} of {id_}", before.get(name), after.get(name))
    ]


def _by_variable(described: Sequence[str]) -> dict[str, str]:
    pairs = (_NAMED_THING.match(text) for text in described)
    return {pair[1].replace("``", "`"): pair[2] for pair in pairs if pair is not None}


_NAMED_THING = re.compile(r"`((?:[^`]|``)*)` (.*)", re.DOTALL)
_NAMED = {
    "transformWithState": _compare_variables,
    "transformWithStateInPandas": _compare_variables,
    MODEL: _compare_settings,
}
"""What is compared name by name, by the first word of the operator's kind."""
