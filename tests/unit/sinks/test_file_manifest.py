from __future__ import annotations

import pytest

from streamcore.errors import CheckpointCorrupted
from streamcore.spi.file_manifest import (
    OWNER,
    SEGMENTS,
    DataFile,
    Segment,
    cover,
    decode,
    encode,
    read_manifest,
    seal,
    segment_name,
    span_of,
)
from streamcore.storage.memory import MemoryStorage


def _segment(first: int, last: int) -> Segment:
    files = tuple(DataFile(f"part-{n}.parquet", 10 + n, n, n) for n in range(first, last + 1))
    return Segment("q", first, last, f'{{"batch":{last}}}', files)


def _folder(*segments: Segment) -> MemoryStorage:
    storage = MemoryStorage()
    storage.put_if_absent(OWNER, seal({"version": 1, "query_id": "q"}))
    for segment in segments:
        storage.put_if_absent(f"{SEGMENTS}/{segment.name}", encode(segment))
    return storage


def test_a_segment_comes_back_as_it_was() -> None:
    segment = Segment("q", 3, 4, 'line\nü"\\', (DataFile("a=1/part-ü.json", 1, 2, 4),))
    assert decode(encode(segment), segment.name) == segment


def test_no_cut_and_no_edit_of_a_segment_goes_unnoticed() -> None:
    data = encode(_segment(0, 0))
    name = segment_name(0, 0)
    for end in range(len(data)):
        with pytest.raises(CheckpointCorrupted, match=name):
            decode(data[:end], name)
    for position in range(len(data)):
        edited = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        with pytest.raises(CheckpointCorrupted):
            decode(edited, name)


def test_a_segment_under_another_name_is_refused() -> None:
    with pytest.raises(CheckpointCorrupted, match="belongs to 0000000000-0000000000"):
        decode(encode(_segment(0, 0)), segment_name(1, 1))


def test_a_manifest_of_a_newer_format_is_refused() -> None:
    storage = MemoryStorage()
    storage.put_if_absent(OWNER, seal({"version": 2, "query_id": "q"}))
    with pytest.raises(CheckpointCorrupted, match="format version 2"):
        read_manifest(storage)


def test_a_folder_that_no_query_claimed_has_no_manifest() -> None:
    assert read_manifest(MemoryStorage()) is None


def test_a_wider_segment_stands_for_those_inside_it() -> None:
    manifest = read_manifest(_folder(*map(_segment, range(4), range(4)), _segment(0, 2)))
    assert manifest is not None
    assert [(s.first, s.last) for s in manifest.segments] == [(0, 2), (3, 3)]
    assert [file.path for file in manifest.files] == [f"part-{n}.parquet" for n in range(4)]
    assert manifest.last == _segment(3, 3)


def test_a_missing_segment_is_named() -> None:
    with pytest.raises(CheckpointCorrupted, match=r"0000000001-0000000002\.json are missing"):
        read_manifest(_folder(_segment(0, 0), _segment(3, 3)))
    with pytest.raises(CheckpointCorrupted, match=r"0000000000-0000000000\.json are missing"):
        read_manifest(_folder(_segment(1, 1)))


def test_a_reader_whose_listing_was_overtaken_by_a_merge_looks_again() -> None:
    storage = _folder(_segment(0, 0), _segment(1, 1))
    listings = iter([[segment_name(1, 1)], [segment_name(0, 0), segment_name(1, 1)]])

    class Overtaken(MemoryStorage):
        def list(self, folder: str) -> list[str]:
            names = next(listings, None)
            if names is None:
                names = storage.list(folder)
            elif names[0] == segment_name(0, 0):
                storage.put_if_absent(f"{SEGMENTS}/{segment_name(0, 1)}", encode(_segment(0, 1)))
                storage.delete(f"{SEGMENTS}/{segment_name(0, 0)}")
            return names

        def get(self, path: str) -> bytes:
            return storage.get(path)

    manifest = read_manifest(Overtaken())
    assert manifest is not None
    assert [(s.first, s.last) for s in manifest.segments] == [(0, 1)]


def test_other_files_in_the_folder_are_no_segments() -> None:
    assert span_of("rewound") is None
    assert cover(["rewound", segment_name(0, 0), "0000000000-0000000000.json.tmp"]) == [segment_name(0, 0)]
