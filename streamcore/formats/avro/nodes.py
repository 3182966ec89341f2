"""What an Avro schema is read into: its types with their Spark types, recursion cut off where it is told.

A node stands for a place in the result.  A place that the schema has and the result has not (a record
within itself beyond the depth) has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.formats.avro.options import DEEPEST, UnionNames
from streamcore.formats.avro.schemas import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    short_name,
)
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
    parse_data_type,
)

_PLAIN: dict[str, DataType] = {
    "null": NullType(), "boolean": BooleanType(), "int": IntegerType(), "long": LongType(),
    "float": FloatType(), "double": DoubleType(), "bytes": BinaryType(), "string": StringType(),
}  # fmt: skip
_TIMES: dict[tuple[str, str], DataType] = {
    ("int", "date"): DateType(),
    ("long", "time-micros"): TimeType(6),
    ("long", "timestamp-millis"): TimestampType(),
    ("long", "timestamp-micros"): TimestampType(),
    ("long", "local-timestamp-millis"): TimestampNTZType(),
    ("long", "local-timestamp-micros"): TimestampNTZType(),
}
_NUMBERS = ({"int", "long"}, {"float", "double"})
_CATALYST = "spark.sql.catalyst.type"


@dataclass(frozen=True)
class Leaf:
    """A value without parts."""

    kind: Primitive | Fixed | Enumeration
    sql: DataType
    nullable: bool = False


@dataclass(frozen=True)
class ListNode:
    """An array."""

    kind: Array
    items: Node
    nullable: bool = False

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        return ArrayType(self.items.sql, self.items.nullable)


@dataclass(frozen=True)
class MapNode:
    """A map."""

    kind: Map
    values: Node
    nullable: bool = False

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        return MapType(StringType(), self.values.sql, self.values.nullable)


@dataclass(frozen=True)
class RecordNode:
    """A record: for every field its node, None for one that is left out."""

    kind: Record
    fields: tuple[Node | None, ...]
    nullable: bool = False

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        pairs = zip(self.kind.fields, self.fields, strict=True)
        return StructType([StructField(f.name, n.sql, n.nullable) for f, n in pairs if n is not None])


@dataclass(frozen=True)
class NumberNode:
    """A union of two widths of numbers, read as the wider one."""

    kind: Union
    sql: DataType
    nullable: bool = False


@dataclass(frozen=True)
class UnionNode:
    """A union of several types as a struct with a member for each, None for one that is left out."""

    kind: Union
    members: tuple[tuple[str, Node] | None, ...]
    nullable: bool = False

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        return StructType([StructField(m[0], m[1].sql, nullable=True) for m in self.members if m is not None])


Node: TypeAlias = "Leaf | ListNode | MapNode | RecordNode | NumberNode | UnionNode"


def node_of(kind: AvroType, names: UnionNames | None = None, depth: int = 0) -> Node:
    """The node of a whole schema.  Raises AnalysisException for a recursive one without a depth.

    >>> from streamcore.formats.avro.schemas import avro_schema
    >>> node_of(avro_schema('["null", "long"]')).sql
    LongType()
    """
    node = _Nodes(names or UnionNames(), depth).node(kind, {})
    if node is None:
        raise AnalysisException("The Avro schema holds nothing but itself.")
    return node


@dataclass(frozen=True)
class _Nodes:
    names: UnionNames
    depth: int

    def node(self, kind: AvroType, within: dict[str, int]) -> Node | None:
        if isinstance(kind, Primitive | Fixed | Enumeration):
            return Leaf(kind, _leaf_type(kind), isinstance(kind, Primitive) and kind.name == "null")
        if isinstance(kind, Array):
            items = self.node(kind.items, within)
            return None if items is None else ListNode(kind, items)
        if isinstance(kind, Map):
            values = self.node(kind.values, within)
            return None if values is None else MapNode(kind, values)
        return self._record(kind, within) if isinstance(kind, Record) else self._union(kind, within)

    def _record(self, kind: Record, within: dict[str, int]) -> Node | None:
        seen = within.get(kind.name, 0)
        if seen and not self.depth:
            raise AnalysisException(
                f"Found recursive reference in Avro schema, which can not be processed by default: "
                f"{kind.name}. Try setting the option `recursiveFieldMaxDepth` to 1 - {DEEPEST}."
            )
        if seen and seen >= self.depth:
            return None
        inner = {**within, kind.name: seen + 1}
        return RecordNode(kind, tuple(self.node(each.type, inner) for each in kind.fields))

    def _union(self, kind: Union, within: dict[str, int]) -> Node | None:
        others = kind.others
        if not others:
            return Leaf(Primitive("null"), NullType(), nullable=True)
        if len(others) == 1:
            node = self.node(others[0], within)
            return None if node is None else replace(node, nullable=node.nullable or kind.has_null)
        kinds = {other.name for other in others if isinstance(other, Primitive)}
        if len(others) == 2 and kinds in _NUMBERS:
            return NumberNode(kind, LongType() if "long" in kinds else DoubleType(), kind.has_null)
        nodes = [self.node(other, within) for other in others]
        named = [
            None if node is None else (self._member(at, other), node)
            for at, (other, node) in enumerate(zip(others, nodes, strict=True))
        ]
        self._check(others)
        return UnionNode(kind, tuple(named), kind.has_null)

    def _member(self, at: int, kind: AvroType) -> str:
        return f"{self.names.prefix}{short_name(kind)}" if self.names.are_stable else f"member{at}"

    def _check(self, kinds: tuple[AvroType, ...]) -> None:
        seen: set[str] = set()
        for kind in kinds if self.names.are_stable else ():
            if short_name(kind).lower() in seen:
                raise AnalysisException(
                    "Cannot generate stable identifier for Avro union type due to name conflict of type name "
                    f"{short_name(kind)}"
                )
            seen.add(short_name(kind).lower())


def _leaf_type(kind: Primitive | Fixed | Enumeration) -> DataType:
    if isinstance(kind, Enumeration):
        return StringType()
    if isinstance(kind, Fixed) or kind.name == "bytes":
        return _decimal(kind) or BinaryType()
    logical = str(kind.notes.get("logicalType", ""))
    if kind.name == "long" and logical in ("timestamp-nanos", "local-timestamp-nanos"):
        raise UnsupportedOperationException(
            f"The Avro type {logical} is not offered: times are counted in microseconds. Leave its "
            "logicalType out, and divide the number."
        )
    return _TIMES.get((kind.name, logical)) or _catalyst_type(kind) or _PLAIN[kind.name]


def _catalyst_type(kind: Primitive) -> DataType | None:
    """The interval that Spark notes beside a number."""
    noted = kind.notes.get(_CATALYST)
    if noted is None or kind.name not in ("int", "long"):
        return None
    found = parse_data_type(str(noted))
    if not isinstance(found, YearMonthIntervalType if kind.name == "int" else DayTimeIntervalType):
        raise UnsupportedOperationException(f"The Avro type {kind.name} noted as {noted!r} is not offered.")
    return found


def _decimal(kind: Primitive | Fixed) -> DecimalType | None:
    """The decimal that bytes are; None where they are bytes, as of a fixed that is too short."""
    if kind.notes.get("logicalType") != "decimal":
        return None
    precision, scale = kind.notes.get("precision"), kind.notes.get("scale", 0)
    if (
        not isinstance(precision, int)
        or not isinstance(scale, int)
        or not 0 <= scale <= precision
        or not precision
    ):
        return None
    if isinstance(kind, Fixed) and 10**precision - 1 > 2 ** (8 * kind.size - 1) - 1:
        return None
    if precision > DecimalType.MAX_PRECISION:
        raise AnalysisException(
            f"[DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION] Decimal precision {precision} exceeds max precision "
            f"{DecimalType.MAX_PRECISION}. SQLSTATE: 22003"
        )
    return DecimalType(precision, scale)
