"""Which sources a query may gain, lose, or read elsewhere between two starts.

A source is known by its name.  One whose name the user gave may come and go: a new one begins at its
initial offset, one that has gone is retired with the offset up to which it was read, and goes on there if
it comes back.  Names by position say nothing of who a source is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamcore.streaming.differences import Difference, Verdict, changed

if TYPE_CHECKING:
    from streamcore.streaming.stream_source import StreamSource

Sources = Mapping[str, Mapping[str, Any]]
"""Name -> format, place, and whether the user gave the name."""


def describe_source(name: str, source: StreamSource) -> dict[str, Any]:
    """The description of a source that the query knows as `name`."""
    return {"format": source.format.lower(), "place": source.describe(), "named": source.name == name}


def retired_sources(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The sources that were read once and that `new` does not read."""
    known = {**old["retired"], **old["sources"]}
    return {name: source for name, source in known.items() if name not in new["sources"]}


def compare_sources(old: Mapping[str, Any], new: Mapping[str, Any]) -> Verdict:
    """What two descriptions of a query have otherwise in their sources."""
    before: Sources = old["sources"]
    now: Sources = new["sources"]
    found = [_compare_names(before, now)]
    known = {**old["retired"], **before}
    found += [_compare_source(name, known[name], now[name]) for name in sorted(known.keys() & now.keys())]
    return Verdict(
        tuple(difference for verdict in found for difference in verdict.refused),
        tuple(difference for verdict in found for difference in verdict.accepted),
    )


def _compare_names(before: Sources, now: Sources) -> Verdict:
    gone = {name: source for name, source in before.items() if name not in now}
    come = {name: source for name, source in now.items() if name not in before}
    unnamed = [name for name, source in (gone | come).items() if not source["named"]]
    if unnamed:
        return Verdict(refused=tuple(changed("sources", sorted(before), sorted(now), _NAMES)))
    renamed = [(old, new) for old in gone for new in come if _is_same(gone[old], come[new])]
    if renamed:
        return Verdict(refused=tuple(_renamed(old, new) for old, new in renamed))
    return Verdict(accepted=tuple(changed("sources", sorted(before), sorted(now))))


_NAMES = (
    'sources may come and go when they have names: readStream.name("..."); one without a name is known by '
    'its position, as in readStream.name("source_0")'
)


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["format"], one["place"]) == (other["format"], other["place"])


def _renamed(old: str, new: str) -> Difference:
    way_out = (
        f'keep the name, readStream.name("{old}"), or start the query once without this source: then {new} '
        "is a new one, which is read from its beginning"
    )
    return Difference("name of a source", old, new, way_out)


def _compare_source(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Verdict:
    if old["format"] != new["format"]:
        return Verdict(refused=tuple(changed(f"format of the source {name}", old["format"], new["format"])))
    if old["place"] == new["place"]:
        return Verdict()
    way_out = f'if it is the same stream in another place, say so: readStream.name("{name}")'
    found = Difference(f"source {name}", old["place"], new["place"], way_out)
    return Verdict(accepted=(found,)) if new["named"] else Verdict(refused=(found,))
