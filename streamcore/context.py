"""Context: the entry point of the RDD API (PySpark's `SparkContext`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from streamcore.conf import Conf
from streamcore.scheduler.slots import ThreadSlots
from streamcore.scheduler.status import StatusStore

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Context:
    """One application: its settings, its slots and workers, and the record of its jobs.

    >>> with Context("local[2]", "doc") as sc:
    ...     sc.slots.run([lambda slot: 1 + 1], name="sum")
    [2]
    """

    def __init__(
        self, master: str | None = None, appName: str | None = None, conf: Conf | None = None
    ) -> None:
        self._conf = (conf or Conf()).copy()
        self._conf.set("spark.master", master or self._conf.get("spark.master", "local[*]"))
        self._conf.set("spark.app.name", appName or self._conf.get("spark.app.name", "streamcore"))
        self.status = StatusStore()
        self.slots = ThreadSlots(parallelism(self._conf.get("spark.master", "")), self.status)

    def stop(self) -> None:
        """Stop the slots; a stopped context runs nothing any more."""
        self.slots.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def parallelism(master: str) -> int:
    """Return how many tasks run at once under `master`.

    >>> parallelism("local"), parallelism("local[3]"), parallelism("local[2,4]")
    (1, 3, 2)
    """
    if master == "local":
        return 1
    if master.startswith("local[") and master.endswith("]"):
        cores = master[6:-1].split(",", maxsplit=1)[0].strip()
        if cores == "*":
            return os.cpu_count() or 1
        if cores.isdigit() and int(cores) > 0:
            return int(cores)
    raise ValueError(f"spark.master must be local, local[n] or local[*], not {master!r}")
