"""mllib over RDDs against what PySpark answered (`freeze_mllib.py`)."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streamcore import Session
from tests.oracle.ml.mllib_programs import ASKED, MODULES

FROZEN = json.loads(Path(__file__).with_name("mllib.json").read_text())


@pytest.fixture(scope="module")
def mllib() -> SimpleNamespace:
    return SimpleNamespace(**{name: import_module(f"streamcore.models.mllib.{name}") for name in MODULES})


@pytest.mark.parametrize("name", ASKED)
def test_the_answer_is_pysparks(name: str, mllib: SimpleNamespace) -> None:
    found = ASKED[name](Session.builder.getOrCreate().sparkContext, mllib)
    compare(found, FROZEN[name])


def compare(found: Any, expected: Any) -> None:
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for mine, theirs in zip(found, expected, strict=True):
            compare(mine, theirs)
    elif isinstance(expected, str):
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
