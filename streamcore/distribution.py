"""The name under which streamcore is installed; on the package index, `streamcore` is another project's."""

from __future__ import annotations

from typing import Final

DISTRIBUTION: Final = "streamcore-engine"


def install_command(extra: str) -> str:
    """How an optional part is installed, for the errors that miss it.

    >>> install_command("pandas")
    "pip install 'streamcore-engine[pandas]'"
    """
    return f"pip install '{DISTRIBUTION}[{extra}]'"
