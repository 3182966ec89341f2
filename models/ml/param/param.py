"""One parameter."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from streamcore.models.ml.identity import Identifiable
from streamcore.models.ml.param.converters import TypeConverters

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")

UNDEFINED = "undefined"
"""The parent of a parameter that a class declares, before an object has it."""


class Param(Generic[T]):
    """A parameter of something: its name, what it means, how values are converted and which are valid.

    `isValid` is asked when something is fitted or transformed, as Spark does.
    """

    def __init__(
        self,
        parent: Identifiable,
        name: str,
        doc: str,
        typeConverter: Callable[[Any], T] | None = None,
        isValid: Callable[[T], bool] | None = None,
    ) -> None:
        if not isinstance(parent, Identifiable):
            raise TypeError(f"Parent must be an Identifiable but got type {type(parent)}.")
        self.parent = parent.uid
        self.name = str(name)
        self.doc = str(doc)
        self.typeConverter: Callable[[Any], Any] = typeConverter or TypeConverters.identity
        self.isValid = isValid

    def _copy_new_parent(self, parent: Identifiable) -> Self:
        if self.parent != UNDEFINED:
            raise ValueError(f"Cannot copy from non-dummy parent {parent}.")
        return self._of(parent.uid)

    def _of(self, uid: str) -> Self:
        other = copy.copy(self)
        other.parent = uid
        return other

    def __str__(self) -> str:
        return f"{self.parent}__{self.name}"

    def __repr__(self) -> str:
        return f"Param(parent={self.parent!r}, name={self.name!r}, doc={self.doc!r})"

    def __hash__(self) -> int:
        return hash(str(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Param) and self.parent == other.parent and self.name == other.name
