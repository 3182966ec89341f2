"""Fixtures of tests that read a real Kafka."""

from __future__ import annotations

import pytest

from streamcore.kafka.native.library import CHOICE, library


@pytest.fixture(params=["native", "messages"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once by the C library and once without it."""
    if request.param == "messages":
        monkeypatch.setenv(CHOICE, "off")
    elif library() is None:
        pytest.skip("the C library is not used here")
