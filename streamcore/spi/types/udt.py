"""Types of users: Python objects in a column, stored as values of another type."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.spi.types.atomic import DataType
from streamcore.spi.types.nested import ArrayType, MapType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

_OURS = {
    f"pyspark.{package}.linalg.{name}": f"streamcore.models.{package}.linalg"
    for package in ("ml", "mllib")
    for name in ("VectorUDT", "MatrixUDT")
}
_OURS["pyspark.sql.types.VariantType"] = "streamcore.spi.types.variant"
"""Where the types live here that PySpark knows under these names."""


class UserDefinedType(DataType):
    """A type whose values are objects of a class of yours, stored as `sqlType()`.

    A subclass says how an object becomes a stored value (`serialize`: a tuple for a struct) and back
    (`deserialize`), and the module where it is found (`module`). The objects' class names the type in
    `__UDT__`, so that `createDataFrame` recognises them.
    """

    @classmethod
    def typeName(cls) -> str:
        """The name of the class, in lower case."""
        return cls.__name__.lower()

    @classmethod
    def sqlType(cls) -> DataType:
        """The type of what is stored."""
        raise NotImplementedError("UDT must implement sqlType().")

    @classmethod
    def module(cls) -> str:
        """The module where a reader finds the class."""
        raise NotImplementedError("UDT must implement module().")

    @classmethod
    def scalaUDT(cls) -> str:
        """The full name of the class in Scala for the same type; empty when there is none."""
        return ""

    @classmethod
    def fullName(cls) -> str:
        """The module and name of the class, as schemas name it."""
        return f"{cls.module()}.{cls.__name__}"

    def needConversion(self) -> bool:
        """Always: the objects are not what is stored."""
        return True

    def serialize(self, obj: Any) -> Any:
        """The stored value of an object."""
        raise NotImplementedError("UDT must implement toInternal().")

    def deserialize(self, datum: Any) -> Any:
        """The object of a stored value."""
        raise NotImplementedError("UDT must implement fromInternal().")

    def objects_of(self, column: pa.ChunkedArray) -> list[Any] | None:
        """The objects of a whole column of stored values, where there is a faster way than one by one."""
        return None

    def column_of(self, objects: list[Any]) -> pa.Array | None:
        """The stored values of many objects, where there is a faster way than one by one."""
        return None

    def text_of(self, stored: dict[str, Any]) -> str | None:
        """How `show` writes a stored struct, where it does not write the struct itself."""
        return None

    def text_sql(self, stored: str) -> str | None:
        """The SQL of DuckDB for the text of a stored value, where a cast does not write the value itself."""
        return None

    def toInternal(self, obj: Any) -> Any:
        """`serialize`, of None as None."""
        return None if obj is None else self.serialize(obj)

    def fromInternal(self, obj: Any) -> Any:
        """`deserialize`, of None as None."""
        return None if obj is None else self.deserialize(obj)

    def simpleString(self) -> str:
        """The type as schemas show it."""
        return "udt"

    def jsonValue(self) -> dict[str, Any]:
        """The type as a value that `json.dumps` accepts; it names the class, and never holds its code."""
        scala = self.scalaUDT()
        named = {"class": scala} if scala else {}
        return {
            "type": "udt",
            **named,
            "pyClass": self.fullName(),
            "sqlType": self.sqlType().jsonValue(),
        }

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


def udt_named(name: str) -> UserDefinedType | None:
    """The type of a class's full name: one of ours, or of a module that is imported; None when it is not.

    Names come from files, which anybody can write, so that they never have another module imported.
    """
    module, _, attribute = name.rpartition(".")
    home = import_module(_OURS[name]) if name in _OURS else sys.modules.get(module)
    found = getattr(home, attribute, None)
    return found() if isinstance(found, type) and issubclass(found, UserDefinedType) else None


def udt_from_json(value: dict[str, Any]) -> UserDefinedType:
    """The type that a `jsonValue()` describes; IllegalArgumentException when its class is not here."""
    name = str(value.get("pyClass") or value.get("class", "")).replace("org.apache.spark.", "pyspark.")
    found = udt_named(name)
    if found is None:
        raise IllegalArgumentException(
            f"The schema has a column of the user-defined type {name}: import the module of its class first."
        )
    return found


def stored_type(data_type: DataType, *, keeps: type[UserDefinedType] | None = None) -> DataType:
    """The type of what is stored, all the way down: the type itself where there is no user-defined one.

    A type of the class that it `keeps` stays what it is.
    """
    if keeps is not None and isinstance(data_type, keeps):
        return data_type
    if isinstance(data_type, UserDefinedType):
        return stored_type(data_type.sqlType(), keeps=keeps)
    if isinstance(data_type, ArrayType):
        return ArrayType(stored_type(data_type.elementType, keeps=keeps), data_type.containsNull)
    if isinstance(data_type, MapType):
        key, value = (
            stored_type(data_type.keyType, keeps=keeps),
            stored_type(data_type.valueType, keeps=keeps),
        )
        return MapType(key, value, data_type.valueContainsNull)
    if isinstance(data_type, StructType):
        return StructType(
            [
                StructField(f.name, stored_type(f.dataType, keeps=keeps), f.nullable, f.metadata)
                for f in data_type.fields
            ]
        )
    return data_type


def holds_udt(data_type: DataType) -> bool:
    """Whether a type is user-defined, or holds one that is."""
    if isinstance(data_type, ArrayType):
        return holds_udt(data_type.elementType)
    if isinstance(data_type, MapType):
        return holds_udt(data_type.keyType) or holds_udt(data_type.valueType)
    if isinstance(data_type, StructType):
        return any(holds_udt(field.dataType) for field in data_type.fields)
    return isinstance(data_type, UserDefinedType)


def has_own_text(udt: UserDefinedType) -> bool:
    """Whether `show` writes the values of a type in a way of their own."""
    return type(udt).text_of is not UserDefinedType.text_of
