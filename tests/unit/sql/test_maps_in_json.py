"""Maps inside arrays and maps, read from JSON."""

from __future__ import annotations

import pytest

from streamcore.spi.row import Row
from streamcore.sql import functions as F
from streamcore.sql.session import Session


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ('{"a": [{"x": 1, "x": 3}, {"z": 4}]}', "a array<map<string, int>>", Row(a=[{"x": 3}, {"z": 4}])),
        ('[{"x": {"p": 1, "p": 2}}]', "array<map<string, map<string, int>>>", [{"x": {"p": 2}}]),
        ('{"x": [{"p": 1}]}', "map<string, array<map<string, int>>>", {"x": [{"p": 1}]}),
    ],
)
def test_the_last_of_equal_keys_counts_at_any_depth(
    session: Session, text: str, schema: str, expected: object
) -> None:
    frame = session.createDataFrame([(text,)], "t string").select(F.from_json("t", schema))
    assert [row[0] for row in frame.collect()] == [expected]
