from __future__ import annotations

import importlib.util

from tests.docs.pages import ROOT


def test_the_page_lists_the_settings_of_the_table() -> None:
    spec = importlib.util.spec_from_file_location("settings", ROOT / "docs" / "generate_settings.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    page = generator.PAGE.read_text()
    assert generator.MARK in page
    assert generator.with_tables(page) == page, "run python docs/generate_settings.py"
