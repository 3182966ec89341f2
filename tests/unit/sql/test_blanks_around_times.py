"""What Spark takes for blanks around a time, and a zone behind a word for one."""

from __future__ import annotations

import pytest

from streamcore.sql.session import Session


@pytest.mark.parametrize("text", [r"2019-01-01\t", r"\t 2019-01-01 00:00\n", r"2019\r"])
def test_control_characters_around_a_timestamp_mean_nothing(session: Session, text: str) -> None:
    [row] = session.sql(f"SELECT CAST('{text}' AS TIMESTAMP) = TIMESTAMP '2019-01-01 00:00:00'").collect()
    assert row[0] is True


def test_a_zone_behind_a_word_must_be_one_and_changes_nothing(session: Session) -> None:
    [row] = session.sql("SELECT TIMESTAMP 'tomorrow Zulu' = TIMESTAMP 'tomorrow'").collect()
    assert row[0] is True
