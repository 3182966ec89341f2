"""elt(): the n-th of its values; the answers are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.sql.session import Session


@pytest.mark.parametrize(
    ("call", "value", "kind"),
    [
        ("elt(1, X'FF', X'63')", b"\xff", "binary"),
        ("elt(1, X'6162', 'c')", "ab", "string"),
        ("elt(2, 'a', 5)", "5", "string"),
        ("elt(1, 'x', null)", "x", "string"),
        ("elt(CAST(null AS int), 'x', 'y')", None, "string"),
    ],
)
def test_elt_of_binaries_is_binary_and_of_anything_else_text(
    session: Session, call: str, value: object, kind: str
) -> None:
    found = session.sql(f"SELECT {call} AS e")
    assert ([row.e for row in found.collect()], found.schema["e"].dataType.simpleString()) == ([value], kind)


@pytest.mark.parametrize("index", [0, 3])
def test_an_index_beyond_the_values_of_elt_is_an_error(session: Session, index: int) -> None:
    with pytest.raises(IllegalArgumentException, match=f"INVALID_ARRAY_INDEX\\] The index {index} is out"):
        session.sql(f"SELECT elt({index}, 'a', 'b')").collect()
