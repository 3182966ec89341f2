"""Context: the entry point of the RDD API (PySpark's `SparkContext`)."""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import time
import uuid
import weakref
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from streamcore import conf as settings
from streamcore.conf import Conf
from streamcore.duck.machine import machine_memory
from streamcore.duck.memory import BUDGET
from streamcore.duck.spill import spill_below, spill_no_more_below
from streamcore.errors import StreamcoreError
from streamcore.logging import configure, set_level
from streamcore.rdd import properties
from streamcore.rdd.hadoop.loading import HadoopFiles
from streamcore.rdd.properties import LocalProperties, check_tag
from streamcore.scheduler.errors import EngineStopped, JobCancelled
from streamcore.scheduler.folder import AppFolder
from streamcore.scheduler.slots import Labels, ThreadSlots
from streamcore.scheduler.status import StatusStore
from streamcore.spi.not_offered import NotOffered
from streamcore.storage.objects.given import give, take_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from streamcore.rdd.accumulators import Accumulator, AccumulatorParam
    from streamcore.rdd.broadcast import Broadcast
    from streamcore.rdd.rdd import RDD
    from streamcore.rdd.runtime import Runtime
    from streamcore.rdd.tracker import StatusTracker
    from streamcore.scheduler.engine import JobRequest

T = TypeVar("T")
U = TypeVar("U")


class Context(HadoopFiles):
    """One application: its settings, its slots and workers, and the record of its jobs.

    Parameters
    ----------
    master
        `local` (one task at a time), `local[n]`, `local[*]` (a task per core), or `local[n, failures]`
        with how often a task may fail. Default: `spark.master`, else `local[*]`.
    appName
        For people to read. Default: `spark.app.name`.
    sparkHome, serializer, gateway, jsc, profiler_cls, udf_profiler_cls, memory_profiler_cls
        Accepted for programs that pass them; there is no JVM, so they change nothing.
    pyFiles
        Files that tasks can import from; see `addPyFile`.
    environment
        Variables to set in the workers.
    batchSize
        Accepted; batches are chosen by size here.
    conf
        Settings; read once.

    Worker processes start with the first job on an RDD. Several contexts may be active at once.

    >>> with Context("local[2]", "doc") as sc:
    ...     sc.parallelize([1, 2, 3]).map(lambda x: x * x).sum()
    14
    """

    PACKAGE_EXTENSIONS: ClassVar[tuple[str, ...]] = (".zip", ".egg", ".jar")
    _active: ClassVar[Context | None] = None
    _lock: ClassVar[threading.RLock] = threading.RLock()

    dump_profiles = NotOffered("profile the processes with a sampling profiler")
    show_profiles = NotOffered("profile the processes with a sampling profiler")

    def __init__(
        self,
        master: str | None = None,
        appName: str | None = None,
        sparkHome: str | None = None,
        pyFiles: Sequence[str] | None = None,
        environment: dict[str, Any] | None = None,
        batchSize: int = 0,
        serializer: Any = None,
        conf: Conf | None = None,
        gateway: Any = None,
        jsc: Any = None,
        profiler_cls: Any = None,
        udf_profiler_cls: Any = None,
        memory_profiler_cls: Any = None,
    ) -> None:
        self._conf = (conf if conf is not None else Conf()).copy()
        self._conf.set("spark.master", master or self._conf.get("spark.master", "local[*]"))
        self._conf.set("spark.app.name", appName or self._conf.get("spark.app.name", "streamcore"))
        for key, value in (environment or {}).items():
            self._conf.setExecutorEnv(key, str(value))
        self.environment = dict(environment or {})
        self._started = time.time()
        self._id = f"local-{int(self._started * 1000)}-{uuid.uuid4().hex[:6]}"
        self._conf.set("spark.app.id", self._id)
        self._workers = parallelism(self._conf.get("spark.master", ""))
        self.status = StatusStore(
            self._conf.number("spark.ui.retainedJobs"), self._conf.number("spark.ui.retainedStages")
        )
        self._local = LocalProperties()
        self.slots = ThreadSlots(self._workers, self.status, self._labels)
        self._folder: AppFolder | None = None
        self._configure_log()
        give(dict(self._conf.getAll()))
        BUDGET.configure(self.memory_limit, self._workers)
        spill_below(self.folder)
        self.session_for: Callable[[Context], Any] | None = None
        self._stopped = False
        self._stopping_first: list[Callable[[], None]] = []
        self._opened: Runtime | None = None
        self._broadcast_ids = itertools.count()
        self._accumulator_ids = itertools.count()
        self._files_added: dict[str, None] = {}
        self._archives_added: dict[str, None] = {}
        self._checkpoint_folder: str | None = None
        atexit.register(_stop_at_exit, weakref.ref(self))
        with Context._lock:
            Context._active = self
        for path in pyFiles or ():
            self.addPyFile(path)

    @classmethod
    def getOrCreate(cls, conf: Conf | None = None) -> Context:
        """Return the context that was made last and still runs, or a new one.

        >>> Context.getOrCreate() is Context.getOrCreate()
        True
        """
        with Context._lock:
            if Context._active is None:
                Context(conf=conf)
            assert Context._active is not None
            return Context._active

    def stop(self) -> None:
        """Let queries end their batch, cancel what runs, end the workers, delete every temporary file.

        Can be called again.
        """
        with Context._lock:
            if Context._active is self:
                Context._active = None
            first, self._stopping_first = self._stopping_first, []
        for stop in first:
            stop()
        with Context._lock:
            opened, self._opened = self._opened, None
            self._stopped = True
        self.slots.stop()
        take_back(dict(self._conf.getAll()))
        if opened is not None:
            opened.stop()
        spill_no_more_below(self.folder)
        with Context._lock:
            folder, self._folder = self._folder, None
        if folder is not None:
            folder.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __reduce__(self) -> NoReturn:
        raise StreamcoreError(
            "a Context cannot be used in a task, or sent to a worker: it belongs to the driver"
        )

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    @classmethod
    def setSystemProperty(cls, key: str, value: str) -> None:
        """Set a default that every Conf made from now on starts from, if its name begins with `spark.`.

        >>> Context.setSystemProperty("spark.task.maxFailures", "3")
        >>> Conf().get("spark.task.maxFailures")
        '3'
        >>> Context.setSystemProperty("spark.task.maxFailures", "1")
        """
        settings.SYSTEM_PROPERTIES[key] = value

    @classmethod
    def getSystemProperty(cls, key: str) -> str | None:
        """Return what `setSystemProperty` set, or None."""
        return settings.SYSTEM_PROPERTIES.get(key)

    # ---- what it is ----

    @property
    def master(self) -> str:
        """Where tasks run."""
        return self._conf.get("spark.master", "")

    @property
    def appName(self) -> str:
        """The name of the application."""
        return self._conf.get("spark.app.name", "")

    @property
    def version(self) -> str:
        """The version of streamcore."""
        from streamcore.version import __version__

        return __version__

    @property
    def applicationId(self) -> str:
        """An id that no other application has."""
        return self._id

    @property
    def startTime(self) -> int:
        """When the context was made, in milliseconds since the epoch."""
        return int(self._started * 1000)

    @property
    def uiWebUrl(self) -> str | None:
        """The address of the dashboard, or None when none is served."""
        return None

    @property
    def defaultParallelism(self) -> int:
        """How many partitions `parallelize` makes when nothing is said."""
        return int(self._conf.get("spark.default.parallelism") or self._workers)

    @property
    def defaultMinPartitions(self) -> int:
        """How many partitions files are cut into at least."""
        return min(self.defaultParallelism, 2)

    @property
    def resources(self) -> dict[str, Any]:
        """The special resources of the driver: none."""
        return {}

    def getConf(self) -> Conf:
        """Return a copy of the settings."""
        return self._conf.copy()

    def sparkUser(self) -> str:
        """Return who runs the application."""
        import getpass

        return getpass.getuser()

    def setLogLevel(self, logLevel: str) -> None:
        """Set how much the `streamcore` loggers say: ALL, DEBUG, INFO, WARN, ERROR, FATAL, OFF, TRACE."""
        set_level(logLevel)

    def statusTracker(self) -> StatusTracker:
        """Return PySpark's view of `status`."""
        from streamcore.rdd.tracker import StatusTracker

        return StatusTracker(self.status)

    # ---- what tasks share ----

    def broadcast(self, value: T) -> Broadcast[T]:
        """Return a read-only variable that goes to each worker once.

        >>> words = sc.broadcast({"a": 1})
        >>> sc.parallelize(["a"]).map(lambda word: words.value[word]).collect()
        [1]
        """
        from streamcore.rdd.broadcast import Broadcast

        runtime = self.runtime
        return Broadcast(next(self._broadcast_ids), value, runtime.folder, runtime.forget_value)

    def accumulator(self, value: T, accum_param: AccumulatorParam[T] | None = None) -> Accumulator[T]:
        """Return a variable that tasks add to and the driver reads.

        `accum_param` says how values are added; numbers need none.

        >>> total = sc.accumulator(9)
        >>> sc.parallelize([1, 2]).foreach(total.add)
        >>> total.value
        12
        """
        from streamcore.rdd.accumulators import Accumulator, param_for

        return Accumulator(next(self._accumulator_ids), value, accum_param or param_for(value))

    def addFile(self, path: str, recursive: bool = False) -> None:
        """Copy a file (a folder, if `recursive`) to where tasks find it by `SparkFiles.get(name)`.

        What was added once is not copied again.
        """
        from streamcore.rdd.shared_files import address, copy_in

        if address(path) not in self._files_added:
            copy_in(path, self.runtime.files, recursive=recursive)
            self._files_added[address(path)] = None

    def addPyFile(self, path: str) -> None:
        """Let tasks, and the driver, import from a module, a zip or an egg."""
        from streamcore.rdd.shared_files import address, copy_in, import_from, importable_path

        copied = copy_in(path, self.runtime.files, recursive=True)
        self._files_added[address(path)] = None
        importable = importable_path(copied, self.PACKAGE_EXTENSIONS)
        import_from(importable)
        self.runtime.add_python_path(importable)

    def addArchive(self, path: str) -> None:
        """Unpack a zip or tar archive to where tasks find it by `SparkFiles.get(name)`."""
        from streamcore.rdd.shared_files import address, unpack_in

        if address(path) not in self._archives_added:
            unpack_in(path, self.runtime.files)
            self._archives_added[address(path)] = None

    @property
    def listFiles(self) -> list[str]:
        """The addresses of what `addFile` and `addPyFile` added."""
        return list(self._files_added)

    @property
    def listArchives(self) -> list[str]:
        """The addresses of what `addArchive` added."""
        return list(self._archives_added)

    # ---- jobs ----

    def runJob(
        self,
        rdd: RDD[T],
        partitionFunc: Callable[[Iterator[T]], Iterable[U]],
        partitions: Sequence[int] | None = None,
        allowLocal: bool = False,
    ) -> list[U]:
        """Apply a function to some partitions and return the chained results.

        >>> sc.runJob(sc.parallelize(range(6), 3), lambda part: [x * x for x in part], [0, 2])
        [0, 1, 16, 25]
        """
        from streamcore.rdd.kernels import whole_listed

        chosen = range(rdd.getNumPartitions()) if partitions is None else partitions
        parts = self.runtime.run(rdd.node, partial(whole_listed, partitionFunc), chosen, "runJob")
        return [record for part in parts for record in part]

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Put the jobs that this thread starts from now on into a group.

        >>> sc.setJobGroup("etl", "the nightly load")
        >>> sc.getLocalProperty("spark.jobGroup.id")
        'etl'
        >>> sc.setLocalProperty("spark.jobGroup.id", None)
        """
        self._local.set(properties.GROUP, groupId)
        self._local.set(properties.DESCRIPTION, description)
        self.setInterruptOnCancel(interruptOnCancel)

    def setInterruptOnCancel(self, interruptOnCancel: bool) -> None:
        """Accepted: a cancelled task is ended together with its worker in any case."""
        self._local.set(properties.INTERRUPT, str(interruptOnCancel).lower())

    def setJobDescription(self, value: str) -> None:
        """Describe the jobs that this thread starts from now on."""
        self._local.set(properties.DESCRIPTION, value)

    def addJobTag(self, tag: str) -> None:
        """Tag the jobs that this thread starts from now on.

        >>> sc.addJobTag("nightly")
        >>> sc.getJobTags()
        {'nightly'}
        >>> sc.clearJobTags()
        """
        self._local.set_tags(self._local.tags() | {check_tag(tag)})

    def removeJobTag(self, tag: str) -> None:
        """Stop tagging the jobs that this thread starts."""
        self._local.set_tags(self._local.tags() - {check_tag(tag)})

    def getJobTags(self) -> set[str]:
        """Return the tags of this thread's jobs."""
        return set(self._local.tags())

    def clearJobTags(self) -> None:
        """Stop tagging this thread's jobs."""
        self._local.set_tags(frozenset())

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Set a property that the tasks of this thread's jobs can read; None removes it."""
        self._local.set(key, value)

    def getLocalProperty(self, key: str) -> str | None:
        """Return a property of this thread, or None."""
        return self._local.get(key)

    def cancelJobGroup(self, groupId: str) -> None:
        """Cancel the running jobs of a group; who waits for one gets JobCancelled."""
        self._cancel(lambda job: job.group == groupId, f"job group {groupId} was cancelled")

    def cancelJobsWithTag(self, tag: str) -> None:
        """Cancel the running jobs with a tag."""
        check_tag(tag)
        self._cancel(lambda job: tag in job.tags, f"jobs with tag {tag} were cancelled")

    def cancelAllJobs(self) -> None:
        """Cancel all running jobs."""
        self._cancel(lambda _: True, "all jobs were cancelled")

    # ---- checkpoints ----

    def setCheckpointDir(self, dirName: str) -> None:
        """Set the folder below which `RDD.checkpoint` saves."""
        from streamcore.rdd.files import local_path

        folder = os.path.abspath(os.path.join(local_path(dirName), uuid.uuid4().hex))  # noqa: PTH100, PTH118
        os.makedirs(folder)  # noqa: PTH103
        self._checkpoint_folder = folder
        self.runtime.checkpoints.set_folder(folder)

    def getCheckpointDir(self) -> str | None:
        """Return the folder below which `RDD.checkpoint` saves, or None."""
        return self._checkpoint_folder

    # ---- for RDDs, and for those who build on them ----

    def before_stop(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the context is stopped, at the end of the program too, before its slots end."""
        self._stopping_first.append(stop)

    def _configure_log(self) -> None:
        level, form = self._conf.get("spark.log.level"), self._conf.get("spark.streamcore.log.format")
        if form is not None:
            configure(form, level or "INFO")
        elif level is not None:
            set_level(level)

    def folder(self) -> Path:
        """The private folder of this application; it is gone when the context has stopped."""
        with Context._lock:
            if self._folder is None:
                self._folder = AppFolder(self._conf.get("spark.local.dir"))
            return self._folder.path

    @property
    def memory_limit(self) -> int:
        """How many bytes the databases of this process, its state, caches and workers' stores may take."""
        return self._conf.share_or_bytes("spark.streamcore.memory.limit", machine_memory())

    @property
    def shutdown_timeout(self) -> float:
        """How many seconds streaming queries have for their batch when the context stops."""
        return self._conf.seconds("spark.streamcore.shutdown.timeout")

    @property
    def runtime(self) -> Runtime:
        """The engine behind the RDDs of this context; made when first asked for."""
        if self._opened is None:
            from streamcore.rdd.runtime import Runtime
            from streamcore.scheduler.env import current_task

            with Context._lock:
                if self._stopped:
                    raise EngineStopped("the context was stopped; make a new one")
                if current_task() is not None:
                    raise StreamcoreError("a Context belongs to the driver; a task cannot use one")
                if self._opened is None:
                    parts = self._conf, self._workers, self.status, self._local
                    self._opened = Runtime(*parts, self.folder(), self.memory_limit)
        return self._opened

    @property
    def session(self) -> Any:
        """The Session that `RDD.toDF` makes DataFrames in."""
        if self.session_for is None:
            raise StreamcoreError("toDF needs a Session: make one with Session.builder.getOrCreate()")
        return self.session_for(self)

    @contextmanager
    def job_group(self, group: str, description: str, interrupt: bool = False) -> Iterator[None]:
        """Put the jobs that this thread starts within the block into a group."""
        before = {key: self._local.get(key) for key in (properties.GROUP, properties.DESCRIPTION)}
        self.setJobGroup(group, description, interrupt)
        try:
            yield
        finally:
            for key, value in before.items():
                self._local.set(key, value)

    def _labels(self) -> Labels:
        return Labels(self._local.get(properties.GROUP), self._local.tags())

    def _cancel(self, wanted: Callable[[JobRequest | Labels], bool], reason: str) -> None:
        if self._opened is not None:
            self._opened.engine.withdraw_where(wanted, JobCancelled(reason))
        self.slots.cancel(wanted, JobCancelled(reason))


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


def _stop_at_exit(reference: weakref.ref[Context]) -> None:
    context = reference()
    if context is not None:
        context.stop()
