"""The door to the demo: `make demo`, or `python examples/demo.py`.  Its pipeline is in demo/pipeline.py."""

from __future__ import annotations

import sys

from demo.run import main

if __name__ == "__main__":
    sys.exit(main())
