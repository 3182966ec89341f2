from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recovery.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Drivers as processes of their own."""
    with Nursery() as nursery:
        yield nursery
