from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import textwrap
from types import ModuleType
from typing import Any

from tests.docs.pages import ROOT


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "compatibility", ROOT / "docs" / "generate_compatibility.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_lists_what_the_code_offers_and_declares_as_missing() -> None:
    generator = _generator()
    page = generator.PAGE.read_text()
    assert generator.MARK in page
    assert generator.with_tables(page) == page, "run python docs/generate_compatibility.py"


def _members() -> list[tuple[type, str]]:
    """Every public member of PySpark's classes, with the class of ours that stands for its owner."""
    generator = _generator()
    wanted: dict[str, list[str]] = json.loads(generator.PYSPARK.read_text())["members"]
    return [(owner, member) for name, owner in generator.owners().items() for member in wanted[name]]


def _always_raises(member: Any) -> bool:
    """Whether a function does nothing but raise, whatever it is given."""
    function = member.fget if isinstance(member, property) else inspect.unwrap(member)
    if not inspect.isfunction(function):
        return False
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    returns = any(isinstance(node, ast.Return | ast.Yield) for node in ast.walk(found))
    return isinstance(found, ast.FunctionDef) and isinstance(found.body[-1], ast.Raise) and not returns


def test_what_is_counted_as_offered_is_not_a_refusal() -> None:
    generator = _generator()
    counted = [(owner, member) for owner, member in _members() if generator.offered(owner, [member])]
    refused = [f"{o.__name__}.{m}" for o, m in counted if _always_raises(inspect.getattr_static(o, m))]
    assert len(counted) > 300
    assert refused == [], "declare them with NotOffered"


def test_every_member_of_pyspark_is_there_or_says_what_to_use_instead() -> None:
    assert [f"{owner.__name__}.{member}" for owner, member in _members() if not hasattr(owner, member)] == []
