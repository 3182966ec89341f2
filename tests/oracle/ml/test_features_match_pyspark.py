"""Feature programs answer as PySpark does: as frozen by default, as PySpark itself says on request."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from streamcore.errors import StreamcoreError
from streamcore.models.ml import feature
from streamcore.models.ml.linalg import Vectors
from streamcore.sql.session import Session
from tests.oracle.ml.feature_answers import answer_of, refusal_of, without_ids
from tests.oracle.ml.feature_programs import PROGRAMS, REFUSED, SAVED
from tests.oracle.ml.freeze_feature_answers import FROZEN, SAVED_BY_SPARK, pyspark_answers

ANSWERS: dict[str, Any] = json.loads(FROZEN.read_text())


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[1]").appName("oracle").create() as made:
        yield made


def near(ours: Any, theirs: Any) -> bool:
    """Whether two answers are the same, numbers to nine digits."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(near(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(near, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return type(ours) is type(theirs) and ours == theirs


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_answers_as_in_pyspark(session: Session, name: str) -> None:
    answer, wanted = answer_of(PROGRAMS[name](session, feature, Vectors)), ANSWERS["answers"][name]
    if name.startswith("target_encoder"):  # PySpark lists encodings in the order of a hash map
        answer, wanted = in_order(answer), in_order(wanted)
    assert near(answer, wanted)


def in_order(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer whose columns list their categories in the order of the alphabet."""
    columns = [
        [name, kind, told and told | {"vals": sorted(told["vals"])}] for name, kind, told in answer["columns"]
    ]
    return answer | {"columns": columns}


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_in_pysparks_words(session: Session, name: str) -> None:
    with pytest.raises(StreamcoreError) as error:
        REFUSED[name](session, feature, Vectors)
    assert refusal_of(error.value) == ANSWERS["refused"][name]


@pytest.mark.bench
def test_the_frozen_answers_are_pysparks() -> None:
    pytest.importorskip("pyspark")
    assert pyspark_answers() == ANSWERS


@pytest.mark.parametrize("name", SAVED)
def test_a_stage_says_of_itself_what_pysparks_says(session: Session, name: str) -> None:
    assert without_ids(repr(SAVED[name](session, feature, Vectors)[0])) == ANSWERS["said"][name]


@pytest.mark.parametrize("name", SAVED)
def test_what_spark_saved_transforms_as_what_is_fitted_here(session: Session, name: str) -> None:
    fitted, dataset = SAVED[name](session, feature, Vectors)
    loaded = type(fitted).load(str(SAVED_BY_SPARK / name))
    assert near(answer_of(loaded.transform(dataset)), answer_of(fitted.transform(dataset)))


@pytest.mark.parametrize("name", SAVED)
def test_what_is_saved_here_is_what_was_fitted(session: Session, name: str, tmp_path: Path) -> None:
    fitted, dataset = SAVED[name](session, feature, Vectors)
    fitted.save(str(tmp_path / "saved"))
    loaded = type(fitted).load(str(tmp_path / "saved"))
    assert loaded.uid == fitted.uid
    assert answer_of(loaded.transform(dataset)) == answer_of(fitted.transform(dataset))
    assert _columns_of(tmp_path / "saved") == _columns_of(SAVED_BY_SPARK / name)


def _columns_of(folder: Path) -> list[list[str]]:
    return [pq.read_schema(part).names for part in sorted(folder.glob("data/*.parquet"))]
