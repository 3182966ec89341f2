"""Checkpoints that PySpark has made, laid out again as folders."""

from __future__ import annotations

import json
from pathlib import Path

_KEPT = Path(__file__).parent / "oracle" / "data" / "spark_checkpoints.json"


def spark_checkpoint(name: str, folder: Path, files: Path) -> Path:
    """Write one of the checkpoints below `folder`, as if its sources' files were below `files`."""
    versions = json.loads(_KEPT.read_text()).values()
    (found,) = (checkpoints[name] for checkpoints in versions if name in checkpoints)
    for path, text in found.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace("FILES", str(files)))
    return folder
