"""Names of PySpark's API that are known and missing: declared, with what to use instead."""

from __future__ import annotations

import inspect
from typing import Any

from streamcore.errors import UnsupportedOperationException


class NotOffered:
    """A member that is declared as missing: to read it is an error that says what to use instead.

    The page on compatibility is made from these declarations.

    >>> class Table:
    ...     vacuum = NotOffered("delete the files")
    >>> Table().vacuum()
    Traceback (most recent call last):
    streamcore.errors.UnsupportedOperationException: Table.vacuum is not offered; delete the files.
    """

    def __init__(self, instead: str) -> None:
        self.instead = instead

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        raise UnsupportedOperationException(f"{owner.__name__}.{self._name} is not offered; {self.instead}.")


def gaps_of(owner: type) -> dict[str, str]:
    """The members that a class declares as missing: name -> what to use instead."""
    members = ((name, inspect.getattr_static(owner, name)) for name in dir(owner))
    return {name: member.instead for name, member in members if isinstance(member, NotOffered)}
