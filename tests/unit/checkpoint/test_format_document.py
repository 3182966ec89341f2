"""docs/checkpoint-format.md shows real files: what it prints is what is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, OffsetRange, OffsetRecord, OperatorIntent
from streamcore.checkpoint.adopting import AdoptedSource, Adoption, write_adopted
from streamcore.checkpoint.plans import digest_of
from streamcore.sources.files.adopting import keep_files_read
from streamcore.storage.canonical import canonical
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.clock import ManualClock
from tests.unit.checkpoint.content import write_bytes

DOCUMENT = Path(__file__).parents[3] / "docs" / "checkpoint-format.md"
SHOWN = dict(re.findall(r"<!-- file: (\S+) -->\n```\n(.*?)```\n", DOCUMENT.read_text(), re.DOTALL))
EXAMPLE_PLAN = {
    "operators": {
        "count": {
            "aggregates": ["COUNT(1)"],
            "closes_by": None,
            "inputs": [["clicks"]],
            "keys": ["`ad_id` bigint"],
            "kind": "aggregation",
            "number": 0,
            "operator": "stateStoreSave",
            "stores": {
                "default": {
                    "expires": None,
                    "key": [["ad_id", "c0", None, "long"]],
                    "only_adds": False,
                    "value": [["count", "c1 count~count", None, "long"]],
                }
            },
        }
    },
    "output_mode": "update",
    "retired": {},
    "sources": {"clicks": {"format": "kafka", "named": True, "place": "KafkaV2[Subscribe[ads]]"}},
}


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> MemoryStorage:
    monkeypatch.setattr("os.getpid", lambda: 4711)
    storage = MemoryStorage()
    run_id, query_id = "b1946ac9-2490-4f6a-9b5e-0c1d5d8f7a11", "5d1b0b9e-52c4-4c55-9df8-0c7d6f5d1a20"
    with Checkpoint.open(storage, ManualClock(1_763_700_000_000), run_id, lambda: query_id) as checkpoint:
        clicks = OffsetRange({"ads": {"0": 0, "1": 0}}, {"ads": {"0": 512, "1": 498}})
        checkpoint.write_offsets(
            OffsetRecord(
                0,
                {"clicks": clicks},
                batch_time_ms=1_763_700_000_250,
                operators={"count": OperatorIntent(partitions=1)},
                plan=checkpoint.write_plan(EXAMPLE_PLAN),
                pinned={"spark.sql.session.timeZone": "UTC"},
            )
        )
        file = write_bytes(checkpoint, "count", 0, b"example", rows=42)
        body = CommitBody(
            query_id,
            0,
            (file,),
            next_watermark_ms=1_763_699_990_000,
            watermarks={"clicks": 1_763_699_990_000},
            watermark_out={"count": 0},
            source_rows={"clicks": 1010},
            output_rows=0,
        )
        checkpoint.write_commit(body.record())
        checkpoint.rewind_to(0)
    storage.replace("adopted", _adopted(query_id))
    return storage


def _adopted(query_id: str) -> bytes:
    """Another checkpoint's: one that has been adopted has not begun otherwise."""
    other = MemoryStorage()
    source = AdoptedSource("clicks", {"ads": {"0": 512, "1": 498}})
    adoption = Adoption("/srv/spark/clicks", "0a1e6a5e-6f5e-44b0-8c33-3f7f2c1b9d10", 41, None, (source,))
    write_adopted(other, adoption, keep_files_read, 0, lambda: query_id)
    return other.get("adopted")


PLAN = "plans/" + digest_of(canonical(EXAMPLE_PLAN))
FILES = ["metadata", "adopted", "lease/1", "offsets/0", "commits/0", "rewound", PLAN]


@pytest.mark.parametrize("path", FILES)
def test_the_document_shows_the_bytes_that_are_written(storage: MemoryStorage, path: str) -> None:
    assert SHOWN[path].encode() == storage.get(path)
