from __future__ import annotations

import importlib.util
from types import ModuleType

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
