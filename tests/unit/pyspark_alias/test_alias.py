"""What `import pyspark` gives after `activate()`."""

from __future__ import annotations

import importlib
import json
import pickle
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from streamcore import errors
from streamcore.context import Context
from streamcore.pyspark import activate, deactivate
from streamcore.pyspark.finder import UNKNOWN, exported
from streamcore.pyspark.gaps import NOT_OFFERED
from streamcore.pyspark.table import TABLE
from streamcore.scheduler.startup import start_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC: dict[str, list[str]] = json.loads((Path(__file__).parent / "public_names.json").read_text())


@pytest.fixture
def alias() -> Iterator[None]:
    activate()
    yield
    deactivate()


def load(name: str) -> Any:
    return importlib.import_module(name)


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize("module", TABLE)
def test_every_name_of_the_table_is_there(module: str) -> None:
    for name in exported(module):
        assert getattr(load(module), name) is not None


@pytest.mark.usefixtures("alias")
def test_the_entry_points_are_ours() -> None:
    from streamcore.sql.session import Session

    assert load("pyspark").SparkContext is Context
    assert load("pyspark.sql").SparkSession is Session


@pytest.mark.usefixtures("alias")
def test_one_class_has_one_identity_wherever_it_is_imported_from() -> None:
    homes = ("pyspark", "pyspark.rdd", "pyspark.core.rdd")
    assert len({load(home).RDD for home in homes}) == 1


@pytest.mark.usefixtures("alias")
def test_submodules_are_attributes_of_the_package() -> None:
    assert load("pyspark").sql.types.LongType().simpleString() == "bigint"


@pytest.mark.usefixtures("alias")
def test_star_import_brings_the_types() -> None:
    names: dict[str, Any] = {}
    exec("from pyspark.sql.types import *", names)
    assert names["StructType"]().add("a", names["IntegerType"]()).simpleString() == "struct<a:int>"


@pytest.mark.usefixtures("alias")
def test_the_version_is_the_one_whose_api_is_followed() -> None:
    assert load("pyspark").__version__.startswith("4.")
    assert load("pyspark.version").__version__ == load("pyspark").__version__


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize("statement", ["from pyspark import Nothing", "import pyspark.sql.types.Nothing"])
def test_a_name_that_is_missing_is_an_import_error_that_says_so(statement: str) -> None:
    with pytest.raises(ImportError, match="streamcore offers no 'Nothing' in pyspark"):
        exec(statement)


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize("name", NOT_OFFERED)
def test_what_is_left_out_says_what_to_use(name: str) -> None:
    with pytest.raises(ImportError) as caught:
        importlib.import_module(name)
    assert NOT_OFFERED[name] in str(caught.value)


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_of_pyspark_is_there_or_says_why_not(module: str) -> None:
    unexplained = [name for name in PUBLIC[module] if UNKNOWN in _refusal(module, name)]
    assert unexplained == [], "add them to streamcore/pyspark/table.py or gaps.py"


def _refusal(module: str, name: str) -> str:
    """What a program is told that imports a name; nothing when it is there."""
    try:
        exec(f"from {module} import {name}")
    except ImportError as error:
        return str(error)
    return ""


@pytest.mark.usefixtures("alias")
def test_programs_can_ask_whether_a_name_is_there() -> None:
    assert hasattr(load("pyspark"), "SparkContext")
    assert not hasattr(load("pyspark"), "Nothing")
    with pytest.raises(AttributeError, match="streamcore offers no 'Nothing'"):
        _ = load("pyspark").Nothing


@pytest.mark.usefixtures("alias")
def test_importing_pyspark_imports_nothing_else() -> None:
    before = set(sys.modules)
    load("pyspark")
    assert {name for name in set(sys.modules) - before if not name.startswith("pyspark")} == set()


def test_pyspark_that_is_imported_already_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    with pytest.raises(errors.StreamcoreError, match="before the first `import pyspark`"):
        activate()


def test_activating_twice_is_activating_once() -> None:
    activate()
    finders = list(sys.meta_path)
    activate()
    assert sys.meta_path == finders
    deactivate()
    assert len(sys.meta_path) == len(finders) - 1


def test_deactivating_forgets_the_modules_and_the_workers_call() -> None:
    activate()
    load("pyspark.sql.types")
    assert start_calls()
    deactivate()
    assert not [name for name in sys.modules if name.split(".")[0] == "pyspark"]
    assert not start_calls()


# ---- errors ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("alias")
def test_the_root_of_pysparks_errors_catches_ours() -> None:
    with pytest.raises(load("pyspark.errors").PySparkException):
        raise errors.AnalysisException("no")


@pytest.mark.usefixtures("alias")
def test_a_failed_job_is_what_programs_catch_as_an_error_of_the_jvm() -> None:
    with Context("local[1]", "failing") as sc, pytest.raises(load("py4j.protocol").Py4JJavaError):
        sc.parallelize([0], 1).map(lambda x: 1 // x).collect()


@pytest.mark.usefixtures("alias")
def test_an_error_names_its_condition_and_sql_state() -> None:
    error = errors.AnalysisException("[TABLE_OR_VIEW_NOT_FOUND] There is no t. SQLSTATE: 42P01")
    assert (error.getCondition(), error.getSqlState()) == ("TABLE_OR_VIEW_NOT_FOUND", "42P01")
    assert errors.AnalysisException("plain").getCondition() is None


@pytest.mark.usefixtures("alias")
def test_connectors_raise_errors_by_class_and_parameters() -> None:
    error: Any = load("pyspark.errors").PySparkTypeError(
        errorClass="NOT_STR", messageParameters={"arg_name": "path"}
    )
    assert error.getCondition() == "NOT_STR"
    assert isinstance(error, TypeError)
    assert str(pickle.loads(pickle.dumps(error))) == "[NOT_STR] arg_name=path"


# ---- what only the alias has ------------------------------------------------------------------------


@pytest.mark.usefixtures("alias")
def test_an_inheritable_thread_starts_with_the_properties_of_its_maker() -> None:
    seen: list[str | None] = []
    with Context("local[1]", "threads") as sc:

        def look() -> None:
            seen.append(sc.getLocalProperty("spark.scheduler.pool"))

        sc.setLocalProperty("spark.scheduler.pool", "mine")
        for kind in (load("pyspark").InheritableThread, threading.Thread):
            thread = kind(target=look)
            thread.start()
            thread.join()
    assert seen == ["mine", None]


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize(
    "name", ["CPickleSerializer", "CloudPickleSerializer", "MarshalSerializer", "PickleSerializer"]
)
def test_serializers_give_back_what_they_were_given(name: str) -> None:
    serializer = getattr(load("pyspark.serializers"), name)()
    assert serializer.loads(serializer.dumps([1, ("a", None)])) == [1, ("a", None)]


@pytest.mark.usefixtures("alias")
def test_a_context_takes_a_serializer_and_uses_its_own() -> None:
    pyspark = load("pyspark")
    with pyspark.SparkContext("local[1]", "serial", serializer=pyspark.MarshalSerializer()) as sc:
        assert sc.parallelize([{1}], 1).collect() == [{1}]


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize("name", ["streaming", "datasource", "types", "functions", "window"])
def test_a_module_of_pyspark_sql_has_its_name_here_too(name: str) -> None:
    theirs, ours = load(f"pyspark.sql.{name}"), load(f"streamcore.sql.{name}")
    shared = [member for member in PUBLIC[f"pyspark.sql.{name}"] if hasattr(theirs, member)]
    assert [member for member in shared if not hasattr(ours, member)] == []
