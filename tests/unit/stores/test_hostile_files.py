"""A state file whose every checksum is right, and whose bytes are not: an error or rows, never a crash."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace

import pyarrow as pa
import pytest

from streamcore.checkpoint.run_index import RunIndex, index_of
from streamcore.checkpoint.state_files import StateFile
from streamcore.errors import CheckpointCorrupted, CheckpointMismatch
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.run_file import RunData
from streamcore.execution.stores.runs import Run
from streamcore.execution.stores.store import Store, StoreChange
from streamcore.execution.stores.view import StoreView
from streamcore.storage.memory import MemoryStorage
from tests.unit.stores.kit import Later, files_in

WINDOW = pa.struct([("start", pa.timestamp("us", "UTC")), ("end", pa.timestamp("us", "UTC"))])
LAYOUT = StoreLayout(
    pa.schema(
        [
            ("c0", WINDOW),
            ("c1", pa.string()),
            ("c2 list", pa.list_(pa.string())),
            ("c3 map", pa.map_(pa.string(), pa.int64())),
            ("c4 sum", pa.decimal128(20, 2)),
            ("expiry_us", pa.int64()),
        ]
    ),
    (0, 1),
    5,
)


def written() -> tuple[StateFile, bytes]:
    rows = [
        {
            "c0": {"start": n, "end": n + 10},
            "c1": f"key {n}" if n % 5 else None,
            "c2 list": ["a", None, "long enough for eight"][: n % 4],
            "c3 map": [("x", n), ("y", None)],
            "c4 sum": n,
            "expiry_us": n % 7 if n % 3 else None,
        }
        for n in range(40)
    ]
    table = pa.Table.from_pylist(rows, LAYOUT.schema)
    storage = MemoryStorage()
    store = Store(LAYOUT, files_in(storage), Later())
    removed = LAYOUT.hashes_of(table.slice(35))
    put = HashedRows(LAYOUT.hashes_of(table.slice(0, 35)), table.slice(0, 35))
    (run,) = store.stage(StoreChange(put, removed=removed), 0).runs
    return run.file, storage.get(run.file.path)


def sealed(file: StateFile, data: bytes) -> tuple[StateFile, bytes]:
    """The file with all checksums made anew over its blocks as they are."""
    index = index_of(memoryview(data[: -file.index_size] + written()[1][-file.index_size :]), file)
    blocks = tuple(replace(b, crc32=zlib.crc32(data[b.start : b.start + b.size])) for b in index.blocks)
    made = RunIndex(
        index.schema_size, zlib.crc32(data[: index.schema_size]), blocks, index.floor_us, index.living
    )
    text = made.to_bytes()
    whole = data[: -file.index_size] + text
    return replace(file, size=len(whole), index_size=len(text), crc32=zlib.crc32(text)), whole


def use(file: StateFile, data: bytes) -> bool:
    """Everything that a batch does to a run; False when it is refused."""
    try:
        run = Run(RunData(file, memoryview(data), LAYOUT, is_known=False))
        view = StoreView.of(LAYOUT, [run], 0)
        due = view.due(5)
        view.evicted(due)
        rows = view.rows()
        view.lookup(distinct(LAYOUT.hashes_of(rows)))
        rows.combine_chunks().validate(full=True)
    except (CheckpointCorrupted, CheckpointMismatch):
        return False
    return True


def test_a_whole_file_is_used() -> None:
    file, data = written()
    assert use(file, data)
    assert use(*sealed(file, data))


@pytest.mark.parametrize("seed", range(4))
def test_a_sealed_file_with_other_bytes_is_refused_or_read_and_never_crashes(seed: int) -> None:
    draw = random.Random(seed)
    file, data = written()
    end = len(data) - file.index_size
    refused = 0
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(draw.choice([1, 1, 2, 8])):
            changed[draw.randrange(end)] = draw.choice([0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)])
        refused += not use(*sealed(file, bytes(changed)))
    assert refused > 10


@pytest.mark.parametrize(
    "changed",
    [
        {"floor_us": 1 << 63},
        {"living": -1},
        {"schema_size": -8},
        {"schema_size": 1 << 40},
        {"blocks": ()},
    ],
    ids=str,
)
def test_a_sealed_index_that_does_not_fit_is_refused(changed: dict[str, object]) -> None:
    file, data = written()
    index = replace(index_of(memoryview(data), file), **changed)  # type: ignore[arg-type]
    text = index.to_bytes()
    whole = data[: -file.index_size] + text
    assert not use(replace(file, size=len(whole), index_size=len(text), crc32=zlib.crc32(text)), whole)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"null", b"\xff", b'{"hash":"fold64-1"}', b"[" * 100_000, b"1" * 10_000]
)
def test_a_sealed_index_that_is_none_is_refused(text: bytes) -> None:
    file, data = written()
    whole = data[: -file.index_size] + text
    assert not use(replace(file, size=len(whole), index_size=len(text), crc32=zlib.crc32(text)), whole)
