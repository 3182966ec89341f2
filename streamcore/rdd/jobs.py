"""From lineage to jobs: cuts a node's lineage into stages and runs them on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.rdd.nodes import PreparedNode, Reads, walk
from streamcore.scheduler.engine import JobRequest, StageCode, TaskReads
from streamcore.scheduler.env import read_slice
from streamcore.scheduler.model import JobSpec, StageSpec
from streamcore.scheduler.places import BlockId
from streamcore.scheduler.serial import dumps_code, loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from streamcore.rdd.nodes import Node
    from streamcore.rdd.shuffle.dependency import ShuffleDependency
    from streamcore.scheduler.engine import Engine
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.messages import FileSlice
    from streamcore.scheduler.places import MapStatus
    from streamcore.scheduler.status import StatusStore


class ResultTask:
    """The code of a result stage: a function over a partition, whose value goes to the driver."""

    def __init__(self, node: Node, function: Callable[[int, Iterator[Any]], Any]) -> None:
        self._node = node
        self._function = function

    def __call__(self, split: int, env: TaskEnv) -> Any:
        return self._function(split, self._node.iterator(split, env))


class MapTask:
    """The code of a map stage: writes a partition's shuffle output."""

    def __init__(self, dependency: ShuffleDependency) -> None:
        self._node = dependency.parent
        self._shuffle = dependency.shuffle_id
        self._write = dependency.writer

    def __call__(self, split: int, env: TaskEnv) -> MapStatus:
        return self._write(self._node.iterator(split, env), env, self._shuffle, split)


class JobPlanner:
    """Cuts lineages into stages."""

    def __init__(self, engine: Engine, status: StatusStore) -> None:
        self._engine = engine
        self._status = status

    def plan(
        self, node: Node, partitions: Sequence[int], function: Callable[[int, Iterator[Any]], Any], name: str
    ) -> tuple[JobSpec, Mapping[int, StageCode]]:
        """Return the job that applies `function` to `partitions` of `node`, and the code of its stages.

        The code of stages that are going to run is pickled now, so that what cannot be pickled is an
        error in the caller's own thread.
        """
        dependencies = all_shuffles(node)
        complete = self._engine.complete_shuffles(
            {s: dep.parent.num_partitions for s, dep in dependencies.items()}
        )
        held = self._engine.held_blocks()
        codes: dict[int, StageCode] = {}
        maps: dict[int, StageSpec] = {}
        for shuffle in sorted(dependencies):
            dependency = dependencies[shuffle]
            parent = dependency.parent
            spec = self._spec(parent, range(parent.num_partitions), shuffle, held)
            maps[shuffle] = spec
            pickled = _pickled_later(MapTask(dependency))
            codes[spec.stage_id] = StageCode(parent.kind, pickled, _reader(parent), _together(parent, spec))
        result = self._spec(node, partitions, None, held)
        data = dumps_code(ResultTask(node, function))
        codes[result.stage_id] = StageCode(name, lambda: data, _reader(node), _together(node, result))
        job = JobSpec(self._status.next_job_id(), result, maps)
        needed = needed_shuffles(job, complete)
        for shuffle in needed:
            codes[maps[shuffle].stage_id].code()
        _prepare(node, partitions, held)
        for shuffle in sorted(needed):
            _prepare(dependencies[shuffle].parent, maps[shuffle].partitions, held)
        return job, codes

    def _spec(
        self, node: Node, partitions: Sequence[int], shuffle: int | None, held: set[BlockId]
    ) -> StageSpec:
        parents, needs = stage_shuffles(node, held)
        cached = any(at.level.keeps for at in walk(node) if at.checkpoint is None)
        blocks = {p: _blocks(node, p) for p in partitions} if cached else {}
        together = any(at.kind == "BarrierRDD" for at in walk(node))
        return StageSpec(
            self._status.next_stage_id(), tuple(partitions), shuffle, parents, needs, blocks, together
        )


def run_job(
    engine: Engine,
    request_of: Callable[[Callable[[int, bytes | FileSlice], None]], JobRequest],
    partitions: Iterable[int],
) -> list[Any]:
    """Run the job that `request_of` makes around a deliverer; return its values by partition."""
    values: dict[int, bytes | FileSlice] = {}
    engine.run(request_of(values.__setitem__))
    return [load_value(values.pop(partition)) for partition in partitions]


def load_value(value: bytes | FileSlice) -> Any:
    """Return what a task returned; a file it came in is deleted."""
    if isinstance(value, bytes):
        return loads(value)
    data = read_slice(value)
    discard_value(value)
    return loads(data)


def discard_value(value: bytes | FileSlice) -> None:
    """Delete the file that a value came in, if it came in one."""
    if not isinstance(value, bytes):
        from pathlib import Path

        Path(value.path).unlink(missing_ok=True)


def all_shuffles(node: Node) -> dict[int, ShuffleDependency]:
    """Return every shuffle in a node's lineage."""
    found: dict[int, ShuffleDependency] = {}
    todo = [node]
    while todo:
        for at in walk(todo.pop()):
            for dependency in at.sources()[1]:
                if dependency.shuffle_id not in found:
                    found[dependency.shuffle_id] = dependency
                    todo.append(dependency.parent)
    return found


def stage_shuffles(node: Node, held: set[BlockId]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shuffles that a stage ending in `node` may read, and those it reads for sure.

    What lies behind a node whose partitions are all cached is not needed.
    """
    may = {dep.shuffle_id for at in walk(node) for dep in at.sources()[1]}
    needs: set[int] = set()
    seen: set[int] = set()
    todo = [node]
    while todo:
        at = todo.pop()
        if at.id in seen or _all_held(at, held):
            continue
        seen.add(at.id)
        parents, shuffles = at.sources()
        needs.update(dep.shuffle_id for dep in shuffles)
        todo.extend(parents)
    return tuple(sorted(may)), tuple(sorted(needs))


def needed_shuffles(job: JobSpec, complete: set[int]) -> set[int]:
    """Return the shuffles whose map stages will run."""
    found: set[int] = set()
    todo = [job.result]
    while todo:
        for shuffle in todo.pop().needs:
            if shuffle not in complete and shuffle not in found:
                found.add(shuffle)
                todo.append(job.maps[shuffle])
    return found


def _all_held(node: Node, held: set[BlockId]) -> bool:
    return node.level.keeps and all(BlockId(node.id, p) in held for p in range(node.num_partitions))


def _blocks(node: Node, partition: int) -> list[BlockId]:
    reads = Reads()
    node.note_reads(partition, reads)
    return reads.blocks


def _prepare(node: Node, partitions: Iterable[int], held: set[BlockId]) -> None:
    """Let the driver make what these partitions read and no worker keeps."""
    if not any(isinstance(at, PreparedNode) for at in walk(node)):
        return
    reads = Reads(held)
    for partition in partitions:
        node.note_reads(partition, reads)
    for prepared, splits in reads.prepared.items():
        prepared.prepare(splits)


def _reader(node: Node) -> Callable[[int], TaskReads]:
    def reads(partition: int) -> TaskReads:
        found = Reads()
        node.note_reads(partition, found)
        return TaskReads(found.data, found.shuffles)

    return reads


def _pickled_later(code: object) -> Callable[[], bytes]:
    data: list[bytes] = []

    def pickled() -> bytes:
        if not data:
            data.append(dumps_code(code))
        return data[0]

    return pickled


def _together(node: Node, spec: StageSpec) -> int:
    return node.num_partitions if spec.together else 0
