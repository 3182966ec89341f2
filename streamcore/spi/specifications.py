"""Settings under a registered name: how models, metrics and detectors become JSON and come back.

A specification is a frozen dataclass. What it says as JSON is enough to make it again in another process,
which imports only the class that is registered under the name: never a path that the JSON chose.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Self, TypeVar

from streamcore.errors import AnalysisException, IllegalArgumentException

ENTRY_POINTS = "streamcore.models"
"""The entry-point group under which an installed package registers `name = "module:Class"`."""

# Named as text: the engine knows models by name only, and imports none of them before it is asked for.
_REGISTRY = "streamcore.models.registry"

Description = Mapping[str, Any]
"""What `Specification.describe` gives: {"name", "format", "settings"}, of JSON values only."""

_Class = TypeVar("_Class", bound="type[Specification]")
_registered: dict[str, type[Specification]] = {}


@dataclasses.dataclass(frozen=True)
class Specification:
    """Base of what can be written down: inherit it with a frozen dataclass whose fields are the settings.

    A setting is a JSON scalar, a tuple of settings (a list becomes one), or another specification.
    `__post_init__` refuses a scalar of another kind than the field's; extend it for what else is outside
    a setting's domain, so that what was read from JSON is checked as what was typed is.
    """

    name: ClassVar[str]
    """The registered name."""

    format: ClassVar[int] = 1
    """Counts changes of what settings and state mean; a description of another format is refused."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, _as_tuple(value))
            elif not _fits(str(field.type), value):
                raise IllegalArgumentException(f"{self.name}: {field.name}={value!r} must be {field.type}")

    @property
    def holds_pickle(self) -> bool:
        """Whether its state holds pickled objects: opening it runs code that its writer chose."""
        return any(setting.holds_pickle for setting in _specifications(self.settings()))

    def settings(self) -> dict[str, Any]:
        """The settings by name, those at their defaults as well."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def describe(self) -> dict[str, Any]:
        """Name, format and settings as JSON values; `specified` makes an equal object of it."""
        settings = {key: _as_json(value, key) for key, value in self.settings().items()}
        return {"name": self.name, "format": self.format, "settings": settings}

    def replace(self, **settings: Any) -> Self:
        """The same with other values for some settings."""
        return dataclasses.replace(self, **settings)


def register(class_: _Class) -> _Class:
    """Makes a class of specifications known in this process; usable as a decorator.

    Other processes find it through an entry point of the group `streamcore.models`.
    """
    _registered[class_.name] = class_
    return class_


def specification_class(name: str) -> type[Specification]:
    """The class registered under `name`; raises AnalysisException when there is none."""
    if name in _registered:
        return _registered[name]
    built_in: dict[str, str] = import_module(_REGISTRY).BUILT_IN
    target = built_in.get(name) or _installed().get(name)
    if target is None:
        raise _unknown(name, [*built_in, *_registered, *_installed()])
    return _imported(name, target)


def specified(description: Description, allow_pickle: bool = False) -> Specification:
    """The specification that was described.

    Raises IllegalArgumentException for settings that the class does not know, for another format, and,
    unless `allow_pickle` is given, for one whose state holds pickled objects.
    """
    found = _of_json(description)
    if not isinstance(found, Specification):
        raise IllegalArgumentException(f"{description!r} does not describe a model")
    if found.holds_pickle and not allow_pickle:
        raise IllegalArgumentException(
            f"the state of {found.name} holds pickled objects, and opening them runs code that its writer "
            "chose: pass allow_pickle=True if you trust whoever wrote it"
        )
    return found


def _installed() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def _imported(name: str, target: str) -> type[Specification]:
    module, _, class_name = target.partition(":")
    try:
        class_: type[Specification] = getattr(import_module(module), class_name)
    except (ImportError, AttributeError) as error:
        raise AnalysisException(f"the model {name!r} could not be imported from {target}: {error}") from error
    return class_


def _unknown(name: str, known: list[str]) -> AnalysisException:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(set(known)))}."
    return AnalysisException(
        f"no model is registered as {name!r}; {hint} An installed package registers its own with an entry "
        f"point of the group {ENTRY_POINTS!r}."
    )


_SCALARS: Mapping[str, type] = {"None": type(None), "bool": bool, "float": float, "int": int, "str": str}


def _fits(kind: str, value: object) -> bool:
    """Whether a field that is annotated with scalars only may have the value."""
    kinds = {part.strip() for part in kind.split("|")}
    if not kinds <= _SCALARS.keys():
        return True
    if isinstance(value, bool):
        return "bool" in kinds
    allowed = tuple(_SCALARS[part] for part in kinds)
    return isinstance(value, allowed) or ("float" in kinds and isinstance(value, int))


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def _specifications(value: object) -> list[Specification]:
    if isinstance(value, Specification):
        return [value]
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in _specifications(item)]
    if isinstance(value, tuple):
        return [found for item in value for found in _specifications(item)]
    return []


def _as_json(value: object, setting: str) -> Any:
    if isinstance(value, Specification):
        return value.describe()
    if isinstance(value, tuple):
        return [_as_json(item, setting) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise IllegalArgumentException(
        f"the setting {setting} cannot be written down as JSON: {value!r} is a {type(value).__name__}"
    )


def _of_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _made(value)
    return tuple(_of_json(item) for item in value) if isinstance(value, list) else value


def _made(description: Description) -> Specification:
    missing = [key for key in ("name", "format", "settings") if key not in description]
    if missing:
        raise IllegalArgumentException(f"the description of a model lacks {', '.join(missing)}")
    class_ = specification_class(description["name"])
    if description["format"] != class_.format:
        raise IllegalArgumentException(
            f"{class_.name} was written in format {description['format']}, and this version of streamcore "
            f"reads format {class_.format}"
        )
    known = {field.name for field in dataclasses.fields(class_)}
    unknown = sorted(set(description["settings"]) - known)
    if unknown:
        raise IllegalArgumentException(
            f"{class_.name} does not know the setting {unknown[0]!r}; known: {', '.join(sorted(known))}"
        )
    settings = {key: _of_json(value) for key, value in description["settings"].items()}
    try:
        return class_(**settings)
    except TypeError as error:  # a setting without a default is missing
        raise IllegalArgumentException(f"the description of {class_.name} does not fit: {error}") from error
