"""What a command answers has no columns, and can be shown, limited and counted like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.session import Session

if TYPE_CHECKING:
    import pytest


def test_the_answer_of_a_command_is_shown(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.sql("DECLARE OR REPLACE VARIABLE shown INT DEFAULT 1").show()
    assert capsys.readouterr().out == "++\n||\n++\n++\n\n"
    assert session.sql("DROP TEMPORARY VARIABLE shown").limit(3).count() == 0
