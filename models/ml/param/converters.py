"""From what a caller gives to a parameter's type, or TypeError."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from streamcore.models.ml.linalg import DenseVector, Matrix, Vector

T = TypeVar("T")


class TypeConverters:
    """The converters that a Param can be given; each raises TypeError for what it cannot convert.

    >>> TypeConverters.toInt(3.0), TypeConverters.toListFloat((1, 2))
    (3, [1.0, 2.0])
    """

    @staticmethod
    def _is_numeric(value: Any) -> bool:
        return type(value) in (int, float, np.float64, np.int64)

    @staticmethod
    def _is_integer(value: Any) -> bool:
        return TypeConverters._is_numeric(value) and float(value).is_integer()

    @staticmethod
    def _can_convert_to_list(value: Any) -> bool:
        return isinstance(value, list | np.ndarray | tuple | range | array.array | Vector)

    @staticmethod
    def _can_convert_to_string(value: Any) -> bool:
        return isinstance(value, str | np.bytes_)

    @staticmethod
    def _list_of(value: Any, fits: Callable[[Any], bool], convert: Callable[[Any], T], what: str) -> list[T]:
        if TypeConverters._can_convert_to_list(value):
            found = TypeConverters.toList(value)
            if all(map(fits, found)):
                return [convert(item) for item in found]
        raise TypeError(f"Could not convert {value} to list of {what}")

    @staticmethod
    def identity(value: T) -> T:
        """The value as it is."""
        return value

    @staticmethod
    def toList(value: Any) -> list[Any]:
        """A list of any sequence."""
        if isinstance(value, list):
            return value
        if isinstance(value, np.ndarray | tuple | range | array.array):
            return list(value)
        if isinstance(value, Vector):
            return list(value.toArray())
        raise TypeError(f"Could not convert {value} to list")

    @staticmethod
    def toListFloat(value: Any) -> list[float]:
        """A list of floats."""
        return TypeConverters._list_of(value, TypeConverters._is_numeric, float, "floats")

    @staticmethod
    def toListListFloat(value: Any) -> list[list[float]]:
        """A list of lists of floats."""
        if TypeConverters._can_convert_to_list(value):
            return [TypeConverters.toListFloat(item) for item in TypeConverters.toList(value)]
        raise TypeError(f"Could not convert {value} to list of list of floats")

    @staticmethod
    def toListInt(value: Any) -> list[int]:
        """A list of whole numbers."""
        return TypeConverters._list_of(value, TypeConverters._is_integer, int, "ints")

    @staticmethod
    def toListString(value: Any) -> list[str]:
        """A list of strings."""
        return TypeConverters._list_of(
            value, TypeConverters._can_convert_to_string, TypeConverters.toString, "strings"
        )

    @staticmethod
    def toVector(value: Any) -> Vector:
        """A vector; a dense one of any sequence of numbers."""
        if isinstance(value, Vector):
            return value
        if TypeConverters._can_convert_to_list(value):
            found = TypeConverters.toList(value)
            if all(map(TypeConverters._is_numeric, found)):
                return DenseVector(found)
        raise TypeError(f"Could not convert {value} to vector")

    @staticmethod
    def toMatrix(value: Any) -> Matrix:
        """A matrix."""
        if isinstance(value, Matrix):
            return value
        raise TypeError(f"Could not convert {value} to matrix")

    @staticmethod
    def toFloat(value: Any) -> float:
        """A float."""
        if TypeConverters._is_numeric(value):
            return float(value)
        raise TypeError(f"Could not convert {value} to float")

    @staticmethod
    def toInt(value: Any) -> int:
        """A whole number."""
        if TypeConverters._is_integer(value):
            return int(value)
        raise TypeError(f"Could not convert {value} to int")

    @staticmethod
    def toString(value: Any) -> str:
        """A string."""
        if isinstance(value, np.str_ | np.bytes_):
            return str(value)
        if isinstance(value, str):
            return value
        raise TypeError(f"Could not convert {type(value)} to string type")

    @staticmethod
    def toBoolean(value: Any) -> bool:
        """A boolean, which nothing but a bool is."""
        if isinstance(value, bool):
            return value
        raise TypeError(f"Boolean Param requires value of type bool. Found {type(value)}.")
