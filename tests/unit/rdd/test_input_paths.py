"""The files that `textFile` and its kin read: the answers are those of PySpark 4.3."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamcore.rdd.files import list_files

_FILES = ("a/x1", "b/x2", "c/x3", "a,b/o", "_h/y", ".d/z", "a/_skip", "a/.skip2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("paths")
    for name in _FILES:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("{a,b}/*", "a/x1 b/x2"),
        ("{a,b}", "a/x1 b/x2"),
        ("a,{}b", "a/x1 b/x2"),
        ("{a,b},{}c", "a/x1 b/x2 c/x3"),
        ("[^a]", "b/x2 c/x3"),
        ("*", "a/x1 a,b/o b/x2 c/x3"),
        ("_h/*", "_h/y"),
        ("a/*", "a/x1"),
    ],
)
def test_a_list_of_patterns_names_the_files_that_it_names_for_spark(
    folder: Path, names: str, expected: str
) -> None:
    found = list_files(f"{folder}/" + names.replace("{}", f"{folder}/"))
    assert [path.removeprefix(f"{folder}/") for path in found] == expected.split()


@pytest.mark.parametrize("names", ["nope", "nope*", ".*", "_*", "a/x1,{}nope*"])
def test_a_name_that_nothing_fits_is_an_error(folder: Path, names: str) -> None:
    with pytest.raises(FileNotFoundError, match="input path does not exist"):
        list_files(f"{folder}/" + names.replace("{}", f"{folder}/"))
