"""Programs drawn afresh, asked of both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from streamcore import Context
from tests.oracle.rdd.ask_pyspark import PySpark
from tests.oracle.rdd.drawing import programs
from tests.oracle.rdd.programs import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.rdd.programs import Program

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def context() -> Iterator[Context]:
    with Context("local[2]", "differential") as made:
        yield made


@pytest.fixture(scope="module")
def pyspark() -> Iterator[PySpark]:
    with PySpark() as process:
        yield process


@settings(max_examples=150)
@given(program=programs())
def test_both_engines_give_the_same_partitions(context: Context, pyspark: PySpark, program: Program) -> None:
    ours = json.loads(json.dumps(answer(context, program)))
    assert ours == pyspark.answer(program)
