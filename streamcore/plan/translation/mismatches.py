"""The errors for operands whose types do not go together."""

from __future__ import annotations

from streamcore.errors import AnalysisException
from streamcore.spi.types import DataType


def operands(operator: str, left: DataType, right: DataType) -> AnalysisException:
    """The error for a binary operator."""
    first, second = shown(left), shown(right)
    if left != right:
        return AnalysisException(
            f'[DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES] Cannot resolve "{operator}" due to data type mismatch'
            f": the left and right operands of the binary operator have incompatible types ({first} and "
            f"{second}). SQLSTATE: 42K09"
        )
    return AnalysisException(
        f'[DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE] Cannot resolve "{operator}" due to data type mismatch: '
        f"the binary operator takes no operands of the type {first}. SQLSTATE: 42K09"
    )


def inputs(what: str, first: DataType, second: DataType) -> AnalysisException:
    """The error for inputs that must be of one type."""
    return AnalysisException(
        f"[DATATYPE_MISMATCH.DATA_DIFF_TYPES] Cannot resolve {what} due to data type mismatch: Input to "
        f"`{what}` should all be the same type, but it's [{shown(first)}, {shown(second)}]. SQLSTATE: 42K09"
    )


def shown(data_type: DataType) -> str:
    """A type as messages show it."""
    return f'"{data_type.simpleString().upper()}"'
