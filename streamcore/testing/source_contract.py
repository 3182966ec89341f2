"""The laws that every streaming source must keep, ready to run over yours.

Give a `SourceHarness` for your source and inherit `SourceContract` in a test module; pytest then finds
one test per law:

    class TestMySource(SourceContract):
        @pytest.fixture
        def harness(self, tmp_path):
            return MyHarness(tmp_path)

A law that your source has no room for is reported as skipped, with the reason.

The laws hold for any reader of `streamcore.spi.datasource.DataSourceStreamReader`'s shape.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import OffsetsLost
from streamcore.spi.exactly_once import Guarantee, guarantee_of
from streamcore.spi.limits import ReadAllAvailable, ReadLimit
from streamcore.testing.applicability import not_applicable

if TYPE_CHECKING:
    from streamcore.spi.datasource import Offset
    from streamcore.spi.types import StructType

Rows = Counter[str]

_MOST_BATCHES: Final = 1000


class SourceHarness(ABC):
    """One instance of the system that the source reads, and the means to feed it."""

    @abstractmethod
    def reader(self) -> Any:
        """A new reader, as a restarted query makes it; with the same storage, if it keeps any."""

    @abstractmethod
    def schema(self) -> StructType:
        """The schema that the readers are made for."""

    @abstractmethod
    def add(self, rows: int) -> None:
        """Makes `rows` more rows available; returns when a reader can see them."""

    def limited_reader(self, rows: int) -> Any | None:
        """A reader whose options allow about `rows` rows per micro-batch; None when it has no such option."""
        return None

    def forgets_what_was_committed(self) -> bool:
        """Whether the system gives up what the reader was told is committed, and then refuses to read it."""
        return False

    def close(self) -> None:  # noqa: B027 - optional hook
        """Ends what the harness holds."""


def latest(reader: Any, start: Offset, limit: ReadLimit | None = None) -> Offset:
    """The end of the batch that begins at `start`."""
    end: Offset = reader.latestOffset(start, limit or ReadAllAvailable())
    return end


def rows_between(reader: Any, start: Offset, end: Offset) -> Rows:
    """The rows of an offset range as a bag of texts, whatever form the reader gives them in."""
    bag: Rows = Counter()
    for partition in reader.partitions(start, end):
        for item in reader.read(partition):
            bag.update(_texts(item))
    return bag


def _texts(item: Any) -> list[str]:
    if hasattr(item, "to_pylist"):
        return [repr(tuple(row.values())) for row in item.to_pylist()]
    return [repr(tuple(item))]


def offsets_after_adding(harness: SourceHarness, reader: Any, steps: list[int]) -> list[Offset]:
    """The initial offset, and the latest one after each addition."""
    offsets = [reader.initialOffset()]
    for rows in steps:
        harness.add(rows)
        offsets.append(latest(reader, offsets[-1]))
    return offsets


class SourceContract:
    """One test per law; inherit it and give the fixture `harness`."""

    def test_offsets_are_json(self, harness: SourceHarness) -> None:
        for offset in offsets_after_adding(harness, harness.reader(), [3]):
            assert isinstance(offset, dict)
            assert json.loads(json.dumps(offset)) == offset

    def test_the_initial_offset_is_stable(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        first = reader.initialOffset()
        assert reader.initialOffset() == first

    def test_what_was_added_is_read(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        start, end = offsets_after_adding(harness, reader, [7])
        assert rows_between(reader, start, end).total() == 7

    def test_without_new_data_the_offset_stays(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        _, end = offsets_after_adding(harness, reader, [3])
        assert latest(reader, end) == end

    def test_an_empty_range_has_no_rows(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        for offset in offsets_after_adding(harness, reader, [3]):
            assert rows_between(reader, offset, offset).total() == 0

    def test_the_same_range_gives_the_same_rows(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        start, middle, end = offsets_after_adding(harness, reader, [5, 4])
        once = rows_between(reader, middle, end)
        harness.add(3)
        assert rows_between(reader, middle, end) == once
        assert rows_between(reader, start, end).total() == 9

    def test_neighbouring_ranges_make_up_the_whole(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        offsets = offsets_after_adding(harness, reader, [4, 1, 6])
        whole = rows_between(reader, offsets[0], offsets[-1])
        assert whole.total() == 11
        for middle in offsets[1:-1]:
            left = rows_between(reader, offsets[0], middle)
            assert left + rows_between(reader, middle, offsets[-1]) == whole

    def test_the_rows_fit_the_schema(self, harness: SourceHarness) -> None:
        from streamcore.spi.types import to_arrow_schema

        expected = to_arrow_schema(harness.schema())
        reader = harness.reader()
        start, end = offsets_after_adding(harness, reader, [3])
        for partition in reader.partitions(start, end):
            for item in reader.read(partition):
                if hasattr(item, "schema"):
                    assert item.schema.names == expected.names
                    assert item.schema.types == expected.types
                else:
                    assert len(tuple(item)) == len(expected)

    def test_available_now_ends_at_the_data_of_its_start(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        if not hasattr(reader, "prepareForTriggerAvailableNow"):
            not_applicable("the reader leaves it to the engine to fix the end of what is available")
        start = reader.initialOffset()
        harness.add(6)
        reader.prepareForTriggerAvailableNow()
        harness.add(5)
        ends = _run_to_the_end(reader, start, reader.getDefaultReadLimit())
        assert rows_between(reader, start, ends[-1]).total() == 6

    def test_a_commit_loses_nothing_that_follows(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        _, middle = offsets_after_adding(harness, reader, [3])
        reader.commit(middle)
        harness.add(4)
        assert rows_between(reader, middle, latest(reader, middle)).total() == 4

    def test_a_restarted_reader_reads_the_same(self, harness: SourceHarness) -> None:
        reader = harness.reader()
        if guarantee_of(reader) is not Guarantee.EXACTLY_ONCE:
            not_applicable("the reader declares that it cannot replay")
        start, middle, end = offsets_after_adding(harness, reader, [5, 2])
        stored = json.loads(json.dumps([start, middle, end]))
        before = [rows_between(reader, start, middle), rows_between(reader, middle, end)]
        reader.commit(middle)
        reader.stop()
        again = harness.reader()
        assert rows_between(again, stored[1], stored[2]) == before[1]
        if harness.forgets_what_was_committed():
            assert _is_refused(again, stored[0], stored[1])
        else:
            assert rows_between(again, stored[0], stored[1]) == before[0]
        harness.add(3)
        assert rows_between(again, stored[2], latest(again, stored[2])).total() == 3

    def test_limits_are_kept_and_everything_is_read_in_the_end(self, harness: SourceHarness) -> None:
        reader = harness.limited_reader(4)
        if reader is None:
            not_applicable("the source has no option that limits a batch by rows")
        start = reader.initialOffset()
        for _ in range(5):
            harness.add(2)
        ends = [start, *_run_to_the_end(reader, start, reader.getDefaultReadLimit())]
        counts = [rows_between(reader, a, b).total() for a, b in pairwise(ends)]
        assert sum(counts) == 10
        assert max(counts) <= 4
        assert rows_between(reader, start, latest(reader, start, ReadAllAvailable())).total() == 10


def _is_refused(reader: Any, start: Offset, end: Offset) -> bool:
    """Whether the reader says that the range is gone."""
    try:
        rows_between(reader, start, end)
    except OffsetsLost:
        return True
    return False


def _run_to_the_end(reader: Any, start: Offset, limit: ReadLimit) -> list[Offset]:
    """The ends of the batches until there is nothing more."""
    ends: list[Offset] = [start]
    for _ in range(_MOST_BATCHES):
        end = latest(reader, ends[-1], limit)
        if end == ends[-1]:
            return ends[1:] or ends
        ends.append(end)
    raise AssertionError(f"after {_MOST_BATCHES} batches there was still more to read")


__all__ = ["SourceContract", "SourceHarness", "latest", "offsets_after_adding", "rows_between"]
