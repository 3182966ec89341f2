from __future__ import annotations

import pytest

from streamcore.storage.memory import MemoryStorage
from streamcore.testing.faulty_storage import FaultyStorage, SimulatedCrash


def test_an_error_is_raised_once_at_the_chosen_verb() -> None:
    view = FaultyStorage(MemoryStorage())
    view.fail_at(2, OSError("unplugged"))
    assert view.put_if_absent("a", b"")
    with pytest.raises(OSError, match="unplugged"):
        view.put_if_absent("b", b"")
    assert view.put_if_absent("b", b"")


def test_a_failed_verb_may_have_taken_effect() -> None:
    inner = MemoryStorage()
    view = FaultyStorage(inner)
    view.fail_at(1, OSError("answer lost"), applied=True)
    with pytest.raises(OSError, match="answer lost"):
        view.put_if_absent("a", b"x")
    assert inner.get("a") == b"x"


def test_after_a_crash_nothing_works_and_the_locks_are_free() -> None:
    inner = MemoryStorage()
    view = FaultyStorage(inner)
    assert view.try_lock("lock") is not None
    assert FaultyStorage(inner).try_lock("lock") is None
    view.crash_at(1)
    with pytest.raises(SimulatedCrash):
        view.replace("a", b"")
    with pytest.raises(SimulatedCrash):
        view.list("")
    assert FaultyStorage(inner).try_lock("lock") is not None
    assert inner.list("") == []
