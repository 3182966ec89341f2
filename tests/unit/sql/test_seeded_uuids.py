"""uuid(seed); the answers are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.sql import functions as F
from streamcore.sql.session import Session


@pytest.mark.parametrize(
    ("seed", "drawn"),
    [
        (123, ["4c99192d-23d6-4d88-b814-a634398120f0", "af506873-3c53-41e3-8354-a24856b8de8a"]),
        (-5, ["e338c8ff-0ff5-447d-95a9-d0fbf8bc6331", "1c01a525-76f6-4e73-b003-ecff815a57f0"]),
        (2**40 + 7, ["1fdbee7b-6e16-43f1-a88b-d2c0fd0a2cd9", "6104151f-df10-45d7-ab64-bf8d1f95f50c"]),
    ],
)
def test_a_seed_gives_the_identifiers_that_spark_draws(session: Session, seed: int, drawn: list[str]) -> None:
    found = session.range(0, 2, 1, 1).select(F.uuid(seed=seed))
    assert ([row[0] for row in found.collect()], found.columns) == (drawn, ["uuid()"])
