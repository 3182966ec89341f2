"""Text, hashing, clusters and statistics are as in PySpark: as frozen by default, as it says on request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from streamcore.errors import StreamcoreError
from streamcore.models.ml import clustering, feature, linalg, stat
from streamcore.sql.session import Session
from tests.oracle.ml.freeze_text import FROZEN, pyspark_answers
from tests.oracle.ml.text_programs import PROGRAMS, REFUSED

ANSWERS: dict[str, Any] = json.loads(FROZEN.read_text())
ML = SimpleNamespace(feature=feature, clustering=clustering, linalg=linalg, stat=stat)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("oracle").create() as made:
        yield made


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_answers_as_in_pyspark(session: Session, name: str) -> None:
    assert_near(json.loads(json.dumps(PROGRAMS[name](session, ML))), ANSWERS["answers"][name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_in_pysparks_words(session: Session, name: str) -> None:
    with pytest.raises(StreamcoreError) as error:
        REFUSED[name](session, ML)
    assert str(error.value).partition("\n")[0] == ANSWERS["refused"][name]


@pytest.mark.bench
def test_the_frozen_answers_are_pysparks() -> None:
    pytest.importorskip("pyspark")
    assert json.loads(json.dumps(pyspark_answers())) == ANSWERS


def assert_near(found: Any, wanted: Any) -> None:
    """Equal, but for the last digits of floats."""
    if isinstance(wanted, list):
        assert isinstance(found, list)
        assert len(found) == len(wanted)
        for mine, theirs in zip(found, wanted, strict=True):
            assert_near(mine, theirs)
    elif isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for key, theirs in wanted.items():
            assert_near(found[key], theirs)
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=1e-6, abs=1e-8)
    else:
        assert found == wanted
