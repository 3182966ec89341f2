"""Built-in functions in SQL text answer as PySpark does: values, types, nullability, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streamcore.sql.session import Session
from tests.oracle.freeze_builtin_queries import FROZEN, outcome

ANSWERS: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))

# What a function is called -> the package of an extra that it needs.
NEEDS = {"_sketch": "datasketches", "hll_": "datasketches", "theta_": "datasketches", "aes_": "cryptography"}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[1]").appName("builtins").create() as session:
        session.conf.set("spark.sql.session.timeZone", "UTC")
        yield session


@pytest.mark.parametrize("query", ANSWERS)
def test_the_answer_is_pysparks(session: Session, query: str) -> None:
    for word, package in NEEDS.items():
        if word in query:
            pytest.importorskip(package)
    found, expected = outcome(session, query), ANSWERS[query]
    if "error" in expected:
        assert "error" in found
    else:
        assert found == expected
