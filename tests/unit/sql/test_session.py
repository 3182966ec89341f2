from __future__ import annotations

import subprocess
import sys

import pytest

import streamcore
from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.spi.row import Row
from streamcore.sql.session import Session


def test_get_or_create_returns_the_running_session_with_new_settings(session: Session) -> None:
    running = session.newSession()
    again = Session.builder.config("spark.sql.shuffle.partitions", 7).getOrCreate()
    assert again is running
    assert running.conf.get("spark.sql.shuffle.partitions") == "7"
    running.conf.unset("spark.sql.shuffle.partitions")
    assert running.conf.get("spark.sql.shuffle.partitions") == "1"


def test_a_new_session_shares_the_context_but_neither_settings_nor_views(session: Session) -> None:
    session.range(1).createOrReplaceTempView("mine")
    session.range(2).createOrReplaceGlobalTempView("everyones")
    session.conf.set("spark.sql.caseSensitive", True)
    try:
        other = session.newSession()
        assert other.sparkContext is session.sparkContext
        assert not other.catalog.tableExists("mine")
        assert other.table("global_temp.everyones").count() == 2
        assert other.conf.get("spark.sql.caseSensitive") == "false"
    finally:
        session.conf.unset("spark.sql.caseSensitive")
        session.catalog.dropTempView("mine")
        session.catalog.dropGlobalTempView("everyones")
        Session._active = session


def test_a_setting_with_a_value_that_it_cannot_have_is_refused(session: Session) -> None:
    with pytest.raises(IllegalArgumentException, match=r"spark\.sql\.caseSensitive"):
        session.conf.set("spark.sql.caseSensitive", "perhaps")
    with pytest.raises(IllegalArgumentException, match="positive integer"):
        session.conf.set("spark.sql.shuffle.partitions", 0)
    with pytest.raises(AnalysisException, match="CANNOT_MODIFY_CONFIG"):
        session.conf.set("spark.master", "local")


def test_an_unknown_setting_has_no_value_unless_a_default_is_given(session: Session) -> None:
    with pytest.raises(AnalysisException, match="SQL_CONF_NOT_FOUND"):
        session.conf.get("spark.sql.nonsense")
    assert session.conf.get("spark.sql.nonsense", "x") == "x"
    assert session.conf.get("spark.sql.nonsense", None) is None


@pytest.mark.parametrize(
    ("arguments", "expected"), [((3,), [0, 1, 2]), ((1, 4), [1, 2, 3]), ((5, 0, -2), [5, 3, 1])]
)
def test_range_counts_as_pythons_does(
    session: Session, arguments: tuple[int, ...], expected: list[int]
) -> None:
    assert session.range(*arguments).collect() == [Row(id=n) for n in expected]
    assert session.range(*arguments).schema.simpleString() == "struct<id:bigint>"


def test_hive_and_connect_are_refused_with_a_way_out() -> None:
    with pytest.raises(UnsupportedOperationException, match="createOrReplaceTempView"):
        Session.builder.enableHiveSupport()
    with pytest.raises(UnsupportedOperationException, match="local"):
        Session.builder.remote("sc://x")


def test_the_version_is_streamcores(session: Session) -> None:
    assert session.version == streamcore.__version__


def test_starting_a_session_imports_no_heavy_library() -> None:
    program = (
        "import sys; from streamcore import Session; Session.builder.master('local[1]').getOrCreate(); "
        "heavy = ('pandas', 'numpy', 'pyarrow', 'duckdb', 'sqlglot', 'sqlalchemy'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_stopped_session_is_no_longer_the_active_one() -> None:
    program = (
        "from streamcore import Session; s = Session.builder.master('local[1]').getOrCreate(); s.stop(); "
        "print(Session.getActiveSession(), Session.builder.master('local[1]').getOrCreate().range(2).count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None 2"


def test_a_notebook_shows_as_many_rows_and_characters_as_was_set(session: Session) -> None:
    fresh = session.newSession()
    fresh.conf.set("spark.sql.repl.eagerEval.enabled", True)
    fresh.conf.set("spark.sql.repl.eagerEval.maxNumRows", 2)
    fresh.conf.set("spark.sql.repl.eagerEval.truncate", 5)
    frame = fresh.createDataFrame([("a<b>cdefgh", 1), (None, 2), ("c", 3)], "name string, n int")
    assert repr(frame).startswith("+-----+---+\n| name|  n|\n+-----+---+\n|a<...|  1|\n")
    assert frame._repr_html_() == (
        "<table border='1'>\n<tr><th>name</th><th>n</th></tr>\n<tr><td>a&lt;...</td><td>1</td></tr>\n"
        "<tr><td>NULL</td><td>2</td></tr>\n</table>\nonly showing top 2 rows\n"
    )
    assert repr(frame) == "DataFrame[name: string, n: int]"
