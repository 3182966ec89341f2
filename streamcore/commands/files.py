"""`streamcore files PATH`: the data files that a streaming query has committed to a folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from streamcore.spi.file_manifest import Manifest


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser("files", help="list the files that a streaming query has committed")
    parser.add_argument("path", metavar="PATH", help="the output folder of the query")
    parser.add_argument("--json", action="store_true", help="print JSON, with bytes, rows and batches")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the files, oldest micro-batch first; 1 when one of them is not in its place."""
    import sys
    from pathlib import Path

    manifest = committed(arguments.path)
    missing = [file.path for file in manifest.files if not Path(arguments.path, file.path).exists()]
    print(as_json(manifest, missing) if arguments.json else as_text(arguments.path, manifest), end="")
    for path in missing:
        print(f"streamcore: {path} is committed, and not in its place", file=sys.stderr)
    return 1 if missing else 0


def committed(path: str) -> Manifest:
    """The manifest of an output folder; AnalysisException when no streaming query writes there."""
    from streamcore.errors import AnalysisException
    from streamcore.spi.file_manifest import HIDDEN_FOLDER, read_manifest
    from streamcore.storage import existing_storage

    manifest = read_manifest(existing_storage(f"{path.rstrip('/')}/{HIDDEN_FOLDER}"))
    if manifest is None:
        raise AnalysisException(
            f"{path} is not the output of a streaming query: it has no {HIDDEN_FOLDER} folder with a "
            "manifest. Name the folder that the query's option 'path' names"
        )
    return manifest


def as_json(manifest: Manifest, missing: list[str]) -> str:
    """The manifest as one JSON document."""
    last = manifest.last
    document = {
        "query_id": manifest.query_id,
        "last_batch_id": last.last if last else None,
        "files": [asdict(file) for file in manifest.files],
        "missing": missing,
    }
    return json.dumps(document, indent=2) + "\n"


def as_text(path: str, manifest: Manifest) -> str:
    """One path a line, for other programs."""
    return "".join(f"{path.rstrip('/')}/{file.path}\n" for file in manifest.files)
