"""TwsTester: a StatefulProcessor under test, without a query, in the shape of PySpark's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.execution.python_state.cells import ListCells, MapCells, ValueCells, frozen
from streamcore.execution.python_state.processor import StatefulProcessor, StatefulProcessorHandle
from streamcore.execution.python_state.processor_program import due_timers
from streamcore.execution.python_state.states import ExpiredTimerInfo, StateMemory, TimerValues
from streamcore.plan.python_groups import function_mode, time_mode
from streamcore.spi.time_modes import EVENT_TIME, NO_TIME, PROCESSING_TIME

if TYPE_CHECKING:
    from streamcore.spi.row import Row


class TwsTester:
    """Calls a processor as a query would, key by key, and shows what it keeps.

    A key is given as a value; the processor sees it as a tuple of one.  Nothing expires by its time to live,
    and the clock and the watermark stand still until they are set.

    Parameters
    ----------
    processor
        What is tested.
    initialStateRow, initialStatePandas
        Pairs of a key and its initial state, as Rows or as DataFrames.
    timeMode
        `None`, `ProcessingTime` or `EventTime`.
    outputMode
        As of the query; it changes nothing.
    eventTimeExtractor
        In `EventTime`: the event time of a row in milliseconds, by which late rows are left out.

    >>> from streamcore import Row
    >>> class Count(StatefulProcessor):
    ...     def init(self, handle):
    ...         self.count = handle.getValueState("count", "n long")
    ...     def handleInputRows(self, key, rows, timerValues):
    ...         before = self.count.get()
    ...         total = (before[0] if before else 0) + len(list(rows))
    ...         self.count.update((total,))
    ...         yield Row(key=key[0], count=total)
    >>> tester = TwsTester(Count())
    >>> tester.test("a", [Row(v=1), Row(v=2)])
    [Row(key='a', count=2)]
    >>> tester.updateValueState("count", "a", (10,))
    >>> tester.test("a", [Row(v=3)]), tester.peekValueState("count", "a")
    ([Row(key='a', count=11)], (11,))
    """

    def __init__(
        self,
        processor: StatefulProcessor,
        initialStateRow: Sequence[tuple[Any, Row]] | None = None,
        initialStatePandas: Sequence[tuple[Any, Any]] | None = None,
        timeMode: str = "None",
        outputMode: str = "Append",
        eventTimeExtractor: Callable[[Any], int] | None = None,
    ) -> None:
        function_mode(outputMode)
        self._mode = time_mode(timeMode)
        if self._mode == EVENT_TIME and eventTimeExtractor is None:
            raise IllegalArgumentException(
                "[ARGUMENT_REQUIRED] Argument `eventTimeExtractor` is required when timeMode is EventTime."
            )
        if initialStateRow is not None and initialStatePandas is not None:
            raise IllegalArgumentException("Cannot specify both Row and Pandas initial states.")
        self.processor = processor
        self._event_time = eventTimeExtractor
        self._processing_ms = 0
        self._watermark_ms = 0
        self._in_pandas = initialStatePandas is not None
        self._memory = StateMemory(self._mode, self._times())
        self.handle = StatefulProcessorHandle(self._memory)
        processor.init(self.handle)
        self._memory.is_in_init = False
        for key, state in (*(initialStateRow or ()), *(initialStatePandas or ())):
            self._memory.group = key
            processor.handleInitialState((key,), state, self._memory.times)

    # ---- rows ------------------------------------------------------------------------------------

    def test(self, key: Any, input: Sequence[Row]) -> list[Row]:
        """The rows that come out for Rows of one key."""
        self._in_pandas = False
        self._memory.group = key
        rows = [row for row in input if not self._is_late(row)]
        return list(self.processor.handleInputRows((key,), iter(rows), self._memory.times))

    def testInPandas(self, key: Any, input: Any) -> Any:
        """The rows that come out for a DataFrame of one key, as a DataFrame."""
        self._in_pandas = True
        self._memory.group = key
        if self._event_time is not None:
            is_late = [self._is_late(row) for _, row in input.iterrows()]
            input = input[[not late for late in is_late]].reset_index(drop=True)
        return self._together(self.processor.handleInputRows((key,), iter([input]), self._memory.times))

    def _is_late(self, row: Any) -> bool:
        return self._event_time is not None and self._event_time(row) <= self._watermark_ms

    def _together(self, given: Iterable[Any]) -> Any:
        import pandas as pd

        frames = list(given)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    # ---- time ------------------------------------------------------------------------------------

    def setProcessingTime(self, currentTimeMs: int) -> Any:
        """Moves the clock on; what the timers that expire put out, as the last test did."""
        self._require(PROCESSING_TIME, "setProcessingTime with TimeMode other than ProcessingTime")
        self._require_later("Processing time", self._processing_ms, currentTimeMs)
        self._processing_ms = currentTimeMs
        return self._fire(currentTimeMs)

    def setWatermark(self, currentWatermarkMs: int) -> Any:
        """Moves the watermark on; what the timers that expire put out, as the last test did."""
        self._require(EVENT_TIME, "setWatermark with TimeMode other than EventTime")
        self._require_later("Watermark", self._watermark_ms, currentWatermarkMs)
        self._watermark_ms = currentWatermarkMs
        return self._fire(currentWatermarkMs)

    def _fire(self, time_ms: int) -> Any:
        self._memory.times = self._times()
        found: list[Any] = []
        for expiry_ms, key in due_timers(self._memory.timers, time_ms):
            self._memory.group = key
            found += self.processor.handleExpiredTimer(
                key=(key,), timerValues=self._memory.times, expiredTimerInfo=ExpiredTimerInfo(expiry_ms)
            )
            self._memory.timers.remove(key, expiry_ms)
        return self._together(found) if self._in_pandas else found

    def _times(self) -> TimerValues:
        if self._mode == NO_TIME:
            return TimerValues()
        return TimerValues(self._processing_ms, self._watermark_ms if self._mode == EVENT_TIME else -1)

    def _require(self, mode: str, operation: str) -> None:
        if self._mode != mode:
            raise UnsupportedOperationException(
                f"[UNSUPPORTED_OPERATION] {operation} operation is not supported."
            )

    @staticmethod
    def _require_later(what: str, current_ms: int, provided_ms: int) -> None:
        if provided_ms <= current_ms:
            raise IllegalArgumentException(
                f"{what} must move forward. Current: {current_ms} ms, provided: {provided_ms} ms."
            )

    # ---- state -----------------------------------------------------------------------------------

    def updateValueState(self, stateName: str, key: Any, value: tuple[Any, ...]) -> None:
        """Sets the value of a key."""
        self._cells(stateName, ValueCells).content[key] = (value, None)

    def peekValueState(self, stateName: str, key: Any) -> tuple[Any, ...] | None:
        """The value of a key; None when it has none."""
        found = self._cells(stateName, ValueCells).content.get(key)
        return None if found is None else found[0]

    def updateListState(self, stateName: str, key: Any, value: list[tuple[Any, ...]]) -> None:
        """Sets the list of a key."""
        self._cells(stateName, ListCells).content[key] = [(element, None) for element in value]

    def peekListState(self, stateName: str, key: Any) -> list[tuple[Any, ...]]:
        """The list of a key; empty when it has none."""
        return [element for element, _ in self._cells(stateName, ListCells).content.get(key, ())]

    def updateMapState(self, stateName: str, key: Any, value: dict[tuple[Any, ...], tuple[Any, ...]]) -> None:
        """Sets the map of a key."""
        entries = {frozen(own): (own, (item, None)) for own, item in value.items()}
        self._cells(stateName, MapCells).content[key] = entries

    def peekMapState(self, stateName: str, key: Any) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """The map of a key; empty when it has none."""
        return {
            own: entry[0] for own, entry in self._cells(stateName, MapCells).content.get(key, {}).values()
        }

    def deleteState(self, stateName: str, key: Any) -> None:
        """Removes what a variable keeps for a key."""
        if stateName not in self._memory.cells:
            raise self._unknown(stateName)
        self._memory.cells[stateName].clear(key)

    def _cells(self, name: str, kind: type[Any]) -> Any:
        found = self._memory.cells.get(name)
        if not isinstance(found, kind):
            raise self._unknown(name)
        return found

    def _unknown(self, name: str) -> IllegalArgumentException:
        return IllegalArgumentException(f"State {name} has not been initialized as a variable of this kind.")
