"""What a query is, in JSON that its checkpoint keeps, and what may differ between two starts.

The rules are Spark's ("Recovery semantics after changes in a streaming query"): what runs without state
may change; the sources, and what stateful operators keep, may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.plan.describing import describe_operator

if TYPE_CHECKING:
    from streamcore.plan.stages import StatefulNode
    from streamcore.streaming.stream_source import StreamSource

Description = dict[str, Any]
"""output_mode, sources and operators, as JSON values."""


def describe_query(
    sources: Mapping[str, StreamSource],
    operators: Mapping[str, StatefulNode],
    inputs: Mapping[str, Sequence[str]],
    output_mode: str,
) -> Description:
    """The description of a query: its sources by name, its stateful operators by id.

    `inputs` says of each operator which sources and operators it reads.
    """
    return {
        "output_mode": output_mode,
        "sources": {
            name: {"format": s.format.lower(), "place": s.describe(), "named": s.name is not None}
            for name, s in sources.items()
        },
        "operators": {
            id_: {**describe_operator(node, output_mode), "inputs": sorted(inputs[id_])}
            for id_, node in operators.items()
        },
    }


@dataclass(frozen=True)
class Difference:
    """One thing that a query has otherwise than its checkpoint; `way_out` may say how to go on anyway."""

    what: str
    old: str
    new: str
    way_out: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.old} -> {self.new}"


@dataclass(frozen=True)
class Verdict:
    """What a comparison found: differences that forbid going on, and those that do not."""

    refused: tuple[Difference, ...] = ()
    accepted: tuple[Difference, ...] = ()


def compare(old: Description, new: Description) -> Verdict:
    """Whether a query may go on over a checkpoint whose newest batch was planned for `old`."""
    refused: list[Difference] = []
    accepted = _changed("output mode", old["output_mode"], new["output_mode"])
    refused += _names("sources", old["sources"], new["sources"])
    for name in sorted(old["sources"].keys() & new["sources"].keys()):
        _compare_source(name, old["sources"][name], new["sources"][name], refused, accepted)
    refused += _names("stateful operators", old["operators"], new["operators"])
    for id_ in sorted(old["operators"].keys() & new["operators"].keys()):
        refused += _compare_operator(id_, old["operators"][id_], new["operators"][id_])
    return Verdict(tuple(refused), tuple(accepted))


def _names(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    return _changed(what, sorted(old), sorted(new))


def _compare_source(
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    refused: list[Difference],
    accepted: list[Difference],
) -> None:
    if old["format"] != new["format"]:
        refused += _changed(f"format of the source {name}", old["format"], new["format"])
    elif old["place"] != new["place"]:
        way_out = f'if it is the same stream in another place, say so: readStream.name("{name}")'
        found = Difference(f"source {name}", old["place"], new["place"], way_out)
        (accepted if new["named"] else refused).append(found)


_KEPT = (
    ("kind", "kind"),
    ("inputs", "inputs"),
    ("keys", "keys"),
    ("aggregates", "aggregates"),
    ("closes_by", "event time"),
)


def _compare_operator(id_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    return [
        difference
        for field, word in _KEPT
        for difference in _changed(f"{word} of {id_}", old[field], new[field])
    ]


def _changed(what: str, old: Any, new: Any) -> list[Difference]:
    return [] if old == new else [Difference(what, _shown(old), _shown(new))]


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value) or "none"
    return "none" if value is None else str(value)
