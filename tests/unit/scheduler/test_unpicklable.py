"""The error for what cannot be sent to a worker names the variable that is in the way."""

from __future__ import annotations

import pickle
import threading
from functools import partial
from typing import Any

import pytest

from streamcore.scheduler.errors import UnpicklableValue
from streamcore.scheduler.serial import dumps, dumps_code

LOCK = threading.Lock()


class Client:
    def __init__(self) -> None:
        self.timeout = 3
        self.guard = threading.Lock()

    def call(self) -> None: ...


def in_closure() -> Any:
    count, lock = 1, threading.Lock()
    return lambda value: (count, lock, value)


def with_default(value: int, lock: Any = LOCK) -> Any:
    return value, lock


def of_an_attribute() -> Any:
    client = Client()
    return lambda value: (client.timeout, value)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (in_closure(), "the variable `lock` of the function `<lambda>` is a _thread.lock"),
        (lambda value: (LOCK, value), "the variable `LOCK` of the function `<lambda>` is a _thread.lock"),
        (lambda value: [LOCK for _ in value], "the variable `LOCK` of the function `<lambda>`"),
        (with_default, "the variable `lock` of the function `with_default` is a _thread.lock"),
        (of_an_attribute(), "the attribute `guard` of the variable `client` of the function `<lambda>`"),
        (Client().call, "the attribute `guard` of the object of the method `call` is a _thread.lock"),
        (partial(print, [1, LOCK]), "the item 1 is a _thread.lock"),
        ({"a": 1, "b": LOCK}, "the item 'b' is a _thread.lock"),
    ],
)
def test_the_variable_is_named(value: object, named: str) -> None:
    # By value, as functions of the program itself travel.
    with pytest.raises(UnpicklableValue, match=r"Could not serialize object: TypeError") as refused:
        dumps_code(by_value(value))
    assert named in str(refused.value)


def by_value(value: Any) -> Any:
    """A function as if it were defined in `__main__`."""
    function = getattr(value, "__func__", value)
    if hasattr(function, "__module__") and hasattr(function, "__code__"):
        function.__module__ = "__main__"
    return value


def test_a_result_that_cannot_be_sent_is_the_same_error() -> None:
    with pytest.raises(UnpicklableValue) as refused:
        dumps([1, threading.Lock()])
    assert isinstance(refused.value, pickle.PicklingError)
    assert "the item 1 is a _thread.lock" in str(refused.value)


def test_what_cannot_be_told_from_the_whole_is_still_an_error() -> None:
    with pytest.raises(UnpicklableValue, match="must be picklable\\."):
        dumps_code(threading.Lock())
