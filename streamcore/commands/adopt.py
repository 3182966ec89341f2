"""`streamcore checkpoint adopt SPARK_CHECKPOINT [TARGET]`: go on where a query of Spark has stopped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from streamcore.checkpoint.adopting import AdoptedSource, Adoption


def register(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the action's parser."""
    parser = actions.add_parser(
        "adopt",
        help="make a checkpoint that goes on where a query of Spark has stopped",
        description="Reads the checkpoint of a Spark Structured Streaming query (Spark 2.1 to 4, sources "
        "Kafka and files, no state), changes nothing in it, and makes a checkpoint TARGET from which the "
        "same query goes on here after the last batch that Spark has committed. Stop the Spark query first.",
    )
    parser.add_argument(
        "spark_checkpoint", metavar="SPARK_CHECKPOINT", help="the query's checkpoint location"
    )
    parser.add_argument("target", metavar="TARGET", nargs="?", help="the new checkpoint location")
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME",
        help="the name that our query gives to a source, readStream.name(NAME); once for each source, in the "
        "order of the Spark query. Without it they are known by position, as queries without names know them",
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be adopted, and make nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Adopts, and tells what was adopted."""
    from streamcore.checkpoint.adopting import plan_adoption, read_spark_checkpoint, write_adopted
    from streamcore.errors import IllegalArgumentException
    from streamcore.sources.files.adopting import check_files_read, keep_files_read
    from streamcore.spi.clock import SystemClock
    from streamcore.storage import existing_storage, open_storage

    if arguments.target is None and not arguments.dry_run:
        raise IllegalArgumentException(
            "name the TARGET, the new checkpoint location, or give --dry-run to look only"
        )
    adoption = plan_adoption(
        read_spark_checkpoint(existing_storage(arguments.spark_checkpoint)), arguments.source
    )
    for source in adoption.sources:
        check_files_read(source.seen)
    if not arguments.dry_run:
        storage = open_storage(arguments.target)
        write_adopted(storage, adoption, keep_files_read, SystemClock().now_ms())
    print(report(adoption, None if arguments.dry_run else arguments.target))
    return 0


def report(adoption: Adoption, target: str | None) -> str:
    """What is adopted, for people."""
    lines = [
        f"Spark checkpoint  {adoption.came_from}",
        f"query             {adoption.spark_query_id}",
        f"last commit       batch {adoption.batch_id}",
    ]
    for source in adoption.sources:
        lines += [f"source            {source.name}: {_where(source)}"]
    if adoption.planned is not None:
        lines += [
            f"NOT COMMITTED     batch {adoption.planned}, which Spark had planned: its rows are read again,",
            "                  and Spark's sink may have them",
            *(f"                  {line}" for source in adoption.sources for line in _open_range(source)),
        ]
    lines += [
        "nothing was made: a dry run"
        if target is None
        else f"adopted by        {target}: the first start of the query goes on there, as batch 0"
    ]
    return "\n".join(lines)


def _where(source: AdoptedSource) -> str:
    if source.end is None:
        return "had read nothing, and begins at its beginning"
    if "logOffset" not in source.end:
        return f"goes on at {json.dumps(source.end)}"
    if not source.seen:
        return "has read no file"
    newest = max(source.seen, key=lambda file: file.modified_ms)
    return f"goes on after {len(source.seen)} files, the newest {newest.uri}"


def _open_range(source: AdoptedSource) -> Iterator[str]:
    if source.planned_end is None or source.planned_end == source.end:
        return
    if source.open_files:
        yield from (f"{source.name}: {file.uri}" for file in source.open_files)
    else:
        yield f"{source.name}: {json.dumps(source.end)} to {json.dumps(source.planned_end)}"
