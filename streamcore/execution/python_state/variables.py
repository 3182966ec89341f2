"""The state variables that a processor declares: their names, kinds and types."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.spi.time_modes import EVENT_TIME, NO_TIME, PROCESSING_TIME
from streamcore.spi.types import StructType, parse_data_type

TIMERS = "_timers"
"""The store of the timers; no variable can have this name."""

VALUE, LIST, MAP = "value", "list", "map"
_TIME_MODES = {NO_TIME: "NoTime", PROCESSING_TIME: "ProcessingTime", EVENT_TIME: "EventTime"}

_LONGEST_NAME = 200


@dataclass(frozen=True)
class StateVariable:
    """A variable under which each key keeps a value, a list, or a map.

    `key` is the type of a map's keys, None for the other kinds; with `ttl_ms` what is written lives that long
    from the time of its batch on.
    """

    name: str
    kind: str
    value: StructType
    key: StructType | None = None
    ttl_ms: int | None = None

    @property
    def store(self) -> str:
        """The name of its store."""
        return store_of(self.name)

    @property
    def described(self) -> str:
        """Kind and types, as two starts of a query can compare them; nullability is no part of them."""
        if self.key is None:
            return f"{self.kind} {self.value.simpleString()}"
        return f"{self.kind} {self.key.simpleString()} to {self.value.simpleString()}"


def store_of(variable: str) -> str:
    """The name of a variable's store: its own, where that can be the name of a folder anywhere.

    >>> store_of("a b/c")
    'a%20b%2Fc'
    """
    return quote(variable, safe="").replace(".", "%2E")


class Declarations:
    """What `init` declares, checked as it is declared."""

    def __init__(self, time_mode: str) -> None:
        self._time_mode = time_mode
        self.variables: dict[str, StateVariable] = {}
        self.deleted: set[str] = set()

    def declare(self, variable: StateVariable) -> StateVariable:
        """Adds a variable; raises for a name or a time to live that cannot be."""
        _check_name(variable.name)
        if variable.name in self.variables:
            raise IllegalArgumentException(
                f"[STATEFUL_PROCESSOR_DUPLICATE_STATE_VARIABLE_DEFINED] State variable with name "
                f"{variable.name} has already been defined in the StatefulProcessor. SQLSTATE: 42802"
            )
        self._check_ttl(variable)
        self.variables[variable.name] = variable
        return variable

    def delete(self, name: str) -> None:
        """Lets what an earlier version of the processor kept under this name go."""
        self.variables.pop(name, None)
        self.deleted.add(name)

    def _check_ttl(self, variable: StateVariable) -> None:
        if variable.ttl_ms is None:
            return
        if self._time_mode != PROCESSING_TIME:
            raise UnsupportedOperationException(
                "[STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL] Cannot use TTL for state="
                f"{variable.name} in timeMode={_TIME_MODES[self._time_mode]}, use "
                "TimeMode.ProcessingTime() instead. SQLSTATE: 42802"
            )
        if variable.ttl_ms <= 0:
            raise IllegalArgumentException(
                "[STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE] TTL duration must be greater than zero "
                f"for State store operation=update on state={variable.name}. SQLSTATE: 42802"
            )


def struct_of(schema: StructType | str) -> StructType:
    """The schema of a state variable, given as a type or as DDL."""
    found = parse_data_type(schema) if isinstance(schema, str) else schema
    if not isinstance(found, StructType):
        raise IllegalArgumentException(
            f"the schema of a state variable is a StructType or DDL such as 'count long', not {schema!r}"
        )
    return found


def _check_name(name: str) -> None:
    if name.startswith(("$", "_")):
        raise UnsupportedOperationException(
            "[STATE_STORE_CANNOT_CREATE_COLUMN_FAMILY_WITH_RESERVED_CHARS] Failed to create column family "
            f"with unsupported starting character and name={name}. SQLSTATE: 42802"
        )
    is_long = len(quote(name, safe="")) > _LONGEST_NAME
    if name in ("", "default") or name != name.strip() or is_long:
        raise UnsupportedOperationException(
            "[STATE_STORE_CANNOT_USE_COLUMN_FAMILY_WITH_INVALID_NAME] Failed to perform column family "
            f"operation=create_col_family with invalid name={name}. Column family name cannot be empty, "
            "very long, or include leading/trailing spaces or use the reserved keyword=default. "
            "SQLSTATE: 42802"
        )
