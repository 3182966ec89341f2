from __future__ import annotations

import threading
import weakref

import pytest

from streamcore.errors import WorkInterrupted
from streamcore.scheduler.errors import EngineStopped
from streamcore.scheduler.slots import Labels, Slot, ThreadSlots
from streamcore.scheduler.status import JobStatus, StatusStore


@pytest.fixture
def slots():
    made = ThreadSlots(2, StatusStore())
    yield made
    made.stop()


def test_results_come_in_the_order_of_the_functions(slots):
    assert slots.run([lambda _, i=i: i * i for i in range(20)], name="squares") == [i * i for i in range(20)]


def test_no_functions_give_no_results(slots):
    assert slots.run([], name="nothing") == []


def test_a_single_function_runs_in_the_calling_thread(slots):
    assert slots.run([lambda _: threading.current_thread()], name="one") == [threading.current_thread()]


def test_two_functions_run_at_once(slots):
    meet = threading.Barrier(2, timeout=10)
    assert sorted(slots.run([lambda _: meet.wait(), lambda _: meet.wait()], name="meet")) == [0, 1]


def test_never_more_run_than_there_are_slots(slots):
    running, most, lock = [], [], threading.Lock()

    def work(slot: Slot) -> None:
        with lock:
            running.append(slot.id)
            most.append(len(running))
            assert len(set(running)) == len(running), "a slot is held by one function at a time"
        threading.Event().wait(0.001)
        with lock:
            running.remove(slot.id)

    callers = [
        threading.Thread(target=slots.run, args=([work] * 10,), kwargs={"name": "w"}) for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(most) == 40
    assert max(most) == 2


def test_the_first_failure_is_raised_as_it_is_and_cancels_the_rest(slots):
    ran = []

    def fail(_: Slot) -> None:
        raise KeyError("the user's own")

    with pytest.raises(KeyError, match="the user's own"):
        slots.run([fail, *[lambda _: ran.append(threading.Event().wait(0.01))] * 50], name="fails")
    assert len(ran) < 50
    assert slots.run([lambda _: 1, lambda _: 2], name="next") == [1, 2]


def test_what_runs_is_waited_for_when_another_fails(slots):
    started, finished = threading.Event(), []

    def slow(_: Slot) -> None:
        started.set()
        threading.Event().wait(0.05)
        finished.append(True)

    def fail(_: Slot) -> None:
        started.wait(10)
        raise ValueError

    with pytest.raises(ValueError):
        slots.run([slow, fail], name="fails")
    assert finished == [True]


def test_a_run_inside_a_run_uses_the_slot_that_is_held(slots):
    def outer(slot: Slot) -> list[int]:
        return [*slots.run([lambda inner: inner.id] * 3, name="inner"), slot.id]

    for ids in slots.run([outer] * 4, name="outer"):
        assert len(set(ids)) == 1


def test_a_slot_keeps_its_resources_and_stop_closes_them():
    class Resource:
        closed = False

        def close(self) -> None:
            self.closed = True

    slots = ThreadSlots(1)
    first = slots.run([lambda slot: slot.resource("db", Resource)], name="a")[0]
    assert slots.run([lambda slot: slot.resource("db", Resource)], name="b")[0] is first
    slots.stop()
    assert first.closed


def test_stopped_slots_refuse_work():
    slots = ThreadSlots(2)
    slots.stop()
    for n in (1, 2):
        with pytest.raises(EngineStopped):
            slots.run([lambda _: 1] * n, name="late")


def test_stop_ends_a_set_that_waits_and_leaves_no_thread():
    before = set(threading.enumerate())
    slots, started, outcome = ThreadSlots(1), threading.Event(), []

    def hold(_: Slot) -> None:
        started.set()
        threading.Event().wait(0.05)

    def caller() -> None:
        try:
            slots.run([hold, hold, hold], name="long")
        except EngineStopped as error:
            outcome.append(error)

    thread = threading.Thread(target=caller)
    thread.start()
    started.wait(10)
    slots.stop()
    thread.join(10)
    assert len(outcome) == 1
    assert not [t for t in set(threading.enumerate()) - before if t.name.startswith("slot-")]


def test_each_run_is_recorded_as_a_job_of_one_stage():
    status = StatusStore(retained_jobs=2)
    slots = ThreadSlots(1, status)
    for name in ("a", "b", "c"):
        slots.run([lambda _: 0], name=name)
    with pytest.raises(ZeroDivisionError):
        slots.run([lambda _: 1 // 0], name="d")
    jobs = status.jobs()
    assert [(job.name, job.status) for job in jobs] == [("c", JobStatus.SUCCEEDED), ("d", JobStatus.FAILED)]
    assert len(jobs[0].stage_ids) == 1
    slots.stop()


def test_zero_slots_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        ThreadSlots(0)


class Statement:
    """A resource whose work ends when it is interrupted, and only then."""

    def __init__(self) -> None:
        self.running, self.interrupted = threading.Event(), threading.Event()

    def run(self) -> None:
        self.running.set()
        assert self.interrupted.wait(30)
        raise WorkInterrupted("the statement was interrupted")

    def interrupt(self) -> None:
        if self.running.is_set():
            self.interrupted.set()


def _run_until_interrupted(
    slots: ThreadSlots, statement: Statement
) -> tuple[threading.Thread, list[Exception]]:
    errors: list[Exception] = []

    def work() -> None:
        try:
            slots.run([lambda slot: slot.resource("statement", lambda: statement).run()], name="long")
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert statement.running.wait(30)
    return thread, errors


def test_what_is_cancelled_by_its_labels_gets_the_error_of_who_cancelled_it() -> None:
    slots = ThreadSlots(2, labels=lambda: Labels("etl", frozenset({"nightly"})))
    statement = Statement()
    thread, errors = _run_until_interrupted(slots, statement)
    slots.cancel(lambda labels: labels.group == "other", RuntimeError("not this one"))
    assert not statement.interrupted.is_set()
    cancelled = RuntimeError("cancelled")
    slots.cancel(lambda labels: "nightly" in labels.tags, cancelled)
    thread.join(30)
    assert errors == [cancelled]
    assert slots.run([lambda _: 1], name="later") == [1]
    slots.stop()


def test_stopping_the_slots_interrupts_what_runs() -> None:
    slots = ThreadSlots(1)
    thread, errors = _run_until_interrupted(slots, Statement())
    slots.stop()
    thread.join(30)
    assert [type(error) for error in errors] == [EngineStopped]


def test_what_was_computed_is_kept_by_no_thread_that_waits_for_work(slots):
    class Result:
        pass

    together, freed = threading.Barrier(2), [threading.Event(), threading.Event()]

    def compute(slot):
        together.wait(30)
        return Result()

    found = slots.run([compute, compute], name="two at once")
    for result, is_freed in zip(found, freed, strict=True):
        weakref.finalize(result, is_freed.set)
    del found, result
    assert all(is_freed.wait(30) for is_freed in freed)


# ---- turns -----------------------------------------------------------------------------------------------


def run_beside(slots, functions, name):
    """Starts a set in a thread of its own; returns the thread when the set waits for a slot."""
    thread = threading.Thread(target=slots.run, args=(functions,), kwargs={"name": name})
    waiting = len(slots._sets)
    thread.start()
    while len(slots._sets) == waiting:
        threading.Event().wait(0.001)
    return thread


def test_a_light_query_waits_for_one_round_of_a_heavy_one_not_for_its_whole_batch():
    slots, begun, gate = ThreadSlots(1), [], threading.Event()

    def heavy(number):
        gate.wait(10)
        begun.append(("heavy", number))

    def light():
        begun.append(("light", len(begun)))

    batch = run_beside(slots, [lambda _, n=n: heavy(n) for n in range(100)], "heavy")
    one = run_beside(slots, [lambda _: light()], "light")
    gate.set()
    for thread in (batch, one):
        thread.join(10)
    slots.stop()
    (place,) = [place for name, place in begun if name == "light"]
    assert len(begun) == 101
    assert place <= 2


def test_a_set_loses_its_turn_with_every_function_that_it_begins():
    slots, begun, gate = ThreadSlots(1), [], threading.Event()

    def note(name):
        gate.wait(10)
        begun.append(name)

    threads = [
        run_beside(slots, [lambda _, name=name: note(name) for _ in range(count)], name)
        for name, count in (("a", 30), ("b", 10), ("c", 10))
    ]
    gate.set()
    for thread in threads:
        thread.join(10)
    slots.stop()
    shared = begun[2:29]
    assert sorted(begun) == ["a"] * 30 + ["b"] * 10 + ["c"] * 10
    assert all(sorted(shared[at : at + 3]) == ["a", "b", "c"] for at in range(0, 27, 3))


def test_one_who_runs_function_after_function_does_not_overtake_those_who_wait():
    slots, begun, gate = ThreadSlots(1), [], threading.Event()

    def note(name):
        gate.wait(10)
        begun.append(name)

    def one_by_one():
        for _ in range(50):
            slots.run([lambda _: note("single")], name="single")

    first = threading.Thread(target=one_by_one)
    first.start()
    waiting = run_beside(slots, [lambda _: note("set")] * 10, "set")
    gate.set()
    for thread in (first, waiting):
        thread.join(10)
    slots.stop()
    assert begun.index("set") <= 2
    assert len(begun) - begun[::-1].index("set") <= 22
