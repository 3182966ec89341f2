"""How the columns of calls are named that the DataFrame API makes."""

from __future__ import annotations

from streamcore.sql import functions as F
from streamcore.sql.session import Session


def test_a_python_function_is_called_as_it_was_registered(session: Session) -> None:
    session.udf.register("timesTwo", lambda value: value * 2, "long")
    frame = session.range(1)
    assert frame.select(F.call_udf("TIMESTWO", "id")).columns == ["timesTwo(id)"]
    assert session.sql("SELECT timestwo(3)").columns == ["timesTwo(3)"]


def test_parts_of_an_interval_that_are_left_out_are_shown_as_zero(session: Session) -> None:
    made = session.range(1).select(F.make_interval("id"), F.make_dt_interval("id", "id"))
    assert made.columns == ["make_interval(id, 0, 0, 0, 0, 0, 0)", "make_dt_interval(id, id, 0, 0)"]
