"""Types of users: Python objects in a column, stored as values of another type."""

from __future__ import annotations

from typing import Any

from streamcore.spi.types.atomic import DataType


class UserDefinedType(DataType):
    """A type whose values are objects of a class of yours, stored as `sqlType()`.

    A subclass says how an object becomes a stored value (`serialize`: a tuple for a struct) and back
    (`deserialize`), and the module where it is found (`module`). The objects' class names the type in
    `__UDT__`, so that `createDataFrame` recognises them.
    """

    @classmethod
    def typeName(cls) -> str:
        """The name in schema trees: that of the class, in lower case, without `UDT`."""
        return cls.__name__.removesuffix("UDT").lower() if cls is not UserDefinedType else "udt"

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

    def needConversion(self) -> bool:
        """Always: the objects are not what is stored."""
        return True

    def serialize(self, obj: Any) -> Any:
        """The stored value of an object."""
        raise NotImplementedError("UDT must implement toInternal().")

    def deserialize(self, datum: Any) -> Any:
        """The object of a stored value."""
        raise NotImplementedError("UDT must implement fromInternal().")

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
            "pyClass": f"{self.module()}.{type(self).__name__}",
            "sqlType": self.sqlType().jsonValue(),
        }

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))
