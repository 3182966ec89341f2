"""What the log says of a query's life, as text and as JSON."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from streamcore.context import Context
from streamcore.errors import (
    CheckpointFenced,
    IllegalArgumentException,
    SourceUnavailable,
    StreamingQueryException,
)
from streamcore.logging import configure
from streamcore.sql.session import Session
from streamcore.sql.streaming.query import StreamingQuery
from streamcore.testing.memory_source import MemoryStream

_PATIENCE_S = 60


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(Context("local[1]")) as made:
        yield made


@pytest.fixture
def unconfigured() -> Iterator[None]:
    """The engine's logger as it was, afterwards."""
    logger = logging.getLogger("streamcore")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.fixture
def written(unconfigured: None) -> io.StringIO:
    stream = io.StringIO()
    configure("json", "DEBUG", stream)
    return stream


def _lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def _run_two_batches(session: Session) -> StreamingQuery:
    stream = MemoryStream("n int")
    query: StreamingQuery = stream.toDF(session).writeStream.format("memory").queryName("clicks").start()
    for numbers in ([(1,), (2,)], [(3,)]):
        stream.addData(numbers)
        query.processAllAvailable()
    query.stop()
    return query


def test_a_querys_life_is_a_line_for_its_start_each_batch_and_its_end(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "streamcore"):
        _run_two_batches(session)
    started, first, second, ended = (r.getMessage() for r in caplog.records if r.levelno == logging.INFO)
    assert started.startswith("query clicks started: batch 0 from {")
    assert "exactly-once" in started
    assert first.startswith("query clicks batch 0 committed: 2 rows in, 2 out, ")
    assert second.startswith("query clicks batch 1 committed: 1 rows in, 1 out, ")
    assert ended == "query clicks ended before batch 2: stopped"


def test_nothing_is_said_below_a_warning_unless_it_is_asked_for(
    session: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    _run_two_batches(session)
    assert capfd.readouterr() == ("", "")


def test_json_has_the_ids_and_figures_of_each_event(session: Session, written: io.StringIO) -> None:
    query = _run_two_batches(session)
    events = {line["event"]: line for line in _lines(written) if "event" in line}
    assert list(events) == ["started", "committed", "stopped"]
    for line in events.values():
        assert (line["query"], line["query_id"], line["run_id"]) == ("clicks", query.id, query.runId)
        assert line["level"] == "INFO"
        assert line["time"].endswith("+00:00")
    assert events["started"]["guarantee"] == "exactly-once"
    assert (events["committed"]["batch_id"], events["committed"]["rows_in"]) == (1, 1)


def test_steps_are_said_at_debug_with_the_query_they_belong_to(
    session: Session, written: io.StringIO
) -> None:
    _run_two_batches(session)
    steps = [line for line in _lines(written) if line["message"].startswith("sink-commit took ")]
    assert [line["query"] for line in steps] == ["clicks", "clicks"]


def test_an_attempt_that_is_made_again_is_a_warning(session: Session, written: io.StringIO) -> None:
    stream = MemoryStream("n int")
    query = stream.toDF(session).writeStream.format("memory").queryName("patient").start()
    loop, failures = query._run.loop, iter([SourceUnavailable("nobody answers")])
    found = loop._next_ends

    def once_away() -> Any:
        for failure in failures:
            raise failure
        return found()

    loop._next_ends = once_away
    stream.addData([(1,)])
    query.processAllAvailable()
    query.stop()
    (warned,) = [line for line in _lines(written) if line["level"] == "WARNING"]
    assert warned["query"] == "patient"
    assert "nobody answers" in warned["message"]


def _fail_with(session: Session, error: Exception) -> StreamingQueryException:
    def fail(frame: Any, batch_id: int) -> None:
        if batch_id == 1:
            raise error

    stream = MemoryStream("n int")
    query = stream.toDF(session).writeStream.foreachBatch(fail).start()
    stream.addData([(1,)])
    query.processAllAvailable()
    stream.addData([(2,)])
    with pytest.raises(StreamingQueryException) as failed:
        query.awaitTermination(_PATIENCE_S)
    return failed.value


def test_a_query_that_was_fenced_out_is_one_line_without_a_traceback(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    _fail_with(session, CheckpointFenced("another driver owns it"))
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert said.exc_info is None
    assert "\n" not in said.getMessage()


def test_an_error_of_the_users_code_has_its_traceback(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    _fail_with(session, KeyError("mistake"))
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert said.exc_info is not None


def test_a_failed_querys_message_names_its_batch(session: Session) -> None:
    assert "batchId = 1]" in _fail_with(session, ValueError("no")).message


def test_no_password_of_a_url_reaches_the_log_or_the_message(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    failed = _fail_with(session, CheckpointFenced("cannot write to s3://me:hush@bucket/x"))
    assert "hush" not in failed.message
    assert "hush" not in caplog.text
    assert "s3://me:***@bucket/x" in caplog.text


# ---- configure -----------------------------------------------------------------------------------


def test_text_lines_name_the_query_of_what_does_not_name_it(unconfigured: None) -> None:
    from streamcore.logging import about

    stream = io.StringIO()
    configure("text", "INFO", stream)
    with about(query="clicks"):
        logging.getLogger("streamcore.sources").warning("away")
    assert stream.getvalue().endswith(" WARNING streamcore.sources: away [query clicks]\n")


def test_configuring_again_replaces_and_leaves_the_loggers_of_others_alone(unconfigured: None) -> None:
    others = logging.getLogger()
    before = others.handlers[:], others.level
    first, second = io.StringIO(), io.StringIO()
    configure("text", "INFO", first)
    configure("json", None, second)
    logging.getLogger("streamcore.x").info("hello")
    assert first.getvalue() == ""
    assert json.loads(second.getvalue())["message"] == "hello"
    assert (others.handlers, others.level) == before


def test_settings_configure_the_log_too(unconfigured: None, capfd: pytest.CaptureFixture[str]) -> None:
    from streamcore.conf import Conf

    conf = Conf(loadDefaults=False).set("spark.streamcore.log.format", "json").set("spark.log.level", "DEBUG")
    with Context("local[1]", conf=conf):
        logging.getLogger("streamcore.x").debug("hello")
    assert json.loads(capfd.readouterr().err)["message"] == "hello"


@pytest.mark.parametrize(("format", "level"), [("xml", "INFO"), ("text", "LOUD")])
def test_an_unknown_format_or_level_is_refused_with_those_there_are(
    unconfigured: None, format: str, level: str
) -> None:
    with pytest.raises(IllegalArgumentException, match="must be one of"):
        configure(format, level)
