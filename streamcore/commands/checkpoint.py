"""`streamcore checkpoint inspect CHECKPOINT`: what a checkpoint holds, and whether it is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser("checkpoint", help="look into checkpoints")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", help="show what a checkpoint holds, and whether it is whole")
    inspect.add_argument("checkpoint", metavar="CHECKPOINT", help="the checkpoint location of the query")
    inspect.add_argument("--json", action="store_true", help="print JSON")
    inspect.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report; 1 when something is damaged."""
    from streamcore.checkpoint.inspection import inspect

    found = inspect(arguments.checkpoint)
    print(json.dumps(found, indent=2) if arguments.json else report(found))
    return 1 if found["problems"] else 0


def report(found: dict[str, Any]) -> str:
    """The text of an inspection, for people."""
    lines = [
        f"checkpoint   {found['location']}",
        f"query        {found['query_id']}",
        f"last driver  {found['last_driver'] or 'unknown'}",
        f"rewind       {_rewind(found)}",
        "",
        f"{'batch':>8}  {'':<9}  {'rows out':>10}  {'watermark ms':>14}  sources",
    ]
    lines += [_batch(batch) for batch in found["batches"]]
    lines += [
        f"state {name}: {s['partitions']} partitions, {s['files']} files, {s['bytes']:,} bytes"
        for name, s in found["state"].items()
    ]
    lines += [f"PROBLEM: {problem}" for problem in found["problems"]]
    return "\n".join(lines)


def _rewind(found: dict[str, Any]) -> str:
    if found["rewound_to"] is not None:
        return f"to batch {found['rewound_to']}, to be completed by the next start"
    oldest = found["rewind_to"]
    return "not possible yet" if oldest is None else f"possible to batch {oldest} and later"


def _batch(batch: dict[str, Any]) -> str:
    standing = "committed" if batch["is_committed"] else "planned" if batch["is_planned"] else "damaged"
    rows = batch.get("output_rows")
    watermark = batch.get("watermark_ms")
    ends = {name: source["end"] for name, source in batch.get("sources", {}).items()}
    return (
        f"{batch['batch_id']:>8}  {standing:<9}  {'' if rows is None else rows:>10}  "
        f"{'' if watermark is None else watermark:>14}  {json.dumps(ends)}"
    )
