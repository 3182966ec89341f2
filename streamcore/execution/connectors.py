"""Sources and sinks by name: built in, registered by the user, installed, or `module.Class`."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from streamcore.errors import AnalysisException
from streamcore.spi.capabilities import ReadsSettings
from streamcore.spi.options import Options

ENTRY_POINTS = "streamcore.datasources"

# Named as text: the engine knows connectors by name only, and imports none of them before it is asked for.
_SOURCE_REGISTRY = "streamcore.sources.registry"
_SINK_REGISTRY = "streamcore.sinks.registry"

_TIMES_AS_TEXT = ("csv", "delta", "json", "orc", "parquet", "text")
_registered: dict[str, type] = {}


def register(data_source: type) -> None:
    """Makes a DataSource class known under its `name()`, in the place of another of that name.

    Raises AnalysisException for what is no such class.
    """
    name: Any = getattr(data_source, "name", None)
    if not inspect.isclass(data_source) or not callable(name):
        raise AnalysisException(
            f"[DATA_SOURCE_INVALID] register() takes a DataSource class with a name(), not {data_source!r}"
        )
    _registered[str(name()).lower()] = data_source


def source_class(name: str) -> type:
    """The DataSource class that reads the format `name`; raises AnalysisException when there is none."""
    return _found(name, _SOURCE_REGISTRY, "BUILT_IN")


def sink_class(name: str) -> type:
    """The DataSource class that writes the format `name`; raises AnalysisException when there is none."""
    return _found(name, _SINK_REGISTRY, "SINKS")


def make_data_source(class_: type, options: Mapping[str, object]) -> Any:
    """A new data source object with its options as case-insensitive text."""
    return class_(Options(options))


def with_session_zone(name: str, options: Mapping[str, object], session_zone: str) -> Options:
    """The options of a source or a sink; texts of times are in the session's zone unless they say another."""
    found = Options(options)
    if name.lower() in _TIMES_AS_TEXT:
        found.setdefault("timeZone", session_zone)
    return found


def with_settings(
    class_: type, options: Mapping[str, object], settings: Mapping[str, str]
) -> dict[str, object]:
    """The options, and of the session's settings those that a data source reads; an option goes first."""
    if not isinstance(class_, ReadsSettings):
        return dict(options)
    names = tuple(name.lower() for name in class_.setting_names())
    return {**{key: value for key, value in settings.items() if key.lower().startswith(names)}, **options}


def _found(name: str, registry: str, table: str) -> type:
    own = _registered.get(name.lower())
    if own is not None:
        return own
    built_in: dict[str, str] = getattr(import_module(registry), table)
    target = built_in.get(name.lower()) or _installed().get(name.lower())
    if target is None and "." in name:
        module, _, class_name = name.rpartition(".")
        target = f"{module}:{class_name}"
    if target is None:
        raise _unknown(name, [*built_in, *_registered, *_installed()])
    return _imported(name, target)


def _installed() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name.lower(): point.value for point in entry_points(group=ENTRY_POINTS)}


def _imported(name: str, target: str) -> type:
    module, _, class_name = target.partition(":")
    try:
        class_: type = getattr(import_module(module), class_name)
    except (ImportError, AttributeError) as error:
        raise AnalysisException(
            f"[DATA_SOURCE_NOT_FOUND] The data source {name!r} could not be imported from {target}: {error}"
        ) from error
    return class_


def class_at(target: str) -> Any:
    """The class at "module:Class", for parts of the engine that know it by name only."""
    return _imported(target, target)


def _unknown(name: str, known: list[str]) -> AnalysisException:
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(set(known)))}."
    return AnalysisException(
        f"[DATA_SOURCE_NOT_FOUND] Failed to find the data source: {name}. {hint} Register your own with "
        "session.dataSource.register(...). SQLSTATE: 42K02"
    )
