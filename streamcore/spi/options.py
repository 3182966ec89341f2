"""Options of sources and sinks: case-insensitive, typed on reading, refused with a clear error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping

from streamcore.errors import IllegalArgumentException
from streamcore.spi.secrets import shown


class Options(MutableMapping[str, str]):
    """A case-insensitive mapping that remembers the spelling of its keys.

    >>> Options({"maxFilesPerTrigger": "3"}).integer("MAXFILESPERTRIGGER")
    3
    """

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        self._values: dict[str, tuple[str, str]] = {}
        for key, value in (values or {}).items():
            self[key] = value  # type: ignore[assignment]

    def __getitem__(self, key: str) -> str:
        return self._values[key.lower()][1]

    def __setitem__(self, key: str, value: str) -> None:
        self._values[key.lower()] = (key, option_text(value))

    def __delitem__(self, key: str) -> None:
        del self._values[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return (spelled for spelled, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._values

    def __repr__(self) -> str:
        return f"Options({ {key: shown(key, value) for key, value in self.items()} })"

    def integer(self, key: str, default: int | None = None, minimum: int | None = None) -> int | None:
        """The option as an int; IllegalArgumentException when it is no integer or below `minimum`."""
        if key not in self:
            return default
        try:
            value = int(self[key])
        except ValueError:
            raise IllegalArgumentException(f"option {key}={self[key]!r} is not an integer") from None
        if minimum is not None and value < minimum:
            raise IllegalArgumentException(f"option {key}={value} must be at least {minimum}")
        return value

    def boolean(self, key: str, default: bool) -> bool:
        """The option as a bool: "true" or "false" in any case."""
        text = self.get(key)
        if text is None:
            return default
        if text.lower() not in ("true", "false"):
            raise IllegalArgumentException(f"option {key}={text!r} must be true or false")
        return text.lower() == "true"

    def choice(self, key: str, allowed: Iterable[str], default: str) -> str:
        """The option as one of `allowed` (compared without case), spelled as in `allowed`."""
        text = self.get(key, default)
        for value in allowed:
            if value.lower() == text.lower():
                return value
        raise IllegalArgumentException(f"option {key}={text!r} must be one of {', '.join(allowed)}")

    def reject_unknown(self, known: Iterable[str], owner: str, prefixes: tuple[str, ...] = ()) -> None:
        """Raises for an option that `owner` does not know, with the nearest known name."""
        import difflib

        names = list(known)
        lowered = {name.lower(): name for name in names}
        for key in self:
            if key.lower() in lowered or key.lower().startswith(prefixes or ("\0",)):
                continue
            near = difflib.get_close_matches(key.lower(), lowered, n=1)
            hint = f"; did you mean {lowered[near[0]]!r}?" if near else f"; known: {', '.join(sorted(names))}"
            raise IllegalArgumentException(f"{owner} does not know the option {key!r}{hint}")


def option_text(value: object) -> str:
    """An option value as PySpark spells it: true/false for bools."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
