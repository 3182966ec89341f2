"""Path patterns mean what they mean to Spark: the answers below are those of PySpark 4.3."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.sources.files.listing import Place, list_files
from streamcore.storage.globs import expand, matches

_FILES = (
    "a/x1.json", "b/x2.json", "c/x3.json", "d^/y.json", "e]/z.json", "f*g/w.json", "h{i}/v.json",
    "k-l/u.csv", "m/n/deep.json", "a/q.csv", "a/r.txt", "ab/s.json", "-/t.json", "!/p.json", "a,b/o.json",
    "back\\slash/o.json",
)  # fmt: skip
_EVERY_FOLDER = (
    "!/p.json -/t.json a,b/o.json a/q.csv a/r.txt a/x1.json ab/s.json b/x2.json back\\slash/o.json c/x3.json "
    "d^/y.json e]/z.json f*g/w.json h{i}/v.json k-l/u.csv"
)
# Pattern: the files that Spark reads; none where it says PATH_NOT_FOUND, or finds a folder without files.
_ANSWERS = {
    "*": _EVERY_FOLDER,
    "{a,b}/*": "a/q.csv a/r.txt a/x1.json b/x2.json",
    "{a,b}/*.json": "a/x1.json b/x2.json",
    "{a,b}": "a/q.csv a/r.txt a/x1.json b/x2.json",
    "a/*.{json,csv}": "a/q.csv a/x1.json",
    "[ab]": "a/q.csv a/r.txt a/x1.json b/x2.json",
    "[^a]": "!/p.json -/t.json b/x2.json c/x3.json",
    "[!a]": "!/p.json -/t.json b/x2.json c/x3.json",
    "[a-c]": "a/q.csv a/r.txt a/x1.json b/x2.json c/x3.json",
    "[^a-c]": "!/p.json -/t.json",
    "?": "!/p.json -/t.json a/q.csv a/r.txt a/x1.json b/x2.json c/x3.json",
    "??": "ab/s.json d^/y.json e]/z.json",
    "d^": "d^/y.json",
    "[d]^": "d^/y.json",
    "[\\^!]": "!/p.json",
    "[]]*": "",
    "e]": "e]/z.json",
    "e[]]": "e]/z.json",
    "f\\*g": "f*g/w.json",
    "f*g": "f*g/w.json",
    "h\\{i\\}": "h{i}/v.json",
    "h{i}": "",
    "k-l/*": "k-l/u.csv",
    "[a-]": "-/t.json a/q.csv a/r.txt a/x1.json",
    "[-a]": "-/t.json a/q.csv a/r.txt a/x1.json",
    "{a,{b,c}}": "a/q.csv a/r.txt a/x1.json b/x2.json c/x3.json",
    "{a/x1.json,b/x2.json}": "a/x1.json b/x2.json",
    "m/{n}": "m/n/deep.json",
    "{m/n,a}": "a/q.csv a/r.txt a/x1.json m/n/deep.json",
    "{a,m/n}/*": "a/q.csv a/r.txt a/x1.json m/n/deep.json",
    "*/n": "m/n/deep.json",
    "a/x[0-9].json": "a/x1.json",
    "a/x[!0-9].json": "",
    "nomatch*": "",
    "a}": "",
    "a]": "",
    "{}": "",
    "{a,}b": "ab/s.json b/x2.json",
    "a\\,b": "a,b/o.json",
    "{a\\,b,c}": "a,b/o.json c/x3.json",
    "back\\\\slash": "back\\slash/o.json",
    "*/": _EVERY_FOLDER,
    "./a": "a/q.csv a/r.txt a/x1.json",
    "a/../b": "b/x2.json",
    "{a,b}/{x1,x2}.json": "a/x1.json b/x2.json",
    "a/x1.json/": "a/x1.json",
    "**": _EVERY_FOLDER,
    "**/x1.json": "a/x1.json",
    "m/**": "m/n/deep.json",
    "\\a": "a/q.csv a/r.txt a/x1.json",
    "a//x1.json": "a/x1.json",
    "[^a]b": "",
    "{,a}": "a/q.csv a/r.txt a/x1.json",
    "[a,b]": "a/q.csv a/r.txt a/x1.json b/x2.json",
    "[\\]]": "",
    "[a\\-c]": "-/t.json a/q.csv a/r.txt a/x1.json c/x3.json",
    "a.": "",
    "a+": "",
    "(a)": "",
    "{a,b}c": "",
    "{ab,c}": "ab/s.json c/x3.json",
}
_FILTERS = {
    "*.{json,csv}": "o.json q.csv x1.json s.json x2.json x3.json y.json z.json w.json v.json u.csv deep.json "
    "t.json p.json",
    "[^x]*": "p.json t.json o.json q.csv r.txt s.json y.json z.json w.json v.json u.csv deep.json",
    "x?.json": "x1.json x2.json x3.json",
    "{x1,q}.*": "q.csv x1.json",
    "x[0-9].json": "x1.json x2.json x3.json",
    "q.csv": "q.csv",
    "*.JSON": "",
    "nomatch": "",
    "": "",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("globs")
    for name in _FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    return root


@pytest.mark.parametrize("pattern", _ANSWERS)
def test_a_pattern_selects_what_it_selects_for_spark(folder: Path, pattern: str) -> None:
    found = list_files(Place((f"{folder}/{pattern}",)))
    assert sorted(file.path.removeprefix(f"{folder}/") for file in found) == _ANSWERS[pattern].split()


@pytest.mark.parametrize("pattern", _FILTERS)
def test_a_name_filter_selects_what_it_selects_for_spark(pattern: str) -> None:
    names = {name.rpartition("/")[2] for name in _FILES}
    assert {name for name in names if matches(name, pattern)} == set(_FILTERS[pattern].split())


@pytest.mark.parametrize("pattern", ["{a", "[a", "x{a,b", "[]", "[^]", "a\\"])
def test_a_pattern_that_ends_too_soon_is_refused_by_name(folder: Path, pattern: str) -> None:
    with pytest.raises(IllegalArgumentException, match="the path pattern"):
        expand(f"{folder}/{pattern}")
