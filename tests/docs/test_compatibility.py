from __future__ import annotations

from tests.docs.compatibility import MARK, PAGE, with_tables


def test_the_page_lists_what_the_code_declares_as_missing() -> None:
    page = PAGE.read_text()
    assert MARK in page
    assert with_tables(page) == page, "run python -m tests.docs.compatibility"
