"""The laws of estimators over everything that the ml API offers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from streamcore import Session
from streamcore.models.ml.base import Model
from streamcore.models.ml.param import Params
from streamcore.pyspark.finder import exported
from streamcore.pyspark.table import TABLE
from streamcore.sql.dataframe import DataFrame
from streamcore.testing.estimator_laws import StageCase, StageContract
from tests.contract.ml_examples import EXAMPLES, case_of


def offered() -> dict[str, type]:
    """Every class of pyspark.ml's modules that is offered, has parameters and can be made, by its module."""
    found: dict[str, type] = {}
    for module in TABLE:
        family = module.removeprefix("pyspark.ml.")
        if not module.startswith("pyspark.ml.") or family.startswith(("param", "base")):
            continue
        for name in sorted(name for name in exported(module) if not name.startswith("_")):
            value = getattr(import_module(f"streamcore.models.ml.{family}"), name)
            if inspect.isclass(value) and issubclass(value, Params) and not inspect.isabstract(value):
                found[f"{family}.{name}"] = value
    return found


OFFERED = offered()
CASES = [(name, at) for name in sorted(EXAMPLES) if name in OFFERED for at in range(len(EXAMPLES[name][1]))]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[1]").appName("laws").create() as made:
        yield made


@pytest.fixture(scope="module")
def datasets() -> dict[str, DataFrame]:
    return {}


@pytest.fixture(scope="module")
def cases() -> dict[tuple[str, int], StageCase]:
    return {}


@pytest.fixture(scope="module", params=CASES, ids=lambda found: f"{found[0]}-{found[1]}")
def case(
    request: Any,
    session: Session,
    datasets: dict[str, DataFrame],
    cases: dict[tuple[str, int], StageCase],
) -> StageCase:
    name, at = request.param
    made = cases[request.param] = case_of(name, at, datasets, session)
    return made


class TestStages(StageContract):
    """Every example keeps the laws."""


@pytest.mark.skipif(not CASES, reason="nothing is offered")
def test_every_class_has_an_example(cases: dict[tuple[str, int], StageCase]) -> None:
    stages = {name for name, found in OFFERED.items() if not issubclass(found, Model)}
    assert stages - set(EXAMPLES) == set(), "add an example to tests/contract/ml_examples.py"
    if len(cases) < len(CASES):
        pytest.skip("asks what all examples fitted: run the whole file")
    fitted = {type(case.model) for case in cases.values() if hasattr(case.stage, "fit")}
    models = {name for name, found in OFFERED.items() if issubclass(found, Model) and found not in fitted}
    assert models == set(), "no example makes these models"


def test_a_law_that_is_broken_fails(session: Session, datasets: dict[str, DataFrame]) -> None:
    case = case_of("evaluation.RegressionEvaluator", 0, datasets, session)
    case.stage.copy = lambda extra=None: type(case.stage)()  # type: ignore[method-assign]
    with pytest.raises(AssertionError):
        StageContract().test_a_copy_answers_alike_and_is_changed_alone(case)
