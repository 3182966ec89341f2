"""What PySpark with spark-avro is asked: schemas for their types, bytes for values, values for bytes."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple


class Decode(NamedTuple):
    """Bytes to be read by a schema."""

    schema: Any
    options: dict[str, str]
    rows: list[bytes | None]


class Encode(NamedTuple):
    """A SQL expression to be written, by a schema where one is given."""

    sql: str
    schema: Any = None


def number(value: int) -> bytes:
    """A whole number as Avro writes it."""
    rest, written = (value << 1) ^ (value >> 63), b""
    while rest > 127:
        written += bytes([rest & 127 | 128])
        rest >>= 7
    return written + bytes([rest])


def text(value: str | bytes) -> bytes:
    """A text or bytes as Avro writes them."""
    data = value.encode() if isinstance(value, str) else value
    return number(len(data)) + data


def record(*fields: tuple[str, Any], name: str = "R") -> dict[str, Any]:
    """The schema of a record."""
    return {"type": "record", "name": name, "fields": [{"name": one, "type": kind} for one, kind in fields]}


def logical(kind: str, base: Any, **more: Any) -> dict[str, Any]:
    """A schema with a logical type."""
    return {**({"type": base} if isinstance(base, str) else base), "logicalType": kind, **more}


def fixed(size: int, name: str = "F") -> dict[str, Any]:
    """The schema of a fixed."""
    return {"type": "fixed", "name": name, "size": size}


ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
INNER = record(("a", "int"), ("b", ["null", "string"]), name="Inner")
NODE = record(("v", "int"), ("next", ["null", "Node"]), name="Node")
TREE = record(("v", "int"), ("children", {"type": "array", "items": "Tree"}), name="Tree")
DECIMAL = logical("decimal", "bytes", precision=6, scale=2)
STABLE = {"enableStableIdentifiersForUnionType": "true"}
PERMISSIVE = {"mode": "PERMISSIVE"}


def by(schema: Any, **options: str) -> dict[str, str]:
    """Options with a reader's schema."""
    return {"avroSchema": json.dumps(schema), **options}


def defaulted(name: str, kind: Any, default: Any, **more: Any) -> dict[str, Any]:
    """A field with a default."""
    return {"name": name, "type": kind, "default": default, **more}


WRITER = record(("id", "int"), ("name", "string"), ("old", "double"))
READER = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "title", "type": "string", "aliases": ["name"]},
        {"name": "id", "type": "long"},
        defaulted("kind", ENUM, "B"),
        defaulted("tags", {"type": "array", "items": "string"}, ["x"]),
        defaulted("note", ["null", "string"], None),
    ],
}

DECODE: dict[str, Decode] = {
    "null": Decode("null", {}, [b""]),
    "boolean": Decode("boolean", {}, [b"\0", b"\1", None]),
    "int": Decode("int", {}, [number(1), number(-(2**31)), number(2**31 - 1)]),
    "long": Decode("long", {}, [number(1), number(-(2**63)), number(2**63 - 1)]),
    "float": Decode("float", {}, [struct.pack("<f", 1.5), struct.pack("<f", float("nan"))]),
    "double": Decode("double", {}, [struct.pack("<d", 1.5), struct.pack("<d", float("-inf"))]),
    "bytes": Decode("bytes", {}, [text(b"\0\xff"), text(b"")]),
    "string": Decode("string", {}, [text("héllo"), text("")]),
    "fixed": Decode(fixed(3), {}, [b"abc"]),
    "enum": Decode(ENUM, {}, [number(0), number(1)]),
    "array": Decode(
        {"type": "array", "items": "int"}, {}, [b"\0", number(2) + number(1) + number(2) + b"\0"]
    ),
    "array of blocks with sizes": Decode(
        {"type": "array", "items": "int"}, {}, [number(-1) + number(1) + number(7) + number(1) + b"\2\0"]
    ),
    "array of nullable": Decode({"type": "array", "items": ["null", "int"]}, {}, [number(2) + b"\0\2\4\0"]),
    "map": Decode({"type": "map", "values": "long"}, {}, [b"\0", number(2) + b"\2a\2\2b\4\0"]),
    "map with a key twice": Decode({"type": "map", "values": "int"}, {}, [number(2) + b"\2a\2\2a\4\0"]),
    "nullable": Decode(["null", "string"], {}, [b"\0", b"\2" + text("a")]),
    "nullable the other way": Decode(["string", "null"], {}, [b"\2", b"\0" + text("a")]),
    "union of one": Decode(["int"], {}, [b"\0\4"]),
    "union of int and long": Decode(["int", "long"], {}, [b"\0\4", b"\2\6"]),
    "union of float and double": Decode(
        ["null", "float", "double"],
        {},
        [b"\2" + struct.pack("<f", 1.5), b"\4" + struct.pack("<d", 2.5), b"\0"],
    ),
    "union": Decode(["int", "string"], {}, [b"\0\4", b"\2" + text("a")]),
    "union with null": Decode(["int", "null", "string"], {}, [b"\0\4", b"\2", b"\4" + text("a")]),
    "union with stable names": Decode(
        ["int", "null", ENUM, INNER], STABLE, [b"\0\4", b"\4\2", b"\2", b"\6\2\0"]
    ),
    "union with a prefix": Decode(
        ["int", "string"], {**STABLE, "stableIdentifierPrefixForUnionType": "is_"}, [b"\0\4"]
    ),
    "union with colliding stable names": Decode([fixed(1, "a"), fixed(1, "A")], STABLE, [b"\0x"]),
    "union in a record": Decode(
        record(("u", ["int", "null", "string", ENUM])), {}, [b"\0\4", b"\2", b"\4" + text("a"), b"\6\2"]
    ),
    "union with stable names in a record": Decode(
        record(("u", ["int", "null", ENUM, INNER])), STABLE, [b"\0\4", b"\2", b"\4\2", b"\6\2\0"]
    ),
    "nullable in a record": Decode(
        record(("u", ["null", "int"]), ("v", ["string", "null"])), {}, [b"\2\4\2", b"\0\0" + text("a")]
    ),
    "array of unions": Decode(
        {"type": "array", "items": ["int", "string"]}, {}, [number(2) + b"\0\4\2" + text("a") + b"\0"]
    ),
    "evolved union in a record": Decode(
        record(("u", ["int", "string"])),
        by(record(("u", ["null", "string", "long"]))),
        [b"\0\2", b"\2" + text("a")],
    ),
    "evolved into a union in a record": Decode(
        record(("u", "int")), by(record(("u", ["string", "long"]))), [b"\2"]
    ),
    "record": Decode(INNER, {}, [b"\2\0", b"\4\2" + text("x"), None]),
    "empty record": Decode(record(), {}, [b""]),
    "nested records": Decode(
        record(("x", INNER), ("y", ["null", "Inner"])), {}, [b"\2\0\0", b"\2\0\2\6\2" + text("q")]
    ),
    "array of records": Decode({"type": "array", "items": INNER}, {}, [number(1) + b"\2\0\0"]),
    "map of records": Decode({"type": "map", "values": INNER}, {}, [number(1) + b"\2k\2\0\0"]),
    "namespaces": Decode(
        {
            "type": "record",
            "name": "R",
            "namespace": "a.b",
            "fields": [
                {"name": "e", "type": ENUM},
                {"name": "f", "type": "a.b.E"},
                {"name": "g", "type": "E"},
            ],
        },
        {},
        [b"\0\2\0"],
    ),
    "date": Decode(logical("date", "int"), {}, [number(0), number(19000), number(-1000)]),
    "time-millis": Decode(logical("time-millis", "int"), {}, [number(5)]),
    "time-micros": Decode(logical("time-micros", "long"), {}, [number(5)]),
    "timestamp-millis": Decode(logical("timestamp-millis", "long"), {}, [number(1_700_000_000_123)]),
    "timestamp-micros": Decode(
        logical("timestamp-micros", "long"), {}, [number(1_700_000_000_123_456), number(-1)]
    ),
    "timestamp-nanos": Decode(logical("timestamp-nanos", "long"), {}, [number(5)]),
    "local-timestamp-millis": Decode(
        logical("local-timestamp-millis", "long"), {}, [number(1_700_000_000_123)]
    ),
    "local-timestamp-micros": Decode(
        logical("local-timestamp-micros", "long"), {}, [number(1_700_000_000_123_456)]
    ),
    "uuid": Decode(logical("uuid", "string"), {}, [text("a"), text("123e4567-e89b-12d3-a456-426614174000")]),
    "uuid of fixed": Decode(logical("uuid", fixed(16)), {}, [bytes(range(16))]),
    "duration": Decode(logical("duration", fixed(12)), {}, [bytes(12)]),
    "unknown logical type": Decode(logical("mood", "int"), {}, [number(3)]),
    "date of a long": Decode(logical("date", "long"), {}, [number(3)]),
    "decimal of bytes": Decode(DECIMAL, {}, [text(b"\1\0"), text(b"\xff"), text(b"\0")]),
    "decimal of fixed": Decode(
        logical("decimal", fixed(4), precision=9, scale=3), {}, [b"\0\0\1\0", b"\xff\xff\xff\xff"]
    ),
    "decimal without scale": Decode(logical("decimal", "bytes", precision=6), {}, [text(b"\1\0")]),
    "decimal of too short a fixed": Decode(logical("decimal", fixed(1), precision=9), {}, [b"a"]),
    "decimal too wide": Decode(logical("decimal", "bytes", precision=39), {}, [text(b"\1")]),
    "decimal too large for its precision": Decode(
        logical("decimal", "bytes", precision=2), {}, [text(b"\x7f\xff")]
    ),
    "decimal of no bytes": Decode(DECIMAL, {}, [text(b"")]),
    "interval of months": Decode(
        {"type": "int", "spark.sql.catalyst.type": "interval year to month"}, {}, [number(14)]
    ),
    "interval of seconds": Decode(
        {"type": "long", "spark.sql.catalyst.type": "interval day to second"}, {}, [number(1_000_000)]
    ),
    "recursive": Decode(NODE, {}, [b"\2\0"]),
    "recursive to depth 1": Decode(NODE, {"recursiveFieldMaxDepth": "1"}, [b"\2\2\4\0"]),
    "recursive to depth 2": Decode(NODE, {"recursiveFieldMaxDepth": "2"}, [b"\2\2\4\2\6\0", b"\2\0"]),
    "recursive to depth 0": Decode(NODE, {"recursiveFieldMaxDepth": "0"}, [b"\2\0"]),
    "recursive to depth 16": Decode(NODE, {"recursiveFieldMaxDepth": "16"}, [b"\2\0"]),
    "recursive in arrays to depth 2": Decode(
        TREE, {"recursiveFieldMaxDepth": "2"}, [b"\2" + number(1) + b"\4" + number(1) + b"\6\0\0\0"]
    ),
    "trailing bytes": Decode("int", {}, [b"\2\2"]),
    "permissive record": Decode(INNER, PERMISSIVE, [b"\2\0", b"\2", b"\2\4", None]),
    "permissive int": Decode("int", PERMISSIVE, [b"\2", b""]),
    "permissive array": Decode({"type": "array", "items": "int"}, PERMISSIVE, [b"\2", b"\0"]),
    "truncated": Decode(INNER, {}, [b"\2"]),
    "truncated, asked for failfast": Decode(INNER, {"mode": "failfast"}, [b"\2"]),
    "dropmalformed": Decode("int", {"mode": "DROPMALFORMED"}, [b"\2"]),
    "unknown mode": Decode("int", {"mode": "nonsense"}, [b"\2"]),
    "union branch out of range": Decode(["null", "int"], PERMISSIVE, [b"\4\2", b"\1\2", b"\2\2"]),
    "enum out of range": Decode(ENUM, PERMISSIVE, [b"\4", b"\1", b"\2"]),
    "boolean of 2": Decode("boolean", PERMISSIVE, [b"\2"]),
    "int of six bytes": Decode("int", PERMISSIVE, [b"\x80\x80\x80\x80\x80\1"]),
    "long of eleven bytes": Decode("long", PERMISSIVE, [b"\x80" * 10 + b"\1"]),
    "length below zero": Decode("string", PERMISSIVE, [b"\1", b"\0"]),
    "text that is not UTF-8": Decode("string", {}, [b"\2\xff"]),
    "evolved": Decode(WRITER, by(READER), [b"\2" + text("n") + struct.pack("<d", 2.5)]),
    "evolved without a default": Decode(record(("id", "int")), by(record(("more", "int"))), [b"\2"]),
    "evolved int to text": Decode("int", by("string"), [b"\2"]),
    "evolved promotions": Decode(
        record(("a", "int"), ("b", "long"), ("c", "float"), ("d", "string"), ("e", "bytes"), ("f", "int")),
        by(
            record(
                ("a", "long"),
                ("b", "float"),
                ("c", "double"),
                ("d", "bytes"),
                ("e", "string"),
                ("f", "double"),
            )
        ),
        [b"\2\4" + struct.pack("<f", 1.5) + text("s") + text("t") + b"\6"],
    ),
    "evolved to nullable": Decode("int", by(["null", "long"]), [b"\2"]),
    "evolved from nullable": Decode(["null", "int"], by("int", mode="PERMISSIVE"), [b"\2\2", b"\0"]),
    "evolved union": Decode(["int", "string"], by(["string", "long"]), [b"\0\2", b"\2" + text("a")]),
    "evolved enum": Decode(
        {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]},
        by({"type": "enum", "name": "E", "symbols": ["B", "A"]}, mode="PERMISSIVE"),
        [b"\0", b"\2", b"\4"],
    ),
    "evolved enum with a default": Decode(
        {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]},
        by({"type": "enum", "name": "E", "symbols": ["B", "A"], "default": "A"}),
        [b"\4"],
    ),
    "evolved name of a record": Decode(
        record(("a", "int"), name="One"), by(record(("a", "int"), name="Two")), [b"\2"]
    ),
    "evolved name of a fixed": Decode(fixed(1, "One"), by(fixed(1, "Two")), [b"a"]),
    "evolved size of a fixed": Decode(fixed(1), by(fixed(2)), [b"a"]),
    "evolved defaults": Decode(
        record(("a", "int")),
        by(
            {
                "type": "record",
                "name": "R",
                "fields": [
                    defaulted("b", "bytes", "\u00ff"),
                    defaulted("d", logical("timestamp-millis", "long"), 5),
                    defaulted("m", {"type": "map", "values": "int"}, {"k": 1}),
                    defaulted("r", INNER, {"a": 1, "b": None}),
                    defaulted("f", "double", 1),
                    defaulted("u", ["int", "string"], 4),
                ],
            }
        ),
        [b"\2"],
    ),
    "no JSON": Decode(None, {}, [b"\2"]),
    "no type": Decode("nonsense", {}, [b"\2"]),
    "record without a name": Decode({"type": "record", "fields": []}, {}, [b"\2"]),
    "option of files": Decode("int", {"compression": "snappy"}, [b"\2"]),
    "unknown option": Decode("int", {"nonsense": "1"}, [b"\2"]),
    "rebase legacy": Decode(
        logical("date", "int"), {"datetimeRebaseMode": "LEGACY"}, [number(0), number(-200000)]
    ),
    "rebase by default": Decode(logical("date", "int"), {}, [number(-200000)]),
    "rebase corrected": Decode(
        logical("date", "int"), {"datetimeRebaseMode": "CORRECTED"}, [number(-200000)]
    ),
    "rebase exception": Decode(logical("date", "int"), {"datetimeRebaseMode": "EXCEPTION"}, [number(0)]),
    "rebase exception of an old date": Decode(
        logical("date", "int"), {"datetimeRebaseMode": "EXCEPTION"}, [number(-200000)]
    ),
    "rebase nonsense": Decode(logical("date", "int"), {"datetimeRebaseMode": "nonsense"}, [number(0)]),
}

ENCODE: dict[str, Encode] = {
    "boolean": Encode("true"),
    "tinyint": Encode("1Y"),
    "smallint": Encode("1S"),
    "int": Encode("1"),
    "bigint": Encode("1L"),
    "float": Encode("1.5F"),
    "double": Encode("1.5D"),
    "string": Encode("'é'"),
    "binary": Encode("X'00ff'"),
    "date": Encode("DATE '2020-01-02'"),
    "timestamp": Encode("TIMESTAMP '2020-01-02 03:04:05.678901'"),
    "timestamp_ntz": Encode("TIMESTAMP_NTZ '2020-01-02 03:04:05.678901'"),
    "decimal": Encode("CAST(-1.25 AS DECIMAL(10,2))"),
    "decimal of 38": Encode("CAST(1 AS DECIMAL(38,10))"),
    "null": Encode("NULL"),
    "null int": Encode("CAST(NULL AS INT)"),
    "nullable int": Encode("IF(id = 0, 1, NULL)"),
    "array": Encode("ARRAY(1, 2)"),
    "empty array": Encode("CAST(ARRAY() AS ARRAY<INT>)"),
    "array with null": Encode("ARRAY(1, NULL)"),
    "map": Encode("MAP('a', 1)"),
    "map of int keys": Encode("MAP(1, 1)"),
    "struct": Encode("STRUCT(1 AS a, 'x' AS b, CAST(NULL AS INT) AS c)"),
    "nested struct": Encode("STRUCT(STRUCT(12.5BD AS d) AS s, ARRAY(STRUCT(1 AS e)) AS l)"),
    "time": Encode("TIME '01:02:03'"),
    "interval of months": Encode("INTERVAL '1-2' YEAR TO MONTH"),
    "interval of seconds": Encode("INTERVAL '1 00:00:01' DAY TO SECOND"),
    "by int": Encode("1", "int"),
    "by nullable int": Encode("1", ["null", "int"]),
    "by nullable int the other way": Encode("1", ["int", "null"]),
    "by long": Encode("1", "long"),
    "bigint by int": Encode("1L", "int"),
    "text by int": Encode("'1'", "int"),
    "null by nullable int": Encode("CAST(NULL AS INT)", ["null", "int"]),
    "null by int": Encode("CAST(NULL AS INT)", "int"),
    "enum": Encode("'B'", ENUM),
    "enum of another symbol": Encode("'C'", ENUM),
    "nullable enum": Encode("'B'", ["null", ENUM]),
    "fixed": Encode("X'616263'", fixed(3)),
    "fixed of another size": Encode("X'61'", fixed(3)),
    "timestamp by millis": Encode(
        "TIMESTAMP '2020-01-02 03:04:05.678901'", logical("timestamp-millis", "long")
    ),
    "timestamp by micros": Encode(
        "TIMESTAMP '2020-01-02 03:04:05.678901'", logical("timestamp-micros", "long")
    ),
    "timestamp by long": Encode("TIMESTAMP '1969-12-31 23:59:59.999999'", "long"),
    "timestamp by local millis": Encode(
        "TIMESTAMP '2020-01-02 03:04:05'", logical("local-timestamp-millis", "long")
    ),
    "timestamp_ntz by millis": Encode(
        "TIMESTAMP_NTZ '2020-01-02 03:04:05.678'", logical("local-timestamp-millis", "long")
    ),
    "date by int": Encode("DATE '2020-01-02'", "int"),
    "date by date": Encode("DATE '2020-01-02'", logical("date", "int")),
    "decimal by bytes": Encode("CAST(-1.25 AS DECIMAL(6,2))", DECIMAL),
    "decimal of another scale": Encode("CAST(-1.25 AS DECIMAL(6,3))", DECIMAL),
    "decimal by fixed": Encode(
        "CAST(-1.25 AS DECIMAL(9,3))", logical("decimal", fixed(4), precision=9, scale=3)
    ),
    "double by float or double": Encode("1.5D", ["float", "double"]),
    "bigint by int or long": Encode("5L", ["int", "long"]),
    "large bigint by int or long": Encode("5000000000L", ["int", "long"]),
    "bigint by null, int or long": Encode("5L", ["null", "int", "long"]),
    "struct by record": Encode("STRUCT(1 AS a, 'x' AS b)", record(("b", "string"), ("a", "int"))),
    "struct in other case": Encode("STRUCT(1 AS A)", record(("a", "int"))),
    "struct with a field too many": Encode("STRUCT(1 AS a, 2 AS b)", record(("a", "int"))),
    "struct with a field too few": Encode("STRUCT(1 AS a)", record(("a", "int"), ("b", "int"))),
    "struct with a nullable field too few": Encode(
        "STRUCT(1 AS a)", record(("a", "int"), ("b", ["null", "int"]))
    ),
    "struct with a default too few": Encode(
        "STRUCT(1 AS a)",
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, defaulted("b", "int", 7)]},
    ),
    "null field by a required one": Encode(
        "STRUCT(IF(id = 0, CAST(NULL AS INT), 1) AS a)", record(("a", "int"))
    ),
    "union": Encode("STRUCT(CAST(NULL AS INT) AS member0, 'x' AS member1)", ["int", "string"]),
    "union of nothing": Encode(
        "STRUCT(CAST(NULL AS INT) AS member0, CAST(NULL AS STRING) AS member1)", ["null", "int", "string"]
    ),
    "union of two": Encode("STRUCT(1 AS member0, 'x' AS member1)", ["int", "string"]),
    "union with other names": Encode("STRUCT(1 AS a, 'x' AS b)", ["int", "string"]),
    "union in a record": Encode(
        "STRUCT(STRUCT(CAST(NULL AS INT) AS member0, 'x' AS member1) AS u)",
        record(("u", ["null", "int", "string"])),
    ),
    "union of nothing in a record": Encode(
        "STRUCT(STRUCT(CAST(NULL AS INT) AS member0, CAST(NULL AS STRING) AS member1) AS u)",
        record(("u", ["null", "int", "string"])),
    ),
    "union of two in a record": Encode(
        "STRUCT(STRUCT(1 AS member0, 'x' AS member1) AS u)", record(("u", ["int", "string"]))
    ),
    "union of other names in a record": Encode(
        "STRUCT(STRUCT(1 AS a, 'x' AS b) AS u)", record(("u", ["int", "string"]))
    ),
    "map by map": Encode("MAP('a', 1)", {"type": "map", "values": "int"}),
    "array by array": Encode("ARRAY(1, NULL)", {"type": "array", "items": ["null", "int"]}),
    "array with null by array without": Encode("ARRAY(1, NULL)", {"type": "array", "items": "int"}),
    "time by time-micros": Encode("TIME '01:02:03'", logical("time-micros", "long")),
    "text by bytes": Encode("'a'", "bytes"),
    "binary by string": Encode("X'61'", "string"),
    "uuid": Encode("'123e4567-e89b-12d3-a456-426614174000'", logical("uuid", "string")),
    "int by long in a record": Encode("STRUCT(1 AS a)", record(("a", "long"))),
    "text by int in a record in a record": Encode(
        "STRUCT(STRUCT('x' AS b) AS a)", record(("a", record(("b", "int"), name="Deep")))
    ),
    "no JSON": Encode("1", "nonsense"),
}

SCHEMAS_OF: dict[str, tuple[Any, dict[str, str]]] = {
    "int": ("int", {}),
    "record": (INNER, {}),
    "union": (["int", "string"], STABLE),
    "nested": (
        record(
            ("x", INNER), ("l", {"type": "array", "items": "long"}), ("m", {"type": "map", "values": DECIMAL})
        ),
        {},
    ),
    "nullable": (["null", "int"], {}),
}


def schema_text(schema: Any) -> str:
    """A schema as JSON text; what is no JSON for None."""
    return "{" if schema is None else json.dumps(schema)
