"""Observation: aggregates of a batch DataFrame, taken while an action runs over it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from streamcore.errors import IllegalArgumentException, ObservationError
from streamcore.sql.arguments import require_kind

if TYPE_CHECKING:
    from streamcore.spi.row import Row


class Observation:
    """Takes the aggregates that `DataFrame.observe` defines from the first action that ends well.

    They are computed in the same pass as the action, over all rows of the observed DataFrame, also where
    the action needs only some of them.  For streams give `observe` a name instead: every progress has then
    what was observed in its micro-batch.

    >>> from streamcore import Session
    >>> from streamcore.sql import Observation, functions as F
    >>> observation = Observation("ages")
    >>> people = Session.builder.getOrCreate().createDataFrame([("Alice", 2), ("Bob", 5)], ["name", "age"])
    >>> people.observe(observation, F.count(F.lit(1)).alias("rows"), F.max("age")).where("age > 3").count()
    1
    >>> observation.get
    {'rows': 2, 'max(age)': 5}
    """

    def __init__(self, name: str | None = None) -> None:
        if name is not None:
            require_kind(name, "name", str, "str")
            if not name:
                raise IllegalArgumentException(
                    "[VALUE_NOT_NON_EMPTY_STR] Value for `name` must be a non-empty string, got ''."
                )
        self._name = name or str(uuid4())
        self._is_used = False
        self._row: Row | None = None
        self._taken = threading.Event()

    def __repr__(self) -> str:
        return f"Observation({self._name!r})"

    @property
    def name(self) -> str:
        """The name given, or one made up."""
        return self._name

    @property
    def get(self) -> dict[str, Any]:
        """What was observed, by name; waits for the first action over the observed DataFrame to end."""
        if not self._is_used:
            raise ObservationError(
                "[NO_OBSERVE_BEFORE_GET] Should observe by calling `DataFrame.observe` before `get`."
            )
        while not self._taken.wait(0.2):
            pass  # in slices, so that Ctrl-C is noticed everywhere
        assert self._row is not None
        return self._row.asDict(recursive=False)

    def __reduce__(self) -> tuple[type[Observation], tuple[str]]:
        # In another process it only marks what is observed: the values come back with the rows.
        return Observation, (self._name,)

    # ---- for the engine --------------------------------------------------------------------------

    def attach(self) -> None:
        """A DataFrame observes with this; raises ObservationError when another does already."""
        if self._is_used:
            raise ObservationError(
                "[REUSE_OBSERVATION] An Observation can be used with a DataFrame only once."
            )
        self._is_used = True

    @property
    def is_waiting(self) -> bool:
        """Whether no action has ended yet."""
        return not self._taken.is_set()

    def take(self, row: Row) -> None:
        """Keeps what an action observed, unless one before it did."""
        if self.is_waiting:
            self._row = row
            self._taken.set()
