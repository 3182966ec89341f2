"""Row: a tuple whose fields have names."""

from __future__ import annotations

from typing import Any, NoReturn, Self


def _create_row(fields: tuple[str, ...] | list[str], values: tuple[Any, ...] | list[Any]) -> Row:
    row = Row(*values)
    row.__fields__ = list(fields)
    return row


class Row(tuple[Any, ...]):  # noqa: SLOT001 - a row's names live in its instance dictionary
    """A record with named fields, in order.

    Keyword arguments make a row; positional arguments make a row of values, or (strings) a template
    that makes rows when called.

    >>> row = Row(name="Alice", age=11)
    >>> row
    Row(name='Alice', age=11)
    >>> row.age, row["name"], row[1], "name" in row
    (11, 'Alice', 11, True)
    >>> Person = Row("name", "age")
    >>> Person("Bob", 5).asDict()
    {'name': 'Bob', 'age': 5}
    """

    __fields__: list[str]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """A row of values, or of named values."""
        if args and kwargs:
            raise ValueError("Row takes either positional or keyword arguments, not both.")
        if kwargs:
            row = tuple.__new__(cls, list(kwargs.values()))
            row.__fields__ = list(kwargs)
            return row
        return tuple.__new__(cls, args)

    def asDict(self, recursive: bool = False) -> dict[str, Any]:
        """The fields as a dictionary; `recursive` also turns rows inside lists, maps and rows."""
        if not hasattr(self, "__fields__"):
            raise TypeError("A row of bare values has no field names to make a dictionary of.")
        values = (_as_plain(value) for value in self) if recursive else iter(self)
        return dict(zip(self.__fields__, values, strict=False))

    def __contains__(self, item: object) -> bool:
        if hasattr(self, "__fields__"):
            return item in self.__fields__
        return super().__contains__(item)

    def __call__(self, *args: Any) -> Row:
        """A row with this row's values as its field names."""
        if len(args) > len(self):
            raise ValueError(
                f"This row has {len(self)} fields ({', '.join(map(str, self))}), not {len(args)}."
            )
        return _create_row(list(self), args)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, (int, slice)):
            return super().__getitem__(item)
        return super().__getitem__(self._index(item, KeyError))

    def __getattr__(self, item: str) -> Any:
        if item.startswith("__"):
            raise AttributeError(item)
        return super().__getitem__(self._index(item, AttributeError))

    def _index(self, name: str, error: type[Exception]) -> int:
        fields = self.__dict__.get("__fields__", [])
        if name not in fields:
            raise error(name)
        index: int = fields.index(name)
        if index >= len(self):
            raise error(name)
        return index

    def __setattr__(self, key: str, value: Any) -> None:
        if key != "__fields__":
            _refuse_change()
        self.__dict__[key] = value

    def __reduce__(self) -> Any:
        if hasattr(self, "__fields__"):
            return (_create_row, (self.__fields__, tuple(self)))
        return tuple.__reduce__(self)

    def __repr__(self) -> str:
        if not hasattr(self, "__fields__"):
            return f"<Row({', '.join(repr(value) for value in self)})>"
        pairs = zip(self.__fields__, tuple(self), strict=False)
        return f"Row({', '.join(f'{name}={value!r}' for name, value in pairs)})"


def row_of(names: list[str], values: tuple[Any, ...] | list[Any]) -> Row:
    """A row whose fields are `names`, which it shares and nobody may change."""
    row = tuple.__new__(Row, values)
    row.__dict__["__fields__"] = names
    return row


def _as_plain(value: Any) -> Any:
    if isinstance(value, Row):
        return value.asDict(recursive=True)
    if isinstance(value, list):
        return [_as_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_plain(item) for key, item in value.items()}
    return value


def _refuse_change() -> NoReturn:
    raise RuntimeError("A Row is read-only: make a new one.")
