"""Schemas as DDL text: `id bigint NOT NULL, tags array<string>`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from streamcore.errors import ParseException
from streamcore.spi.types.atomic import (
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    YearMonthIntervalType,
)
from streamcore.spi.types.nested import ArrayType, MapType, StructField, StructType
from streamcore.spi.types.udt import UserDefinedType
from streamcore.spi.types.variant import VariantType

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_PLAIN: dict[str, Callable[[], DataType]] = {
    "void": NullType, "null": NullType, "string": StringType, "binary": BinaryType, "boolean": BooleanType,
    "byte": ByteType, "tinyint": ByteType, "short": ShortType, "smallint": ShortType,
    "int": IntegerType, "integer": IntegerType, "long": LongType, "bigint": LongType,
    "float": FloatType, "real": FloatType, "double": DoubleType, "date": DateType,
    "variant": VariantType,
    "timestamp": TimestampType, "timestamp_ltz": TimestampType, "timestamp_ntz": TimestampNTZType,
}  # fmt: skip
_SIZED: dict[str, Callable[..., DataType]] = {
    "decimal": DecimalType, "dec": DecimalType, "numeric": DecimalType,
    "char": CharType, "character": CharType, "varchar": VarcharType, "time": TimeType,
}  # fmt: skip
_DAY_TIME = ("day", "hour", "minute", "second")
_YEAR_MONTH = ("year", "month")
_TOKEN = re.compile(r"\s*(?:(`(?:[^`]|``)*`)|('(?:[^'\\]|\\.|'')*')|(\w+)|([<>(),:]))", re.UNICODE)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def parse_ddl(text: str) -> StructType:
    """The schema that a column list names, such as `a INT NOT NULL COMMENT 'x', b: array<string>`.

    A bare type (`int`) is a schema of one column called `value`.  Raises ParseException.
    """
    found = parse_data_type(text)
    return found if isinstance(found, StructType) else StructType([StructField("value", found)])


def parse_data_type(text: str) -> DataType:
    """The type that DDL text names: one type, or a column list, which is a struct.

    Raises ParseException, for types that are nested some hundred times, too.
    """
    try:
        return _parsed(text)
    except RecursionError:
        raise ParseException(
            f"[FAILED_TO_PARSE_TOO_COMPLEX] The type is nested too deeply to parse: {text[:80]!r}... "
            "SQLSTATE: 54001"
        ) from None


def _parsed(text: str) -> DataType:
    tokens = _tokens(text)
    if not tokens:
        return StructType()
    try:
        return _Parser(text, tokens).whole(_Parser.data_type)
    except ParseException as as_type:
        if len(tokens) == 1:
            raise
        try:
            fields = _Parser(text, tokens).whole(_Parser.columns)
        except ParseException as as_columns:
            raise as_columns from as_type
        return StructType(fields)


def to_ddl(schema: StructType) -> str:
    """The column list of `schema`, as Spark writes it."""
    return ",".join(_column_ddl(field) for field in schema.fields)


def quote_name(name: str) -> str:
    """A column name as DDL text, in backticks where it needs them."""
    return name if _PLAIN_NAME.match(name) else "`" + name.replace("`", "``") + "`"


def _column_ddl(field: StructField) -> str:
    not_null = "" if field.nullable else " NOT NULL"
    comment = field.metadata.get("comment")
    note = "" if comment is None else " COMMENT '" + str(comment).replace("'", "\\'") + "'"
    return f"{quote_name(field.name)} {type_text(field.dataType)}{not_null}{note}"


def type_text(data_type: DataType) -> str:
    """A type as Spark writes it in SQL.

    >>> type_text(parse_data_type("map<string,struct<a:int>>"))
    'MAP<STRING, STRUCT<a: INT>>'
    """
    if isinstance(data_type, ArrayType):
        return f"ARRAY<{type_text(data_type.elementType)}>"
    if isinstance(data_type, MapType):
        return f"MAP<{type_text(data_type.keyType)}, {type_text(data_type.valueType)}>"
    if isinstance(data_type, UserDefinedType) and not isinstance(data_type, VariantType):
        return type_text(data_type.sqlType())
    if isinstance(data_type, StructType):
        fields = (
            f"{quote_name(f.name)}: {type_text(f.dataType)}{'' if f.nullable else ' NOT NULL'}"
            for f in data_type.fields
        )
        return f"STRUCT<{', '.join(fields)}>"
    return data_type.simpleString().upper()


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ParseException(f"Cannot read the schema {text!r} at {text[position:].strip()[:20]!r}.")
        tokens.append(match.group(match.lastindex or 0))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens of one DDL text."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0

    def whole(self, rule: Callable[[_Parser], _T]) -> _T:
        """What `rule` reads, which must be everything."""
        found = rule(self)
        if self._at < len(self._tokens):
            raise self._error()
        return found

    def columns(self, end: str = "") -> list[StructField]:
        """`name [:] type [NOT NULL] [COMMENT 'text']`, by commas, up to `end`."""
        if self._peek() == end:
            return []
        fields = [self._column()]
        while self._accept(","):
            fields.append(self._column())
        return fields

    def data_type(self) -> DataType:
        """One type."""
        name = self._next().lower()
        if name in _PLAIN:
            return _PLAIN[name]()
        if name in _SIZED:
            return self._sized(name)
        nested = {"array": self._array, "map": self._map, "struct": self._struct, "interval": self._interval}
        if name in nested:
            return nested[name]()
        self._at -= 1
        raise self._error()

    def _column(self) -> StructField:
        name = self._name()
        self._accept(":")
        data_type = self.data_type()
        nullable = True
        if self._accept("not"):
            self._expect("null")
            nullable = False
        metadata = {"comment": self._text_literal()} if self._accept("comment") else None
        return StructField(name, data_type, nullable, metadata)

    def _sized(self, name: str) -> DataType:
        numbers: list[int] = []
        if self._accept("("):
            numbers.append(self._number())
            if self._accept(","):
                numbers.append(self._number())
            self._expect(")")
        try:
            return _SIZED[name](*numbers)
        except TypeError:
            raise self._error() from None

    def _array(self) -> DataType:
        self._expect("<")
        element = self.data_type()
        self._expect(">")
        return ArrayType(element)

    def _map(self) -> DataType:
        self._expect("<")
        key = self.data_type()
        self._expect(",")
        value = self.data_type()
        self._expect(">")
        return MapType(key, value)

    def _struct(self) -> DataType:
        self._expect("<")
        fields = self.columns(end=">")
        self._expect(">")
        return StructType(fields)

    def _interval(self) -> DataType:
        if self._peek().lower() not in (*_DAY_TIME, *_YEAR_MONTH):
            return CalendarIntervalType()
        start = self._next().lower()
        end = self._next().lower() if self._accept("to") else start
        for units, type_ in ((_DAY_TIME, DayTimeIntervalType), (_YEAR_MONTH, YearMonthIntervalType)):
            if start in units and end in units:
                return type_(units.index(start), units.index(end))
        raise self._error()

    def _name(self) -> str:
        token = self._next()
        if token.startswith("`"):
            return token[1:-1].replace("``", "`")
        if not (token[0].isalnum() or token[0] == "_"):
            self._at -= 1
            raise self._error()
        return token

    def _text_literal(self) -> str:
        token = self._next()
        if not token.startswith("'"):
            raise self._error()
        return re.sub(r"\\(.)|''", lambda m: m.group(1) or "'", token[1:-1])

    def _number(self) -> int:
        token = self._next()
        if not token.isdigit():
            raise self._error()
        return int(token)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise self._error()
        self._at += 1
        return token

    def _accept(self, token: str) -> bool:
        if self._peek().lower() != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise self._error()

    def _error(self) -> ParseException:
        near = self._peek() or "end of text"
        return ParseException(f"Cannot read the schema {self._text!r} at {near!r}.")
