"""The node of `df.rdd`: partitions computed by the plan's engine, left as Arrow files, made rows in tasks."""

from __future__ import annotations

import shutil
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.errors import StreamcoreError
from streamcore.rdd.nodes import Node, PreparedNode, on_collection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa

    from streamcore.execution.parts import Parts
    from streamcore.scheduler.env import TaskEnv
    from streamcore.spi.types import StructType

_BATCH_ROWS = 10_000


class FrameNode(PreparedNode):
    """The rows of a DataFrame.

    Parameters
    ----------
    node_id
        The RDD's id.
    folder
        Where the files go; it is made with the first of them, and deleted with the node.
    plan
        Returns the parts of the result; called when somebody first asks for their number or their rows.
    schema
        The columns.

    A part is computed when a job first reads it. Its file then stays, so that later jobs and repeated tasks
    see the same rows; one that was lost is computed again for the next job.
    """

    def __init__(self, node_id: int, folder: Path, plan: Callable[[], Parts], schema: StructType) -> None:
        super().__init__(node_id, None, "MapPartitionsRDD")
        self._folder = folder
        self._plan: Callable[[], Parts] | None = plan
        self._schema = schema
        self._parts: Parts | None = None
        self._lock: threading.RLock | None = threading.RLock()
        on_collection(self, partial(shutil.rmtree, folder, ignore_errors=True))

    def count_partitions(self) -> int:
        """Ask how many parts there are, which computes none."""
        return self._planned().count

    def parents(self) -> Sequence[Node]:
        """Return nothing: the lineage goes on in the plan."""
        return ()

    def prepare(self, splits: Sequence[int]) -> None:
        """Compute those of the parts that have no file."""
        assert self._lock is not None
        with self._lock:
            if not self._missing(splits):
                return
            parts = self._planned()
            missing = self._missing(range(parts.count) if parts.together else splits)
            self._folder.mkdir(exist_ok=True)
            parts.compute(missing, partial(_write, self._folder))

    def _missing(self, splits: Iterable[int]) -> list[int]:
        return [split for split in dict.fromkeys(splits) if not self._path(split).exists()]

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the rows of a part."""
        import pyarrow as pa

        from streamcore.execution.rows import rows_of

        try:
            with pa.memory_map(str(self._path(split))) as file, pa.ipc.open_stream(file) as batches:
                for batch in batches:
                    env.metrics.rows_read += batch.num_rows
                    yield from rows_of(pa.Table.from_batches([batch]), self._schema)
        except (OSError, pa.ArrowInvalid) as error:
            raise StreamcoreError(
                f"partition {split} of a DataFrame's RDD was lost while a job ran ({error}); "
                "run the action again: it is computed again"
            ) from error

    def _planned(self) -> Parts:
        assert self._lock is not None
        with self._lock:
            if self._parts is None:
                assert self._plan is not None
                self._parts = self._plan()
            return self._parts

    def _path(self, split: int) -> Path:
        return _file(self._folder, split)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if self.checkpoint is not None:
            return state
        return {**state, "_plan": None, "_parts": None, "_lock": None}


def _file(folder: Path, split: int) -> Path:
    return folder / f"{split}.arrow"


def _write(folder: Path, split: int, table: pa.Table) -> None:
    import pyarrow as pa

    unfinished = folder / f"{split}.unfinished"
    with pa.OSFile(str(unfinished), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table, max_chunksize=_BATCH_ROWS)
    # The file appears whole or not at all.
    unfinished.replace(_file(folder, split))
