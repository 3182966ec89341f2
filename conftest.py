"""What the examples in docstrings may use: `sc`, a Context with two workers, in those of the RDD API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from _pytest.doctest import DoctestItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.context import Context


@pytest.fixture(scope="session")
def doctest_context() -> Iterator[Context]:
    """Share one context between all examples: its workers stay warm."""
    from streamcore.context import Context

    with Context("local[2]", "examples") as context:
        yield context


@pytest.fixture(autouse=True)
def _names_for_rdd_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    if isinstance(request.node, DoctestItem):
        path = request.path.as_posix()
        if any(
            part in path for part in ("/streamcore/rdd/", "/streamcore/context.py", "/streamcore/pyspark/")
        ):
            doctest_namespace["sc"] = request.getfixturevalue("doctest_context")
