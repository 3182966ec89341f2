"""Bytes and JSON that break the fast text are read by the careful one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.duck.statements import Statement
from streamcore.plan.attributes import attribute, scope_of
from streamcore.plan.expressions import parse_expression
from streamcore.plan.resolution import Names
from streamcore.plan.translate import TranslationContext, to_duckdb
from streamcore.spi.types import BinaryType

VALUE = attribute("value", BinaryType())


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("cast(value as string)", [b"ok", b"a\xffb", "é".encode(), None], ["ok", "a\ufffdb", "é", None]),
        (
            "from_json(cast(value as string), 'a int').a",
            [b'{"a":1}', b"{", b'{"a":"x"}', b"\xff", None],
            [1, None, None, None, None],
        ),
        ("get_json_object(cast(value as string), '$.a')", [b'{"a":1}', b"{", None], ["1", None, None]),
    ],
)
def test_a_batch_with_broken_records_is_read_carefully(
    text: str, values: list[bytes | None], expected: list[object]
) -> None:
    context = TranslationContext()
    expression, scope = Names((VALUE,)).resolve(parse_expression(text)), scope_of([VALUE])
    fast, careful = (to_duckdb(expression, scope, c) for c in (context, context.carefully()))
    table = pa.table({VALUE.physical: pa.array(values, pa.binary())})
    with SlotEngine() as engine:
        again = Statement(f"SELECT {careful} AS x FROM t", {})
        found = engine.run(f"SELECT {fast} AS x FROM t", {"t": table}, lambda: again)
    assert found["x"].to_pylist() == expected


def test_random_values_are_the_same_when_a_batch_is_run_again() -> None:
    table = pa.table({VALUE.physical: pa.array([b"a", b"b", b"c"], pa.binary())})
    scope = scope_of([VALUE])
    calls = [parse_expression(text) for text in ("rand()", "uuid()", "monotonically_increasing_id()")]

    def values(seed: int) -> list[dict[str, object]]:
        context = TranslationContext(seed=seed)
        columns = ", ".join(f"{to_duckdb(call, scope, context)} AS c{at}" for at, call in enumerate(calls))
        with SlotEngine() as engine:
            return list(engine.run(f"SELECT {columns} FROM t", {"t": table}).to_pylist())

    assert values(1) == values(1)
    assert values(1) != values(2)
    assert len({row["c1"] for row in values(1)}) == 3
