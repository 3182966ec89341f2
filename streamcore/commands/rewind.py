"""`streamcore rewind CHECKPOINT --to BATCH`: go back to a retained batch, or `--undo` that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "rewind",
        help="take a checkpoint back to a batch",
        description="Go back to BATCH. The next start of the query asks an exactly-once sink to take back "
        "what came after it, then forgets the later batches and computes them again. When the sink cannot, "
        "the start is refused and nothing is forgotten: --undo takes the rewind back.",
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="the checkpoint location of the query")
    aim = parser.add_mutually_exclusive_group(required=True)
    aim.add_argument("--to", type=int, metavar="BATCH", help="the last batch to keep; -1 keeps none")
    aim.add_argument("--undo", action="store_true", help="take back a rewind that no start has carried out")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Rewinds, and says what happens next."""
    from streamcore.checkpoint.maintenance import rewind, undo_rewind

    if arguments.undo:
        newest = undo_rewind(arguments.checkpoint)
        print(f"{arguments.checkpoint} is as it was: the next start goes on with batch {newest + 1}")
        return 0
    rewind(arguments.checkpoint, arguments.to)
    kept = "nothing" if arguments.to < 0 else f"batch {arguments.to}"
    print(
        f"{arguments.checkpoint} keeps {kept}; the next start takes an exactly-once sink back to it, forgets "
        f"what came later, and goes on with batch {arguments.to + 1}"
    )
    return 0
