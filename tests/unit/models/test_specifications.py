"""Models as JSON: written down, and made again under a registered name only."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from importlib import metadata
from typing import ClassVar

import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.spi.models import model_of
from streamcore.spi.specifications import (
    ENTRY_POINTS,
    Specification,
    register,
    specification_class,
    specified,
)


@register
@dataclass(frozen=True)
class _Leaf(Specification):
    name: ClassVar[str] = "TestLeaf"
    rate: float = 0.5


@register
@dataclass(frozen=True)
class _Tree(Specification):
    name: ClassVar[str] = "TestTree"
    parts: tuple[Specification, ...] = ()
    title: str | None = None


@register
@dataclass(frozen=True)
class _Pickler(Specification):
    name: ClassVar[str] = "TestPickler"

    @property
    def holds_pickle(self) -> bool:
        return True


def test_a_specification_comes_back_from_its_json() -> None:
    tree = _Tree(parts=(_Leaf(0.25), _Tree(title="inner")))
    assert specified(json.loads(json.dumps(tree.describe()))) == tree


def test_a_specification_can_be_pickled_for_workers() -> None:
    tree = _Tree(parts=(_Leaf(0.25),))
    assert pickle.loads(pickle.dumps(tree)) == tree


def test_a_description_names_what_it_does_not_know() -> None:
    description = {**_Leaf().describe(), "settings": {"rates": 1.0}}
    with pytest.raises(IllegalArgumentException, match="does not know the setting 'rates'; known: rate"):
        specified(description)


def test_a_description_of_another_format_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="written in format 2"):
        specified({**_Leaf().describe(), "format": 2})


def test_a_description_without_its_parts_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="lacks format, settings"):
        specified({"name": "TestLeaf"})


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(AnalysisException, match="did you mean 'TestLeaf'"):
        specification_class("TestLeav")


def test_a_name_is_never_taken_as_a_path() -> None:
    with pytest.raises(AnalysisException, match="no model is registered"):
        specified({"name": "os:system", "format": 1, "settings": {}})


def test_a_setting_that_is_no_json_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="the setting parts cannot be written down"):
        _Tree(parts=(object(),)).describe()  # type: ignore[arg-type]


def test_pickled_state_needs_the_reader_to_opt_in() -> None:
    description = _Tree(parts=(_Pickler(),)).describe()
    with pytest.raises(IllegalArgumentException, match="allow_pickle=True"):
        specified(description)
    assert specified(description, allow_pickle=True) == _Tree(parts=(_Pickler(),))


def test_what_is_no_model_is_refused_as_one() -> None:
    with pytest.raises(IllegalArgumentException, match="TestLeaf is no online model"):
        model_of(_Leaf().describe())


@pytest.mark.parametrize("rate", ["0.5", True, None])
def test_a_setting_of_another_kind_is_refused_by_name(rate) -> None:
    with pytest.raises(IllegalArgumentException, match=f"TestLeaf: rate={rate!r} must be float"):
        specified({**_Leaf().describe(), "settings": {"rate": rate}})


def test_a_whole_number_is_a_float_and_a_list_is_a_tuple() -> None:
    assert _Leaf(1).rate == 1.0
    assert _Tree(parts=[_Leaf(), _Leaf()]).parts == (_Leaf(), _Leaf())  # type: ignore[arg-type]
    assert _Tree(title=None) == _Tree()


def test_a_setting_that_has_no_default_must_be_described() -> None:
    description = {"name": "SoftmaxRegression", "format": 1, "settings": {}}
    with pytest.raises(IllegalArgumentException, match=r"SoftmaxRegression does not fit: .*numClasses"):
        specified(description)


def _install(monkeypatch: pytest.MonkeyPatch, name: str, target: str) -> None:
    points = {ENTRY_POINTS: [metadata.EntryPoint(name, target, ENTRY_POINTS)]}
    monkeypatch.setattr(metadata, "entry_points", lambda group: points.get(group, []))


def test_an_installed_package_registers_models_by_entry_point(monkeypatch) -> None:
    _install(monkeypatch, "Installed", "streamcore.models.online.kmeans:KMeans")
    assert specification_class("Installed").name == "KMeans"


def test_an_entry_point_that_leads_nowhere_is_named(monkeypatch) -> None:
    _install(monkeypatch, "Nowhere", "no_such_package.models:Model")
    with pytest.raises(AnalysisException, match="'Nowhere' could not be imported from no_such"):
        specification_class("Nowhere")


def test_a_class_registered_here_goes_before_one_that_is_installed(monkeypatch) -> None:
    _install(monkeypatch, "TestLeaf", "no_such_package:Leaf")
    assert specification_class("TestLeaf") is _Leaf
