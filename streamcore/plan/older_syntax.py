"""What Spark's settings bring back of the syntax of earlier versions, for the text of a statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

JOINED_LITERALS: Final = "spark.sql.legacy.consecutiveStringLiterals.enabled"
LEFT_TO_RIGHT: Final = "spark.sql.legacy.setopsPrecedence.enabled"

SETTINGS: Final = (JOINED_LITERALS, LEFT_TO_RIGHT)


@dataclass(frozen=True)
class OlderSyntax:
    """How a text is read.

    Parameters
    ----------
    joined_literals
        Whether `'a''b'` is two literals, put together; else a doubled quote stands for itself.
    left_to_right
        Whether UNION, EXCEPT and INTERSECT are computed as they stand; else INTERSECT binds tighter.
    """

    joined_literals: bool = False
    left_to_right: bool = False

    @classmethod
    def of(cls, setting: Callable[[str], str | None]) -> OlderSyntax:
        """What settings ask for.

        >>> OlderSyntax.of({LEFT_TO_RIGHT: "true"}.get)
        OlderSyntax(joined_literals=False, left_to_right=True)
        """
        return cls(setting(JOINED_LITERALS) == "true", setting(LEFT_TO_RIGHT) == "true")


NONE: Final = OlderSyntax()
