"""What stands behind a Context once an RDD is used: folder, engine, workers, ids, cleaning up."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from streamcore.duck.memory import BUDGET
from streamcore.rdd.accumulators import count_updates
from streamcore.rdd.callsite import call_site
from streamcore.rdd.checkpointing import Checkpoints
from streamcore.rdd.jobs import JobPlanner, all_shuffles, load_value
from streamcore.rdd.local_iterator import iterate
from streamcore.rdd.nodes import on_collection
from streamcore.rdd.properties import DESCRIPTION, GROUP, TAGS
from streamcore.rdd.shuffle.dependency import ShuffleDependency
from streamcore.rdd.shuffle.files import shuffle_folder
from streamcore.scheduler.dag import DagScheduler
from streamcore.scheduler.engine import Engine, JobRequest
from streamcore.scheduler.errors import JobCancelled
from streamcore.scheduler.messages import AddPaths, DropValue, WorkerConfig
from streamcore.scheduler.processes import ProcessExecutor
from streamcore.scheduler.progress import ProgressBar, wanted
from streamcore.scheduler.startup import start_calls
from streamcore.scheduler.threads import ThreadExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from streamcore.conf import Conf
    from streamcore.rdd.nodes import Node
    from streamcore.rdd.properties import LocalProperties
    from streamcore.scheduler.executor import Executor
    from streamcore.scheduler.messages import FileSlice
    from streamcore.scheduler.places import MapStatus
    from streamcore.scheduler.status import StatusStore


class Runtime:
    """The engine of one context and everything it leaves on disk.

    Parameters
    ----------
    conf
        The context's settings; read once.
    workers
        How many tasks run at once.
    status
        Where jobs are recorded.
    local
        What each driver thread says about its jobs.
    folder
        An empty folder that is the application's own; whoever gave it deletes it.
    memory_limit
        Bytes that workers and databases together may take; half of it is for the stores of the workers.
    """

    def __init__(
        self,
        conf: Conf,
        workers: int,
        status: StatusStore,
        local: LocalProperties,
        folder: Path,
        memory_limit: int,
    ) -> None:
        self._conf = conf
        self._workers = workers
        self._local = local
        self.fixed_parallelism = int(conf.get("spark.default.parallelism", "0")) or None
        self.folder = folder
        self.files = self.folder / "files"
        self.files.mkdir()
        self._task_memory = conf.byte_count("spark.python.worker.memory")
        fair = str(memory_limit // (2 * workers))
        self._store_memory = conf.byte_count("streamcore.storage.memory", fair)
        BUDGET.reserve(self, workers * (self._task_memory + self._store_memory))
        dag = DagScheduler(
            max_failures=_max_failures(conf),
            max_fetch_failures=conf.number("spark.stage.maxConsecutiveAttempts"),
            locality_wait=conf.seconds("spark.locality.wait"),
            workers=workers,
        )
        self.engine = Engine(dag, self._make_executor, status, count_updates)
        self._planner = JobPlanner(self.engine, status)
        self._rdd_ids = itertools.count()
        self._shuffle_ids = itertools.count()
        self._python_paths: list[str] = []
        self.checkpoints = Checkpoints(self.folder / "checkpoints", self.run, self.next_rdd_id)
        self._bar = ProgressBar(status, sys.stderr) if wanted(conf, sys.stderr) else None

    def next_rdd_id(self) -> int:
        """Return an id that no other RDD of this context has."""
        return next(self._rdd_ids)

    # ---- jobs ----

    def run(
        self,
        node: Node,
        function: Callable[[int, Iterator[Any]], Any],
        partitions: Sequence[int],
        action: str,
    ) -> list[Any]:
        """Apply a function to partitions of a node; return its values in the order of the partitions."""
        values: dict[int, bytes | FileSlice] = {}
        wanted_once = list(dict.fromkeys(partitions))
        if wanted_once:
            request = self._request(node, wanted_once, function, action, values.__setitem__)
            self.engine.run(request)
        self.checkpoints.after_job(node)
        return [load_value(values[partition]) for partition in partitions]

    def results_within(
        self, node: Node, function: Callable[[int, Iterator[Any]], Any], seconds: float
    ) -> tuple[list[Any], int]:
        """Return what a function gives for the partitions done after some seconds, and how many there are."""
        values: dict[int, bytes | FileSlice] = {}
        partitions = range(node.num_partitions)
        if partitions:
            request = self._request(node, partitions, function, "approximate", values.__setitem__)
            late = JobCancelled("the time for an approximate answer is over")
            timer = threading.Timer(seconds, self.engine.withdraw, (request.spec.job_id, late))
            timer.start()
            try:
                self.engine.run(request)
            except JobCancelled as error:
                if error is not late:
                    raise
            finally:
                timer.cancel()
        return [load_value(value) for value in list(values.values())], len(partitions)

    def iterate(self, node: Node, *, ahead: int) -> Iterator[Any]:
        """Iterate over the records of a node, with `ahead` more partitions than one in memory."""
        return iterate(partial(self.run, node), node.num_partitions, ahead)

    def _request(
        self,
        node: Node,
        partitions: Sequence[int],
        function: Callable[[int, Iterator[Any]], Any],
        action: str,
        deliver: Callable[[int, bytes | FileSlice], None],
    ) -> JobRequest:
        properties = self._local.all()
        name = f"{action} at {call_site()}"
        spec, stages = self._planner.plan(node, partitions, function, name)
        tags = frozenset(filter(None, properties.get(TAGS, "").split(",")))
        described = properties.get(DESCRIPTION, name)
        return JobRequest(spec, stages, described, deliver, properties.get(GROUP), tags, properties)

    # ---- shuffles ----

    def new_shuffle(
        self,
        parent: Node,
        partitions: int,
        writer: Callable[..., MapStatus],
        reader: Callable[..., Iterator[Any]],
    ) -> ShuffleDependency:
        """Return a shuffle whose files are deleted when the last RDD that reads it is gone."""
        dependency = ShuffleDependency(next(self._shuffle_ids), parent, partitions, writer, reader)
        on_collection(dependency, self._drop_shuffle, dependency.shuffle_id)
        return dependency

    def _drop_shuffle(self, shuffle: int) -> None:
        self.engine.forget_later(shuffle=shuffle)
        shutil.rmtree(shuffle_folder(self.folder, shuffle), ignore_errors=True)

    def clean_shuffles(self, node: Node) -> None:
        """Delete the output of every shuffle in a node's lineage."""
        for shuffle in all_shuffles(node):
            self.engine.forget_shuffle(shuffle)
            shutil.rmtree(shuffle_folder(self.folder, shuffle), ignore_errors=True)

    # ---- what workers keep ----

    def forget_blocks(self, rdd: int) -> None:
        """Drop the cached partitions of an RDD."""
        self.engine.forget_blocks(rdd)

    def forget_blocks_later(self, rdd: int) -> None:
        """Drop the cached partitions of an RDD soon; safe to call from a finalizer."""
        self.engine.forget_later(rdd=rdd)

    def forget_value(self, key: int) -> None:
        """Drop the workers' copies of a broadcast value."""
        self.engine.tell_workers(DropValue(key))

    def add_python_path(self, path: str) -> None:
        """Let workers, those to come too, import from a path."""
        self._python_paths.append(path)
        self.engine.tell_workers(AddPaths((path,)))

    def stop(self) -> None:
        """Fail what runs, end the workers."""
        self.engine.stop()
        if self._bar is not None:
            self._bar.stop()
        BUDGET.release(self)

    # ---- workers ----

    def _make_executor(self) -> Executor:
        python = self._conf.get("spark.pyspark.python", sys.executable)
        if self._conf.get("streamcore.executor", "processes").lower() == "threads":
            return ThreadExecutor(self._workers, self._worker_config)
        return ProcessExecutor(self._workers, self._worker_config, _executor_env(self._conf), python)

    def _worker_config(self, worker: int) -> WorkerConfig:
        return WorkerConfig(
            worker,
            str(self.folder),
            self._task_memory,
            self._store_memory,
            str(self.files),
            tuple(self._python_paths),
            start_calls(),
        )


def _max_failures(conf: Conf) -> int:
    """Return how often a task may fail: as `local[n, failures]` or the setting says, else once."""
    given = re.fullmatch(r"local\[[^,]+,\s*(\d+)\]", conf.get("spark.master", ""))
    return int(given[1]) if given else conf.number("spark.task.maxFailures")


def _executor_env(conf: Conf) -> dict[str, str]:
    prefix = "spark.executorEnv."
    return {key.removeprefix(prefix): value for key, value in conf.getAll() if key.startswith(prefix)}
