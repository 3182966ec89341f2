"""`import streamcore` costs next to nothing, and still every public name is there."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import streamcore

HEAVY = {
    "cloudpickle",
    "confluent_kafka",
    "duckdb",
    "numpy",
    "pandas",
    "psycopg",
    "pyarrow",
    "sqlalchemy",
    "sqlglot",
    "testcontainers",
}
PUBLIC = [name for name in streamcore.__all__ if name != "__version__"]


def _imported_by(statement: str) -> set[str]:
    ask = f"{statement}; import sys; print(*(name for name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in ran.stdout.split()}


def test_importing_the_package_imports_no_dependency() -> None:
    assert _imported_by("import streamcore") & HEAVY == set()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_when_asked_for(name: str) -> None:
    assert getattr(streamcore, name).__name__ == name
    assert name in dir(streamcore)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Sessoin'"):
        streamcore.Sessoin  # noqa: B018


def test_type_checkers_see_the_names_that_the_interpreter_finds() -> None:
    with open(streamcore.__file__) as text:  # noqa: PTH123
        blocks = [node for node in ast.parse(text.read()).body if isinstance(node, ast.If)]
    imports = [
        statement for block in blocks for statement in block.body if isinstance(statement, ast.ImportFrom)
    ]
    seen = {alias.asname: statement.module for statement in imports for alias in statement.names}
    assert seen == streamcore._HOME_OF


def test_hadoops_formats_are_loaded_when_a_file_of_theirs_is_read_or_written() -> None:
    """They need no package besides; who never touches such a file never loads them."""
    ask = (
        "import streamcore.context, streamcore.rdd.rdd, sys; "
        "print(*(name for name in sys.modules if 'hadoop' in name))"
    )
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    thin = {"streamcore.rdd.hadoop", "streamcore.rdd.hadoop.loading", "streamcore.rdd.hadoop.saving"}
    assert set(ran.stdout.split()) == thin
