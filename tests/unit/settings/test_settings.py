"""Every known setting is read or refused, and nothing else is taken in silence."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from streamcore.conf import Conf
from streamcore.context import Context
from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.settings.checking import checked as checked_setting
from streamcore.settings.table import KNOWN, NO_EFFECT, Scope, Setting
from streamcore.sql.conf import RuntimeConfig
from streamcore.sql.functions import pandas_udf
from streamcore.sql.session import Session


@pytest.fixture
def read_keys(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The keys that the engine asks for."""
    asked: set[str] = set()

    def recording(of: Any) -> None:
        original = of.get

        def get(self: Any, key: str, *default: Any) -> Any:
            asked.add(key)
            return original(self, key, *default)

        monkeypatch.setattr(of, "get", get)

    recording(Conf)
    recording(RuntimeConfig)
    return asked


def _a_program_that_does_a_bit_of_everything(folder: Path) -> None:
    conf = Conf(loadDefaults=False).setMaster("local[1]").set("streamcore.executor", "threads")
    conf.set("spark.sql.warehouse.dir", str(folder / "warehouse"))
    with Session(Context(conf=conf)) as session:
        session.conf.set("spark.sql.repl.eagerEval.enabled", True)
        frame = session.range(4).repartition("id")
        assert "id" in repr(frame)
        frame.show()
        session.range(1).transpose()
        session.sql("SELECT 1 UNION SELECT 2").count()
        assert pandas_udf(lambda numbers: numbers, "long")("id") is not None
        frame.write.save(str(folder / "in"))
        session.read.load(str(folder / "in")).count()
        session.sparkContext.parallelize([1, 2]).count()
        assert session.sparkContext.master == "local[1]"
        with pytest.raises(AnalysisException, match="checkpointLocation"):
            session.readStream.schema("id bigint").load(str(folder / "in")).writeStream.start(
                str(folder / "o")
            )
        stream = session.readStream.format("rate-micro-batch").option("rowsPerBatch", 1).load()
        query = stream.writeStream.trigger(once=True).option("checkpointLocation", str(folder / "c"))
        query.toTable("rates").awaitTermination()
        with pytest.raises(Exception, match="chema"):
            session.readStream.format("json").load(str(folder))


def test_the_engine_reads_every_setting_that_it_honours(read_keys: set[str], tmp_path: Path) -> None:
    _a_program_that_does_a_bit_of_everything(tmp_path)
    honoured = {key for key, setting in KNOWN.items() if not setting.has_one_value}
    # Asked for where a terminal shows progress.
    assert honoured - read_keys - {"spark.ui.showConsoleProgress"} == set()


@pytest.mark.parametrize("setting", [s for s in KNOWN.values() if s.has_one_value], ids=lambda s: s.key)
def test_a_setting_with_one_value_refuses_every_other_with_the_reason(setting: Setting) -> None:
    conf = Conf(loadDefaults=False).set(setting.key, setting.default or "")
    with pytest.raises(IllegalArgumentException, match="streamcore honours only") as refused:
        conf.set(setting.key, "something else")
    assert setting.key in str(refused.value)


@pytest.mark.parametrize(
    "setting",
    [s for s in KNOWN.values() if s.kind.words != "text" and not s.has_one_value],
    ids=lambda s: s.key,
)
def test_a_bad_value_is_refused_where_it_is_set_and_the_error_names_the_key(setting: Setting) -> None:
    with pytest.raises(IllegalArgumentException, match="INVALID_CONF_VALUE") as refused:
        Conf(loadDefaults=False).set(setting.key, "!?")
    assert setting.key in str(refused.value)
    if setting.scope is Scope.SESSION:
        with pytest.raises(IllegalArgumentException, match="INVALID_CONF_VALUE"):
            RuntimeConfig(Conf(loadDefaults=False)).set(setting.key, "!?")


@pytest.mark.parametrize("setting", KNOWN.values(), ids=lambda s: s.key)
def test_a_default_is_a_value_that_the_setting_can_have(setting: Setting) -> None:
    if setting.default is not None:
        assert Conf(loadDefaults=False).set(setting.key, setting.default).get(setting.key) == setting.default


def test_numbers_have_the_range_that_is_said() -> None:
    conf = Conf(loadDefaults=False)
    for key in (
        "spark.sql.shuffle.partitions",
        "spark.sql.streaming.minBatchesToRetain",
        "spark.task.maxFailures",
    ):
        with pytest.raises(IllegalArgumentException, match="positive"):
            conf.set(key, 0)
    with pytest.raises(IllegalArgumentException, match="at least 0"):
        conf.set("spark.sql.streaming.numRecentProgressUpdates", -1)


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("spark.sql.shufle.partitions", "spark.sql.shuffle.partitions"),
        ("spark.streamcore.memory.limits", "spark.streamcore.memory.limit"),
        ("spark.sql.sesion.timezone", "spark.sql.session.timeZone"),
    ],
)
def test_an_unknown_setting_of_the_engines_is_warned_of_with_the_nearest_name(
    key: str, nearest: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "streamcore"):
        Conf(loadDefaults=False).set(key, "8")
    assert f"{key} is not known" in caplog.text
    assert f"did you mean {nearest}?" in caplog.text


def test_settings_of_a_jvm_and_of_others_are_taken_quietly(caplog: pytest.LogCaptureFixture) -> None:
    conf = Conf(loadDefaults=False)
    for beginning in NO_EFFECT:
        conf.set(f"{beginning}x" if beginning.endswith(".") else beginning, "1")
    conf.set("my.own.setting", "1").set("spark.mine.too", "1")
    assert caplog.text == ""


def test_a_setting_that_a_running_application_cannot_change_is_said_to_have_no_effect(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Session(Context("local[1]")) as session:
        with caplog.at_level(logging.WARNING, "streamcore"):
            Session.builder.config("spark.streamcore.memory.limit", "1g").getOrCreate()
        assert "spark.streamcore.memory.limit has no effect" in caplog.text
        for key in ("spark.streamcore.memory.limit", "spark.executor.memory"):
            with pytest.raises(AnalysisException, match="CANNOT_MODIFY_CONFIG"):
                session.conf.set(key, "1g")


def test_a_wrong_value_from_the_environment_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMCORE_CONF_spark__sql__storeAssignmentPolicy", "LEGACY")
    with pytest.raises(IllegalArgumentException, match="try_cast"):
        Conf()


def test_the_behaviour_of_an_earlier_spark_is_refused_not_promised() -> None:
    with pytest.raises(IllegalArgumentException, match="no legacy behaviour to go back to"):
        checked_setting("spark.sql.legacy.allowHashOnMapType", True)
    assert checked_setting("spark.sql.legacy.allowHashOnMapType", False) == "false"
