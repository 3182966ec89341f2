"""`streamcore rewind CHECKPOINT --to BATCH`: go back to a batch that the checkpoint retains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "rewind",
        help="take a checkpoint back to a batch",
        description="Forget every batch after BATCH. The query computes them again when it is next started; "
        "an exactly-once sink takes their rows back first, or the start is refused.",
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="the checkpoint location of the query")
    parser.add_argument(
        "--to", type=int, required=True, metavar="BATCH", help="the last batch to keep; -1 keeps none"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Rewinds, and says what happens next."""
    from streamcore.checkpoint.maintenance import rewind

    rewind(arguments.checkpoint, arguments.to)
    kept = "nothing" if arguments.to < 0 else f"batch {arguments.to}"
    print(
        f"{arguments.checkpoint} keeps {kept}; the next start takes an exactly-once sink back to it, and "
        f"goes on with batch {arguments.to + 1}"
    )
    return 0
