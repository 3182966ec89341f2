"""Parameters of estimators and transformers."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml import Estimator, Transformer
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only, shared
from streamcore.models.ml.param.shared import HasInputCol, HasMaxIter, HasOutputCol, HasSeed

ROWS: Any = "rows"
"""A dataset that nobody looks at."""
WRONG: Any = "maxIter=3"


class Thing(HasMaxIter, HasInputCol, HasOutputCol, HasSeed):
    @keyword_only
    def __init__(self, *, maxIter=3, inputCol=None):
        super().__init__()
        self._setDefault(maxIter=3)
        self._set(**self._input_kwargs)


class Doubling(Estimator[Any], Thing):
    def _fit(self, dataset):
        return self.getMaxIter()


def test_a_value_counts_before_the_default_and_extra_before_both():
    thing = Thing(maxIter=5)
    assert thing.getMaxIter() == 5
    assert thing.extractParamMap({thing.maxIter: 9})[thing.maxIter] == 9
    thing.clear(thing.maxIter)
    assert (thing.getMaxIter(), thing.isSet("maxIter"), thing.isDefined("maxIter")) == (3, False, True)


def test_a_parameter_without_value_or_default_raises_key_error():
    with pytest.raises(KeyError, match="inputCol"):
        Thing().getInputCol()


def test_a_copy_has_the_same_uid_and_leaves_the_original_alone():
    thing = Thing(maxIter=5)
    other = thing.copy({thing.maxIter: 7})
    assert (other.uid, other.getMaxIter(), thing.getMaxIter()) == (thing.uid, 7, 5)
    other._set(inputCol="x")
    assert not thing.isSet("inputCol")


def test_parameters_of_another_object_are_refused():
    with pytest.raises(ValueError, match="does not belong to"):
        Thing().set(Thing().maxIter, 1)


def test_constructors_take_keywords_only():
    make: Any = Thing
    with pytest.raises(TypeError, match="Method __init__ forces keyword arguments"):
        make(3)


def test_params_are_explained_in_order_of_their_names():
    thing = Thing(inputCol="a")
    lines = thing.explainParams().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["inputCol", "maxIter", "outputCol", "seed"]
    assert lines[0].endswith("(current: a)")
    assert lines[1].endswith("(default: 3)")
    assert lines[2].endswith(f"(default: {thing.uid}__output)")


def test_the_default_seed_is_the_same_in_every_process():
    assert Thing().getSeed() == Thing().getSeed()

    class Seeded(HasSeed):
        _spark_class = "org.apache.spark.ml.classification.RandomForestClassifier"

    assert Seeded().getSeed() == 207336481  # "...".hashCode() on the JVM


def test_a_new_uid_moves_values_and_parameters_and_not_those_of_a_copy():
    thing = Thing(maxIter=5)
    other = thing.copy()
    other._resetUid("elsewhere")
    assert (other.getMaxIter(), other.maxIter.parent) == (5, "elsewhere")
    assert (thing.getMaxIter(), thing.maxIter.parent) == (5, thing.uid)


def test_a_value_outside_the_domain_is_refused_when_something_is_fitted():
    estimator = Doubling(maxIter=-1)
    with pytest.raises(
        IllegalArgumentException, match=rf"^{estimator.uid} parameter maxIter given invalid value -1\.$"
    ):
        estimator.fit(ROWS)
    assert estimator.fit(ROWS, {estimator.maxIter: 4}) == 4


def test_several_maps_of_parameters_give_several_models_in_their_order():
    estimator = Doubling()
    maps = [{estimator.maxIter: count} for count in (4, 2, 8)]
    assert estimator.fit(ROWS, maps) == [4, 2, 8]
    assert sorted(estimator.fitMultiple(ROWS, maps)) == [(0, 4), (1, 2), (2, 8)]


def test_the_params_of_fit_and_transform_are_maps():
    with pytest.raises(TypeError, match="Params must be either a param map or a list/tuple"):
        Doubling().fit(ROWS, WRONG)

    class Same(Transformer):
        def _transform(self, dataset):
            return dataset

    assert Same().transform(ROWS) is ROWS
    with pytest.raises(TypeError, match="Params must be a param map"):
        Same().transform(ROWS, WRONG)


@pytest.mark.parametrize(
    ("convert", "given", "expected"),
    [
        ("toInt", 3.0, 3),
        ("toFloat", 3, 3.0),
        ("toListFloat", (1, 2), [1.0, 2.0]),
        ("toListListFloat", [[1], (2,)], [[1.0], [2.0]]),
        ("toListString", ("a",), ["a"]),
        ("toBoolean", False, False),
    ],
)
def test_values_are_converted(convert, given, expected):
    found = getattr(TypeConverters, convert)(given)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("convert", "given", "message"),
    [
        ("toInt", 3.5, "Could not convert 3.5 to int"),
        ("toInt", True, "Could not convert True to int"),
        ("toFloat", "1", "Could not convert 1 to float"),
        ("toBoolean", 1, "Boolean Param requires value of type bool"),
        ("toListInt", [1.5], r"Could not convert \[1.5\] to list of ints"),
        ("toString", 1, "Could not convert <class 'int'> to string type"),
        ("toVector", ["a"], r"Could not convert \['a'\] to vector"),
    ],
)
def test_what_does_not_fit_is_a_type_error(convert, given, message):
    with pytest.raises(TypeError, match=message):
        getattr(TypeConverters, convert)(given)


@pytest.mark.parametrize("name", shared.__all__)
def test_every_shared_parameter_can_be_asked_for(name):
    mixin = getattr(shared, name)
    parameter = name.removeprefix("Has")[0].lower() + name.removeprefix("Has")[1:]
    thing = mixin()
    assert [param.name for param in thing.params] == [parameter]
    getter = getattr(thing, f"get{name.removeprefix('Has')}")
    if thing.hasDefault(parameter):
        assert getter() == thing.getOrDefault(parameter)
        thing._require_valid()
    else:
        with pytest.raises(KeyError):
            getter()


def test_a_param_needs_something_that_it_belongs_to():
    with pytest.raises(TypeError, match="Parent must be an Identifiable"):
        Param(WRONG, "x", "")
    assert inspect.signature(Params._dummy).parameters == {}
