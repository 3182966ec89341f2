"""A program that reads runs whose every checksum is right and whose content is hostile: run by a test.

A crash of this process is what the test looks for; an error other than a refusal ends it with a traceback.
"""

from __future__ import annotations

import random
import struct
import sys
import zlib
from dataclasses import replace

import numpy as np

from streamcore.checkpoint.run_index import AT_ONCE, END_OF_STREAM, RunIndex
from streamcore.checkpoint.state_files import StateFile
from streamcore.errors import CheckpointCorrupted, CheckpointMismatch
from streamcore.execution.stores.run_file import RunData
from streamcore.execution.stores.store import Store
from streamcore.storage.memory import MemoryStorage
from tests.unit.stores.kit import EXPIRING, AtOnce, commit, files_in

_EVIL = (0, 1, -1, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 8, 64)


def whole_run() -> tuple[StateFile, bytes]:
    storage = MemoryStorage()
    store = Store(EXPIRING, files_in(storage), AtOnce())
    commit(store, 0, {n: (n, n if n % 3 else None) for n in range(50)}, set(), None)
    (run,) = store.view.runs
    return run.file, storage.get(run.file.path)


def resealed(file: StateFile, data: bytes, index: RunIndex) -> tuple[StateFile, bytes]:
    """The bytes with every checksum made right again."""
    blocks = [replace(b, crc32=zlib.crc32(data[b.start : b.start + b.size])) for b in index.blocks]
    schema_crc32 = zlib.crc32(data[: index.schema_size])
    tail = replace(index, blocks=tuple(blocks), schema_crc32=schema_crc32).to_bytes()
    end = blocks[-1].start + blocks[-1].size
    sealed = data[:end] + END_OF_STREAM + tail
    return replace(file, size=len(sealed), index_size=len(tail), crc32=zlib.crc32(tail)), sealed


def mutated(data: bytes, end: int, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(end - 8)
        match chance.randrange(4):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place] = chance.randrange(256)
            case 2:
                aligned = place - place % 4
                changed[aligned : aligned + 4] = struct.pack("<q", chance.choice(_EVIL))[:4]
            case _:
                aligned = place - place % 8
                changed[aligned : aligned + 8] = struct.pack("<q", chance.choice(_EVIL))
    return bytes(changed)


def use(file: StateFile, data: bytes) -> None:
    """Everything that is asked of a block."""
    run = RunData(file, memoryview(data), EXPIRING, is_known=False)
    for number, entry in enumerate(run.index.blocks):
        block = run.block(number)
        block.rows.to_pylist()
        _ = (block.removed, block.removals, block.distinct, block.expiry, block.due, block.memory_bytes)
        wanted = np.array([entry.first, entry.last], dtype=np.uint64)
        block.find(np.unique(wanted))


def main(count: int) -> None:
    file, data = whole_run()
    index = RunData(file, memoryview(data), EXPIRING, is_known=False).index
    use(*resealed(file, data, index))
    end = index.blocks[-1].start + index.blocks[-1].size
    refused = 0
    for seed in range(count):
        chance = random.Random(seed)
        hostile = mutated(data, end, chance)
        other = index
        if seed % 5 == 0:
            block = replace(
                index.blocks[0], **{chance.choice(["rows", "first", "latest"]): chance.choice(_EVIL)}
            )
            other = replace(index, blocks=(block,), living=chance.choice(_EVIL), floor_us=AT_ONCE)
        try:
            use(*resealed(file, hostile, other))
        except (CheckpointCorrupted, CheckpointMismatch):
            refused += 1
    print(refused)


if __name__ == "__main__":
    main(int(sys.argv[1]))
