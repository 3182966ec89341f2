"""The library that reads and writes Delta tables, imported when a table is first touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.distribution import install_command
from streamcore.errors import UnsupportedOperationException

if TYPE_CHECKING:
    from types import ModuleType


def delta_rs() -> ModuleType:
    """The module `deltalake`; UnsupportedOperationException, with the way out, where it is not installed."""
    try:
        import deltalake
    except ImportError as error:
        raise UnsupportedOperationException(
            f"format('delta') needs the package deltalake: {install_command('delta')}"
        ) from error
    return deltalake
