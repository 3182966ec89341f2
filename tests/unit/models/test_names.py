"""`import streamcore.models` costs nothing, and every registered name is there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from streamcore import models
from streamcore.models.registry import BUILT_IN
from streamcore.spi.specifications import specification_class


def _imported_by(statement: str) -> set[str]:
    ask = f"{statement}; import sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in ran.stdout.split()}


def test_importing_the_package_imports_no_library() -> None:
    assert (
        _imported_by("import streamcore.models") & {"numpy", "pandas", "pyarrow", "scipy", "sklearn"} == set()
    )


def test_a_model_of_numpy_imports_neither_scipy_nor_sklearn() -> None:
    statement = "from streamcore.models import *"
    assert _imported_by(statement) & {"pandas", "river", "scipy", "sklearn"} == set()


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_registered_name_is_that_of_its_class(name: str) -> None:
    class_ = specification_class(name)
    assert class_.name == class_.__name__ == name
    assert getattr(models, name) is class_
    assert name in dir(models)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'LogisticRegresion'"):
        models.LogisticRegresion  # noqa: B018


def test_type_checkers_see_the_names_that_the_interpreter_finds() -> None:
    blocks = [node for node in ast.parse(Path(models.__file__).read_text()).body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.asname: f"{node.module}:{alias.name}" for node in imports for alias in node.names}
    assert seen == BUILT_IN
