"""What transformers of text demand of the columns that they read, in the words of Spark."""

from __future__ import annotations

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.linalg import VectorUDT
from streamcore.spi.types import ArrayType, DataType, StringType

STRINGS = ArrayType(StringType())
VECTOR = VectorUDT()


def require(condition: bool, message: str) -> None:
    """IllegalArgumentException, begun as those of the JVM, unless the condition holds."""
    if not condition:
        raise IllegalArgumentException(f"requirement failed: {message}")


def holds_strings(kind: DataType) -> bool:
    """Whether a type is that of arrays of text."""
    return isinstance(kind, ArrayType) and isinstance(kind.elementType, StringType)
