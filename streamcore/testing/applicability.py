"""How a law says that it has nothing to ask of the implementation that is under test."""

from __future__ import annotations

from typing import NoReturn


def not_applicable(reason: str) -> NoReturn:
    """End the running law as skipped, with the reason in pytest's report; never as passed.

    Raises pytest's Skipped.
    """
    import pytest

    pytest.skip(f"not applicable: {reason}")


__all__ = ["not_applicable"]
