"""`streamcore checkpoint ACTION`: `inspect` shows what a checkpoint holds, and whether it is whole."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from streamcore.commands import adopt

_TIME = 23
_HEADINGS = f"{'batch':>8}  {'':<9}  {'planned at':<{_TIME}}  {'rows in':>10}  {'rows out':>10}"
_HEADINGS += f"  {'watermark':<{_TIME}}  sources"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser("checkpoint", help="look into checkpoints, adopt those of Spark")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", help="show what a checkpoint holds, and whether it is whole")
    inspect.add_argument("checkpoint", metavar="CHECKPOINT", help="the checkpoint location of the query")
    inspect.add_argument("--json", action="store_true", help="print JSON")
    inspect.add_argument(
        "--last",
        type=_count,
        metavar="N",
        help="look at the newest N batches alone; all of them when not given",
    )
    inspect.set_defaults(run=run)
    adopt.register(actions)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report; 1 when something is damaged."""
    from streamcore.checkpoint.inspection import inspect

    found = inspect(arguments.checkpoint, arguments.last)
    print(json.dumps(found, indent=2) if arguments.json else report(found))
    return 1 if found["problems"] else 0


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return count


def report(found: dict[str, Any]) -> str:
    """The text of an inspection, for people."""
    lines = [
        f"checkpoint   {found['location']}",
        f"query        {found['query_id']}, begun {_time(found['created_ms'])}",
        *_adopted(found["adopted"]),
        f"last driver  {found['last_driver'] or 'unknown'}",
        f"rewind       {_rewind(found)}",
        "",
        _HEADINGS,
    ]
    lines += [_batch(batch, found["rewound_to"]) for batch in found["batches"]]
    lines += [
        f"state {name}: {_counted(s['partitions'], 'partition')}, {_counted(s['files'], 'file')}, "
        f"{_counted(s['bytes'], 'byte')}"
        for name, s in found["state"].items()
    ]
    lines += _models(found["batches"])
    lines += [f"PROBLEM: {problem}" for problem in found["problems"]]
    lines.append(_verdict(found))
    return "\n".join(lines)


def _adopted(adopted: dict[str, Any] | None) -> list[str]:
    if adopted is None:
        return []
    ends = json.dumps(adopted["ends"])
    return [f"adopted      from {adopted['came_from']} after batch {adopted['batch_id']}: {ends}"]


def _models(batches: list[dict[str, Any]]) -> list[str]:
    """The models after the newest batch that is shown, and those that it was computed by."""
    newest: dict[str, Any] = next((batch for batch in reversed(batches) if batch["is_committed"]), {})
    trained = newest.get("models", {}).items()
    read = newest.get("models_read", {}).items()
    return [
        *(f"model {operator}: sha256 {digest}" for operator, digest in trained),
        *(f"computed by {name}: version {version}" for name, version in read),
    ]


def _verdict(found: dict[str, Any]) -> str:
    looked, retained = len(found["batches"]), found["retained"]
    what = f"{looked} of {retained} batches" if looked < retained else f"{retained} batches"
    if found["problems"]:
        return f"DAMAGED: {len(found['problems'])} problems in {what} and the newest state"
    return f"whole: {what} and the newest state are as they were written"


def _time(milliseconds: int | None) -> str:
    """UTC, as Spark prints times."""
    if milliseconds is None:
        return ""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms"  # a time beyond the calendar
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds % 1000:03d}"


def _rewind(found: dict[str, Any]) -> str:
    if found["rewound_to"] is not None:
        return f"to batch {found['rewound_to']}, to be completed by the next start"
    oldest = found["rewind_to"]
    return "not possible yet" if oldest is None else f"possible to batch {oldest} and later"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _batch(batch: dict[str, Any], rewound_to: int | None) -> str:
    standing = "committed" if batch["is_committed"] else "planned" if batch["is_planned"] else "damaged"
    if rewound_to is not None and batch["batch_id"] > rewound_to:
        standing = "rewound"
    rows_in = sum(batch.get("source_rows", {}).values()) if batch["is_committed"] else ""
    rows_out = batch.get("output_rows")
    planned_at, watermark = _time(batch.get("batch_time_ms")), _time(batch.get("watermark_ms") or None)
    ends = {name: source["end"] for name, source in batch.get("sources", {}).items()}
    return (
        f"{batch['batch_id']:>8}  {standing:<9}  {planned_at:<{_TIME}}  {rows_in:>10}  "
        f"{'' if rows_out is None else rows_out:>10}  {watermark:<{_TIME}}  {json.dumps(ends)}"
    )
