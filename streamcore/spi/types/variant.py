"""The type of variants: a value of any shape in each row."""

from __future__ import annotations

from typing import Any

from streamcore.spi.types.atomic import AtomicType, BinaryType, DataType
from streamcore.spi.types.nested import ArrayType, MapType, StructField, StructType
from streamcore.spi.types.udt import UserDefinedType


class VariantType(UserDefinedType, AtomicType):
    """Values of any shape, each stored as two runs of bytes: the value, and the names of its fields.

    >>> VariantType().simpleString()
    'variant'
    """

    @classmethod
    def typeName(cls) -> str:
        """The name in schemas."""
        return "variant"

    @classmethod
    def sqlType(cls) -> DataType:
        """What is stored."""
        return StructType([StructField("value", BinaryType()), StructField("metadata", BinaryType())])

    @classmethod
    def module(cls) -> str:
        """Where PySpark has the class."""
        return "pyspark.sql.types"

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return "variant"

    def jsonValue(self) -> Any:
        """The type in JSON schemas."""
        return "variant"

    def serialize(self, obj: Any) -> dict[str, bytes]:
        """What is stored of a VariantVal."""
        return {"value": bytes(obj.value), "metadata": bytes(obj.metadata)}

    def deserialize(self, datum: Any) -> Any:
        """The VariantVal of what is stored."""
        from streamcore.spi.variant import VariantVal

        return VariantVal(bytearray(datum["value"]), bytearray(datum["metadata"]))

    def text_of(self, stored: dict[str, Any]) -> str:
        """The JSON of what is stored."""
        from streamcore.spi.variant.json_text import shown

        return shown(stored["value"], stored["metadata"])


def holds_variant(data_type: DataType) -> bool:
    """Whether a type is that of variants, or holds it."""
    if isinstance(data_type, ArrayType):
        return holds_variant(data_type.elementType)
    if isinstance(data_type, MapType):
        return holds_variant(data_type.keyType) or holds_variant(data_type.valueType)
    if isinstance(data_type, StructType):
        return any(holds_variant(field.dataType) for field in data_type.fields)
    return isinstance(data_type, VariantType)
