"""Accumulators: values that tasks add to and only the driver reads."""

from __future__ import annotations

import copy
import threading
import weakref
from typing import Any, Generic, TypeVar

from streamcore.errors import StreamcoreError
from streamcore.scheduler.env import current_task
from streamcore.scheduler.serial import loads

T = TypeVar("T")

_on_driver: weakref.WeakValueDictionary[int, Accumulator[Any]] = weakref.WeakValueDictionary()
_lock = threading.Lock()


class AccumulatorParam(Generic[T]):
    """How values of a type are added up.

    >>> class VectorParam(AccumulatorParam):
    ...     def zero(self, value):
    ...         return [0.0] * len(value)
    ...     def addInPlace(self, value1, value2):
    ...         return [a + b for a, b in zip(value1, value2)]
    >>> total = sc.accumulator([1.0, 2.0], VectorParam())
    >>> sc.parallelize([1, 2]).foreach(lambda x: total.add([x, x]))
    >>> total.value
    [4.0, 5.0]
    """

    def zero(self, value: T) -> T:
        """Return the neutral value that has the shape of `value`."""
        raise NotImplementedError

    def addInPlace(self, value1: T, value2: T) -> T:
        """Return the sum; `value1` may be changed to become it."""
        raise NotImplementedError


class AddingAccumulatorParam(AccumulatorParam[T]):
    """Adds with `+=`."""

    def __init__(self, zero_value: T) -> None:
        self.zero_value = zero_value

    def zero(self, value: T) -> T:
        """Return the zero."""
        return self.zero_value

    def addInPlace(self, value1: T, value2: T) -> T:
        """Return the sum."""
        value1 += value2  # type: ignore[operator]
        return value1


def param_for(value: object) -> AccumulatorParam[Any]:
    """Return how numbers like `value` are added; TypeError if it is none."""
    for kind in (int, float, complex):
        if isinstance(value, kind):
            return AddingAccumulatorParam(kind(0))
    raise TypeError(f"there is no default way to add up {type(value).__name__}: pass an AccumulatorParam")


class Accumulator(Generic[T]):
    """A value that tasks add to; made by `Context.accumulator`.

    What a task adds counts when the task succeeds, once, however often it was tried.

    >>> seen = sc.accumulator(0)
    >>> sc.parallelize([1, 2, 3]).foreach(lambda x: seen.add(x))
    >>> seen.value
    6
    """

    def __init__(self, aid: int, value: T, accum_param: AccumulatorParam[T]) -> None:
        self.aid = aid
        self.accum_param = accum_param
        self._value = value
        self._zero: T | None = None
        self._deserialized = False
        _on_driver[aid] = self

    @property
    def value(self) -> T:
        """The sum so far; only the driver may ask."""
        self._refuse_in_task()
        return self._value

    @value.setter
    def value(self, value: T) -> None:
        self._refuse_in_task()
        self._value = value

    def add(self, term: T) -> None:
        """Add a term."""
        task = current_task()
        if task is None:
            with _lock:
                self._value = self.accum_param.addInPlace(self._value, term)
            return
        if self.aid in task.updates:
            so_far = task.updates[self.aid]
        else:
            zero = self._zero if self._deserialized else self.accum_param.zero(self._value)
            so_far = copy.deepcopy(zero)
        task.updates[self.aid] = self.accum_param.addInPlace(so_far, term)

    def __iadd__(self, term: T) -> Accumulator[T]:
        self.add(term)
        return self

    def _refuse_in_task(self) -> None:
        if self._deserialized:
            raise StreamcoreError("the value of an accumulator can be read on the driver only")

    def __reduce__(self) -> tuple[Any, ...]:
        zero = self._zero if self._deserialized else self.accum_param.zero(self._value)
        return _in_worker, (self.aid, zero, self.accum_param)

    def __str__(self) -> str:
        return str(self._value)

    def __repr__(self) -> str:
        return f"Accumulator<id={self.aid}, value={self._value}>"


def _in_worker(aid: int, zero: T, param: AccumulatorParam[T]) -> Accumulator[T]:
    found: Accumulator[T] = Accumulator.__new__(Accumulator)
    found.__dict__.update(aid=aid, accum_param=param, _value=zero, _zero=zero, _deserialized=True)
    return found


def count_updates(data: bytes) -> None:
    """Add what a successful task added, pickled as a dict by accumulator id."""
    for aid, update in loads(data).items():
        accumulator = _on_driver.get(aid)
        if accumulator is not None:
            accumulator.add(update)
