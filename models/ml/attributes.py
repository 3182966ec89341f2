"""What a column's metadata says of its values: Spark's `ml_attr`, the names and categories of features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamcore.spi.types import StructField

KEY = "ml_attr"
NUMERIC, NOMINAL, BINARY = "numeric", "nominal", "binary"
_KINDS = (NUMERIC, NOMINAL, BINARY)


@dataclass(frozen=True)
class Attribute:
    """One feature: numeric, nominal (of several categories) or binary; `others` is only handed on.

    >>> Attribute("nominal", name="team", vals=("red", "blue")).of_column()
    {'ml_attr': {'type': 'nominal', 'name': 'team', 'vals': ['red', 'blue']}}
    """

    kind: str = NUMERIC
    name: str | None = None
    vals: tuple[str, ...] | None = None
    ord: bool | None = None
    others: tuple[tuple[str, Any], ...] = ()

    def categories(self) -> int | None:
        """How many categories a nominal or binary feature has, if that is known."""
        if self.kind == BINARY:
            return 2
        if self.kind == NOMINAL:
            return len(self.vals) if self.vals is not None else dict(self.others).get("num_vals")
        return None

    def named(self, name: str | None) -> Attribute:
        """The same under another name."""
        return replace(self, name=name)

    def entries(self) -> dict[str, Any]:
        """What is written of it, without its kind and its place."""
        told = {"name": self.name, "ord": self.ord, "vals": None if self.vals is None else list(self.vals)}
        return {key: value for key, value in told.items() if value is not None} | dict(self.others)

    def of_column(self) -> dict[str, Any]:
        """The metadata of a column of such values."""
        return {KEY: {"type": self.kind} | self.entries()}


@dataclass(frozen=True)
class AttributeGroup:
    """The features of a vector column: how many, and, where they are known, which.

    >>> AttributeGroup(2, (Attribute(name="age"), Attribute("binary", "old"))).of_column()["ml_attr"]["attrs"]
    {'numeric': [{'idx': 0, 'name': 'age'}], 'binary': [{'idx': 1, 'name': 'old'}]}
    """

    size: int
    attributes: tuple[Attribute, ...] | None = None

    def of_column(self) -> dict[str, Any]:
        """The metadata of a column of such vectors."""
        if self.attributes is None:
            return {KEY: {"num_attrs": self.size}}
        attrs: dict[str, list[dict[str, Any]]] = {}
        for index, attribute in enumerate(self.attributes):
            if attribute != Attribute():  # which a reader takes for granted
                attrs.setdefault(attribute.kind, []).append({"idx": index} | attribute.entries())
        return {KEY: {"attrs": attrs, "num_attrs": self.size}}

    def index_of(self, name: str) -> int | None:
        """The place of the feature of this name."""
        names = [attribute.name for attribute in self.attributes or ()]
        return names.index(name) if name in names else None

    def known(self) -> tuple[Attribute, ...]:
        """One attribute for every feature, known or not."""
        return self.attributes if self.attributes is not None else (Attribute(),) * self.size

    def only(self, indices: Iterable[int]) -> AttributeGroup:
        """The group of these features, in this order."""
        places = list(indices)
        known = self.attributes
        return AttributeGroup(len(places), None if known is None else tuple(known[place] for place in places))


def attribute_of(field: StructField) -> Attribute | None:
    """The attribute of a column of numbers; None where nothing is told."""
    told = _told(field)
    if told is None or told.get("type") not in _KINDS:
        return None
    return _attribute(told["type"], told)


def group_of(field: StructField) -> AttributeGroup | None:
    """The group of a column of vectors; None where nothing is told, not even a size."""
    told = _told(field)
    if told is None or ("num_attrs" not in told and "attrs" not in told):
        return None
    if "attrs" not in told:
        return AttributeGroup(int(told["num_attrs"]))
    listed = [(kind, entry) for kind in _KINDS for entry in told["attrs"].get(kind, ())]
    size = int(told.get("num_attrs", len(listed)))
    attributes = [Attribute()] * size
    for kind, entry in listed:
        attributes[int(entry["idx"])] = _attribute(kind, entry)
    return AttributeGroup(size, tuple(attributes))


def size_of(field: StructField) -> int | None:
    """The size of a column's vectors, as far as its metadata tells."""
    group = group_of(field)
    return None if group is None else group.size


def nominal(name: str | None, vals: Sequence[str], *, ordered: bool | None = None) -> Attribute:
    """A feature of these categories."""
    return Attribute(NOMINAL, name, tuple(vals), ordered)


def _told(field: StructField) -> Mapping[str, Any] | None:
    return (field.metadata or {}).get(KEY)


def _attribute(kind: str, entry: Mapping[str, Any]) -> Attribute:
    vals = entry.get("vals")
    others = tuple((k, v) for k, v in entry.items() if k not in ("type", "idx", "name", "vals", "ord"))
    return Attribute(kind, entry.get("name"), None if vals is None else tuple(vals), entry.get("ord"), others)
