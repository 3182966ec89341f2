"""The data types that hold other types: arrays, maps, structs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from streamcore.errors import IllegalArgumentException
from streamcore.spi.types.atomic import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator


class ArrayType(DataType):
    """A list of elements of one type."""

    def __init__(self, elementType: DataType, containsNull: bool = True) -> None:
        _require_type(elementType, "elementType")
        self.elementType = elementType
        self.containsNull = containsNull

    def __repr__(self) -> str:
        return f"ArrayType({self.elementType}, {self.containsNull})"

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return f"array<{self.elementType.simpleString()}>"

    def jsonValue(self) -> dict[str, Any]:
        """The type as a value that `json.dumps` accepts."""
        return {
            "type": self.typeName(),
            "elementType": self.elementType.jsonValue(),
            "containsNull": self.containsNull,
        }

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> ArrayType:
        """The type that a `jsonValue()` describes."""
        from streamcore.spi.types.schema_json import type_from_json

        return ArrayType(type_from_json(json["elementType"]), json["containsNull"])

    def toNullable(self) -> ArrayType:
        """The same type, whose elements may be null, all the way down."""
        return ArrayType(_nullable(self.elementType), containsNull=True)


class MapType(DataType):
    """Keys of one type (never null) with values of one type."""

    def __init__(self, keyType: DataType, valueType: DataType, valueContainsNull: bool = True) -> None:
        _require_type(keyType, "keyType")
        _require_type(valueType, "valueType")
        self.keyType = keyType
        self.valueType = valueType
        self.valueContainsNull = valueContainsNull

    def __repr__(self) -> str:
        return f"MapType({self.keyType}, {self.valueType}, {self.valueContainsNull})"

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return f"map<{self.keyType.simpleString()},{self.valueType.simpleString()}>"

    def jsonValue(self) -> dict[str, Any]:
        """The type as a value that `json.dumps` accepts."""
        return {
            "type": self.typeName(),
            "keyType": self.keyType.jsonValue(),
            "valueType": self.valueType.jsonValue(),
            "valueContainsNull": self.valueContainsNull,
        }

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> MapType:
        """The type that a `jsonValue()` describes."""
        from streamcore.spi.types.schema_json import type_from_json

        key, value = type_from_json(json["keyType"]), type_from_json(json["valueType"])
        return MapType(key, value, json["valueContainsNull"])

    def toNullable(self) -> MapType:
        """The same type, whose values may be null, all the way down."""
        return MapType(_nullable(self.keyType), _nullable(self.valueType), valueContainsNull=True)


class StructField(DataType):
    """One named field of a struct; `metadata` is any JSON object."""

    def __init__(
        self, name: str, dataType: DataType, nullable: bool = True, metadata: dict[str, Any] | None = None
    ) -> None:
        _require_type(dataType, f"dataType of field {name!r}")
        if not isinstance(name, str):
            raise IllegalArgumentException(f"A field name must be a string: {name!r}.")
        self.name = name
        self.dataType = dataType
        self.nullable = nullable
        self.metadata = metadata or {}

    def __repr__(self) -> str:
        return f"StructField('{self.name}', {self.dataType}, {self.nullable})"

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return f"{self.name}:{self.dataType.simpleString()}"

    def jsonValue(self) -> dict[str, Any]:
        """The type as a value that `json.dumps` accepts."""
        return {
            "name": self.name,
            "type": self.dataType.jsonValue(),
            "nullable": self.nullable,
            "metadata": self.metadata,
        }

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> StructField:
        """The field that a `jsonValue()` describes."""
        from streamcore.spi.types.schema_json import type_from_json

        return StructField(
            json["name"], type_from_json(json["type"]), json.get("nullable", True), json.get("metadata")
        )


class StructType(DataType):
    """Named fields in order; also the schema of a table.

    >>> schema = StructType().add("id", "long", False).add("name", "string")
    >>> schema.fieldNames()
    ['id', 'name']
    >>> schema["id"]
    StructField('id', LongType(), False)
    >>> schema.simpleString()
    'struct<id:bigint,name:string>'
    """

    def __init__(self, fields: list[StructField] | tuple[StructField, ...] | None = None) -> None:
        self.fields = list(fields or ())
        for field in self.fields:
            if not isinstance(field, StructField):
                raise IllegalArgumentException(f"A StructType holds StructFields, not {field!r}.")
        self.names = [field.name for field in self.fields]

    def add(
        self,
        field: str | StructField,
        data_type: str | DataType | None = None,
        nullable: bool = True,
        metadata: dict[str, Any] | None = None,
    ) -> StructType:
        """Append a field, given whole or as name and type; changes this struct and returns it."""
        if isinstance(field, str):
            if data_type is None:
                raise IllegalArgumentException(f"Field {field!r} needs a data type.")
            typed = DataType.fromDDL(data_type) if isinstance(data_type, str) else data_type
            field = StructField(field, typed, nullable, metadata)
        self.fields.append(field)
        self.names.append(field.name)
        return self

    def __iter__(self) -> Iterator[StructField]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return name in self.names or name in self.fields

    @overload
    def __getitem__(self, key: str | int) -> StructField: ...

    @overload
    def __getitem__(self, key: slice) -> StructType: ...

    def __getitem__(self, key: str | int | slice) -> StructField | StructType:
        if isinstance(key, slice):
            return StructType(self.fields[key])
        if isinstance(key, int):
            return self.fields[key]
        for field in self.fields:
            if field.name == key:
                return field
        raise KeyError(f"No field named {key!r}; the fields are {', '.join(self.names) or 'none'}.")

    def __repr__(self) -> str:
        return f"StructType([{', '.join(map(repr, self.fields))}])"

    def fieldNames(self) -> list[str]:
        """The names of the fields, in order."""
        return list(self.names)

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return f"struct<{','.join(field.simpleString() for field in self.fields)}>"

    def jsonValue(self) -> dict[str, Any]:
        """The type as a value that `json.dumps` accepts."""
        return {"type": self.typeName(), "fields": [field.jsonValue() for field in self.fields]}

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> StructType:
        """The struct that a `jsonValue()` describes."""
        return StructType([StructField.fromJson(field) for field in json["fields"]])

    def toDDL(self) -> str:
        """The struct as a column list that `fromDDL` reads back."""
        from streamcore.spi.types.ddl import to_ddl

        return to_ddl(self)

    def toNullable(self) -> StructType:
        """The same struct, whose fields may be null, all the way down.

        >>> StructType().add("id", "long", False).toNullable()
        StructType([StructField('id', LongType(), True)])
        """
        return StructType(
            [
                StructField(f.name, _nullable(f.dataType), nullable=True, metadata=f.metadata)
                for f in self.fields
            ]
        )

    def treeString(self, maxDepth: int | None = 2_147_483_647) -> str:
        """The schema as the tree that `printSchema` shows; ends with a newline."""
        from streamcore.spi.types.tree import tree_string

        return tree_string(self, maxDepth)


def _nullable(data_type: DataType) -> DataType:
    return data_type.toNullable() if isinstance(data_type, ArrayType | MapType | StructType) else data_type


def _require_type(value: object, what: str) -> None:
    if not isinstance(value, DataType):
        raise IllegalArgumentException(f"{what} must be a DataType instance: {value!r}.")
