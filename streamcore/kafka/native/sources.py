"""Where the C files are, and what they were when a library was built; the build reads this file, too."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

BUILT: Final = f"_records{'.dll' if sys.platform == 'win32' else '.so'}"
"""The name of the library, beside this file."""


def c_files() -> list[Path]:
    """The files to compile."""
    return sorted((HERE / "c").glob("*.c"))


def source_digest() -> str:
    """Tells one state of the C files from another: a library built from an older one is not loaded."""
    digest = hashlib.sha256()
    for path in sorted((HERE / "c").glob("*.[ch]")):
        # Git may write other line ends than the build machine had.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]
