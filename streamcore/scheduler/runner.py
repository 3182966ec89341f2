"""Runs tasks in a worker: code in, report out. Knows nothing of how either travels."""

from __future__ import annotations

import importlib
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.blocks import BlockStore
from streamcore.scheduler.env import FetchLost, TaskEnv, set_current_task
from streamcore.scheduler.messages import (
    AddPaths,
    Command,
    CouldNotFetch,
    DropBlocks,
    DropValue,
    FileSlice,
    ForgetStages,
    Raised,
    Report,
    RunTask,
    Succeeded,
    WorkerConfig,
)
from streamcore.scheduler.places import MapStatus
from streamcore.scheduler.serial import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGE_RESULT = 1 << 20


class TaskRunner:
    """One worker's code, caches and stores; runs one task at a time.

    A stage's code is a callable that takes (partition, TaskEnv) and returns the task's value.
    """

    def __init__(self, config: WorkerConfig) -> None:
        self._config = config
        self._folder = Path(config.folder)
        self._stages: dict[int, bytes] = {}
        self._values: dict[int, Any] = {}
        _add_paths(config.paths)
        own = self._folder / f"worker-{config.worker_id}"
        self._blocks = BlockStore(own, config.storage_memory)

    def obey(self, command: Command) -> Report | None:
        """Carry out a command; the report of a task, or None for a command that has none."""
        if isinstance(command, RunTask):
            return self._run(command)
        if isinstance(command, ForgetStages):
            for stage_id in command.stage_ids:
                self._stages.pop(stage_id, None)
        elif isinstance(command, DropBlocks):
            self._blocks.drop_rdd(command.rdd)
        elif isinstance(command, DropValue):
            self._values.pop(command.key, None)
        elif isinstance(command, AddPaths):
            _add_paths(command.paths)
        return None

    def _run(self, command: RunTask) -> Report:
        env = TaskEnv(
            command.task_id,
            command.stage_id,
            command.partition,
            command.attempt,
            command.inputs,
            self._folder,
            self._config.task_memory,
            self._blocks,
            self._values,
            command.properties,
            together=command.together,
        )
        started = time.perf_counter()
        set_current_task(env)
        try:
            value = self._code(command)(command.partition, env)
            payload = self._payload(value, env)
            updates = dumps(env.updates) if env.updates else None
        except FetchLost as lost:
            return CouldNotFetch(command.task_id, lost.shuffle, lost.paths, str(lost))
        except BaseException as error:  # noqa: BLE001 - it is reported to the driver
            return self._raised(env, error)
        finally:
            for action in env.at_end:
                action()
            set_current_task(None)
            env.metrics.run_seconds = time.perf_counter() - started
            env.metrics.spilled_bytes += self._blocks.spilled_bytes
            self._blocks.spilled_bytes = 0
        stored, dropped = self._blocks.take_changes()
        return Succeeded(command.task_id, payload, updates, env.metrics, stored, dropped)

    def _code(self, command: RunTask) -> Callable[[int, TaskEnv], Any]:
        if command.code is not None:
            self._stages[command.stage_id] = command.code
        # Unpickled for each task: what a function does to its closure must not reach the next task.
        code: Callable[[int, TaskEnv], Any] = loads(self._stages[command.stage_id])
        return code

    def _payload(self, value: object, env: TaskEnv) -> bytes | FileSlice | MapStatus:
        if isinstance(value, MapStatus):
            return value
        data = dumps(value)
        env.metrics.result_bytes = len(data)
        if len(data) < _LARGE_RESULT:
            return data
        path = self._folder / f"result-{env.task_id}"
        path.write_bytes(data)
        return FileSlice(str(path), 0, len(data))

    def _raised(self, env: TaskEnv, error: BaseException) -> Raised:
        # What was cached on the way stays, but the driver is not told: it asks for it again.
        _, dropped = self._blocks.take_changes()
        text = "".join(traceback.format_exception(error))
        message = f"{type(error).__name__}: {error}"
        return Raised(env.task_id, message, text, _try_dumps(error), env.metrics, dropped)


def _add_paths(paths: tuple[str, ...]) -> None:
    sys.path[:0] = [path for path in paths if path not in sys.path]
    importlib.invalidate_caches()


def _try_dumps(error: BaseException) -> bytes | None:
    try:
        data = dumps(error)
        loads(data)
    except Exception:  # noqa: BLE001 - an exception may refuse to travel in any way it likes
        return None
    return data
