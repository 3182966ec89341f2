"""Import machinery: modules under PySpark's names that hold nothing but names for streamcore's classes."""

from __future__ import annotations

from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from streamcore.pyspark.gaps import NOT_OFFERED
from streamcore.pyspark.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence


UNKNOWN = "see docs/pyspark-alias.md for what there is"


class AliasModule(ModuleType):
    """A module whose names are looked up in the table, each when it is first used."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            value: Any = sorted(exported(self.__name__))
        elif f"{self.__name__}.{name}" in TABLE:
            return import_module(f"{self.__name__}.{name}")
        else:
            value = _target(self.__name__, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *exported(self.__name__), *children(self.__name__)})


class AliasFinder(MetaPathFinder, Loader):
    """Finds every module of the table, and says what is missing from the packages in it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of an alias module; ImportError below a package of the table that lacks it."""
        if fullname in TABLE:
            # All are packages, so that `from ... import missing` comes here and can be answered.
            return ModuleSpec(fullname, self, origin="streamcore.pyspark", is_package=True)
        if fullname.rpartition(".")[0] in TABLE:
            raise ImportError(_refusal(fullname), name=fullname)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return an empty alias module."""
        return AliasModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill a leaf at once: who imports it wants what it holds. Packages wait to be asked."""
        if not children(module.__name__):
            for name in exported(module.__name__):
                getattr(module, name)


def exported(module: str) -> set[str]:
    """Return the names that an alias module has beside its submodules."""
    alias = TABLE[module]
    names = set(alias.names)
    for mirrored in alias.mirrors:
        names.update(import_module(mirrored).__all__)
    return names


def children(module: str) -> set[str]:
    """Return the names of the modules directly below an alias module."""
    prefix = f"{module}."
    return {
        name.removeprefix(prefix)
        for name in TABLE
        if name.startswith(prefix) and "." not in name.removeprefix(prefix)
    }


def _target(module: str, name: str) -> Any:
    alias = TABLE[module]
    if name in alias.names:
        home, _, attribute = alias.names[name].partition(":")
        return getattr(import_module(home), attribute or name)
    if not name.startswith("_"):
        for mirrored in alias.mirrors:
            home_module = import_module(mirrored)
            if name in home_module.__all__:
                return getattr(home_module, name)
    raise AttributeError(_refusal(f"{module}.{name}"), name=name)


def _refusal(fullname: str) -> str:
    module, _, name = fullname.rpartition(".")
    return f"streamcore offers no {name!r} in {module}: {reason_of(fullname)}"


def reason_of(fullname: str) -> str:
    """Why a name of PySpark is missing, and what to use instead."""
    module, _, name = fullname.rpartition(".")
    if module.startswith("pyspark.sql.functions"):
        from streamcore.sql.functions.missing import missing_functions

        if name in missing_functions():
            return missing_functions()[name]
    return NOT_OFFERED.get(fullname, UNKNOWN)
