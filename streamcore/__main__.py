"""`python -m streamcore`."""

from __future__ import annotations

import sys

from streamcore.cli import main

if __name__ == "__main__":
    sys.exit(main())
