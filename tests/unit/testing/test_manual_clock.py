from __future__ import annotations

import threading

from streamcore.testing.clock import ManualClock


def waiting(
    clock: ManualClock, event: threading.Event, seconds: float
) -> tuple[threading.Thread, list[bool]]:
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(clock.wait(event, seconds)))
    thread.start()
    while clock.waiting == 0:
        pass
    return thread, answers


def test_waiting_ends_when_the_clock_is_moved_far_enough() -> None:
    clock = ManualClock()
    thread, answers = waiting(clock, threading.Event(), 10)
    clock.advance(9)
    assert clock.waiting == 1
    clock.advance(1)
    thread.join()
    assert answers == [False]


def test_waiting_ends_when_the_event_is_set() -> None:
    clock, event = ManualClock(), threading.Event()
    thread, answers = waiting(clock, event, 10)
    event.set()
    thread.join()
    assert answers == [True]
    assert clock.now_ms() == 0


def test_nobody_waits_for_an_event_that_is_set_already() -> None:
    event = threading.Event()
    event.set()
    assert ManualClock().wait(event, 10)
