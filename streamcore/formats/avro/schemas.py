"""Avro schemas: JSON text as a tree of types, in which a name stands for the type that bears it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from streamcore.errors import AnalysisException

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NO_DEFAULT: Any = object()


@dataclass(frozen=True)
class Primitive:
    """A type without a name; `notes` are its further attributes, the logical type among them."""

    name: str
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fixed:
    """So many bytes."""

    name: str
    size: int
    notes: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Enumeration:
    """One of some symbols; `default` is read where the writer's symbol is unknown."""

    name: str
    symbols: tuple[str, ...]
    default: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Array:
    """Any number of items."""

    items: AvroType


@dataclass(frozen=True)
class Map:
    """Texts to values."""

    values: AvroType


@dataclass(frozen=True)
class Union:
    """One of some types."""

    branches: tuple[AvroType, ...]

    @property
    def has_null(self) -> bool:
        """Whether null is one of them."""
        return any(is_null(branch) for branch in self.branches)

    @property
    def others(self) -> tuple[AvroType, ...]:
        """The branches without null."""
        return tuple(branch for branch in self.branches if not is_null(branch))


@dataclass(frozen=True)
class Field:
    """A field of a record; `default` is JSON."""

    name: str
    type: AvroType
    default: Any = _NO_DEFAULT
    aliases: tuple[str, ...] = ()

    @property
    def has_default(self) -> bool:
        """Whether a reader may do without the writer's value."""
        return self.default is not _NO_DEFAULT


@dataclass(eq=False)
class Record:
    """Fields in their order.  It may hold itself, so that it is told apart by being itself."""

    name: str
    fields: tuple[Field, ...] = ()
    aliases: tuple[str, ...] = ()


AvroType: TypeAlias = "Primitive | Fixed | Enumeration | Array | Map | Union | Record"
Named: TypeAlias = "Fixed | Enumeration | Record"


class AvroSchemaError(AnalysisException):
    """A text that is no Avro schema."""


def is_null(kind: AvroType) -> bool:
    """Whether nothing but null is of the type."""
    return isinstance(kind, Primitive) and kind.name == "null"


def is_of_millis(kind: AvroType) -> bool:
    """Whether the numbers of the type are times in milliseconds, which Spark has in microseconds."""
    logical = kind.notes.get("logicalType") if isinstance(kind, Primitive) else None
    return isinstance(kind, Primitive) and kind.name == "long" and str(logical).endswith("timestamp-millis")


def type_name(kind: AvroType) -> str:
    """What the type is called in messages: its full name, or what it is."""
    if isinstance(kind, Primitive | Fixed | Enumeration | Record):
        return kind.name
    return type(kind).__name__.lower()


def short_name(kind: AvroType) -> str:
    """The name without its namespace."""
    return type_name(kind).rpartition(".")[2]


def avro_schema(text: str) -> AvroType:
    """The type that a JSON text describes.  Raises AvroSchemaError.

    >>> schema = '{"type": "record", "name": "shop.Sale", "fields": [{"name": "price", "type": "int"}]}'
    >>> avro_schema(schema).fields[0].type
    Primitive(name='int', notes={})
    """
    try:
        # A bare name of a type is taken for one, as Java's parser does not: `"int"` is JSON, `int` is not.
        given = json.loads(text)
    except ValueError as error:
        raise AvroSchemaError(f"The Avro schema is no JSON ({error}): {text[:200]}") from error
    return _Parser().parsed(given, "")


class _Parser:
    def __init__(self) -> None:
        self._named: dict[str, Named] = {}

    def parsed(self, given: Any, space: str) -> AvroType:
        if isinstance(given, str):
            return self._by_name(given, space)
        if isinstance(given, list):
            return self._union(given, space)
        if not isinstance(given, dict) or "type" not in given:
            raise AvroSchemaError(f"No type in the Avro schema: {_short(given)}")
        kind = given["type"]
        if isinstance(kind, dict | list):
            # {"type": {"type": "int", ...}}: the inner one counts.
            return self.parsed(kind, space)
        if kind in PRIMITIVES:
            return Primitive(
                kind, {key: value for key, value in given.items() if key not in ("type", "name")}
            )
        made = self._MAKERS.get(kind)
        return self._by_name(kind, space) if made is None else made(self, given, space)

    def _array(self, given: Mapping[str, Any], space: str) -> Array:
        return Array(self.parsed(_needed(given, "items"), space))

    def _map(self, given: Mapping[str, Any], space: str) -> Map:
        return Map(self.parsed(_needed(given, "values"), space))

    def _by_name(self, name: str, space: str) -> AvroType:
        if name in PRIMITIVES:
            return Primitive(name)
        found = self._named.get(name) if "." in name else self._named.get(_full(name, space))
        found = found or self._named.get(name)
        if found is None:
            raise AvroSchemaError(f"Undefined name in the Avro schema: {name!r}")
        return found

    def _union(self, given: Sequence[Any], space: str) -> Union:
        branches = tuple(self.parsed(branch, space) for branch in given)
        seen = [type_name(branch) for branch in branches]
        if any(isinstance(branch, Union) for branch in branches):
            raise AvroSchemaError(f"A union directly in a union of the Avro schema: {_short(given)}")
        twice = next((name for name in seen if seen.count(name) > 1), None)
        if twice is not None:
            raise AvroSchemaError(f"Duplicate in a union of the Avro schema: {twice}")
        return Union(branches)

    def _record(self, given: Mapping[str, Any], space: str) -> Record:
        name, inner, aliases = self._name(given, space)
        made = Record(name, (), aliases)
        self._declare(made)
        fields = _needed(given, "fields")
        if not isinstance(fields, list):
            raise AvroSchemaError(f"The fields of the record {name} are no list: {_short(fields)}")
        made.fields = tuple(self._field(each, inner, name) for each in fields)
        names = [each.name for each in made.fields]
        if len(set(names)) < len(names):
            raise AvroSchemaError(f"The record {name} has a field twice: {', '.join(names)}")
        return made

    def _field(self, given: Any, space: str, owner: str) -> Field:
        if not isinstance(given, dict):
            raise AvroSchemaError(f"A field of the record {owner} is no object: {_short(given)}")
        name, kind = str(_needed(given, "name")), self.parsed(_needed(given, "type"), space)
        if not _NAME.match(name):
            raise AvroSchemaError(f"Illegal name of a field of the record {owner}: {name!r}")
        return Field(name, kind, given.get("default", _NO_DEFAULT), tuple(given.get("aliases", ())))

    def _enumeration(self, given: Mapping[str, Any], space: str) -> Enumeration:
        name, _, aliases = self._name(given, space)
        made = Enumeration(name, tuple(_needed(given, "symbols")), given.get("default"), aliases)
        if made.default is not None and made.default not in made.symbols:
            raise AvroSchemaError(f"The default {made.default!r} is no symbol of the enum {name}")
        self._declare(made)
        return made

    def _fixed(self, given: Mapping[str, Any], space: str) -> Fixed:
        name, _, aliases = self._name(given, space)
        notes = {key: value for key, value in given.items() if key not in ("type", "name", "size")}
        made = Fixed(name, int(_needed(given, "size")), notes, aliases)
        self._declare(made)
        return made

    def _name(self, given: Mapping[str, Any], space: str) -> tuple[str, str, tuple[str, ...]]:
        """The full name, the namespace of what is within, and the full aliases."""
        name = str(_needed(given, "name"))
        full = name if "." in name else _full(name, str(given.get("namespace", space)))
        if not all(_NAME.match(part) for part in full.split(".")):
            raise AvroSchemaError(f"Illegal name in the Avro schema: {full!r}")
        inner = full.rpartition(".")[0]
        return full, inner, tuple(_full(alias, inner) for alias in given.get("aliases", ()))

    def _declare(self, made: Named) -> None:
        if made.name in self._named:
            raise AvroSchemaError(f"Can't redefine in the Avro schema: {made.name}")
        self._named[made.name] = made

    _MAKERS: ClassVar[Mapping[str, Callable[[_Parser, Mapping[str, Any], str], AvroType]]] = {
        "array": _array, "map": _map, "record": _record, "error": _record, "enum": _enumeration,
        "fixed": _fixed,
    }  # fmt: skip


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _needed(given: Mapping[str, Any], key: str) -> Any:
    if key not in given:
        raise AvroSchemaError(f"No {key!r} in the Avro schema: {_short(given)}")
    return given[key]


def _short(given: Any) -> str:
    return json.dumps(given, default=str)[:200]


def children(kind: AvroType) -> Iterator[AvroType]:
    """The types directly within."""
    if isinstance(kind, Array):
        yield kind.items
    elif isinstance(kind, Map):
        yield kind.values
    elif isinstance(kind, Union):
        yield from kind.branches
    elif isinstance(kind, Record):
        yield from (each.type for each in kind.fields)


def is_recursive(kind: AvroType, within: tuple[Record, ...] = ()) -> bool:
    """Whether a record holds itself."""
    if isinstance(kind, Record):
        if any(kind is each for each in within):
            return True
        within = (*within, kind)
    return any(is_recursive(child, within) for child in children(kind))
