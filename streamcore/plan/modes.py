"""The modes that give expressions their meaning: ANSI or not, and how decimals and maps are made.

As in Spark an expression has the modes of the session at the moment it is resolved, and keeps them: a
DataFrame or a view that was made under one mode answers alike when the session has another by the time it
runs.  So they are borne by the nodes of the resolved expression; a node without them has the default ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

ANSI: Final = "spark.sql.ansi.enabled"
PRECISION_LOSS: Final = "spark.sql.decimalOperations.allowPrecisionLoss"
MAP_KEYS: Final = "spark.sql.mapKeyDedupPolicy"
CONCAT_AS_STRING: Final = "spark.sql.function.concatBinaryAsString"
ELT_AS_STRING: Final = "spark.sql.function.eltOutputAsString"
MALFORMED_REPLACED: Final = "spark.sql.legacy.codingErrorAction"
INSERT_BEFORE_LAST: Final = "spark.sql.legacy.negativeIndexInArrayInsert"

_META: Final = "modes"


@dataclass(frozen=True)
class Modes:
    """What an expression depends on besides its columns.

    Parameters
    ----------
    ansi
        `spark.sql.ansi.enabled`: True fails where a value cannot be computed, False gives null or wraps;
        the types that operands are brought to differ, too.
    precision_loss
        `spark.sql.decimalOperations.allowPrecisionLoss`: whether a decimal result of more than 38 digits
        gives up digits after the point.
    last_key_wins
        `spark.sql.mapKeyDedupPolicy=LAST_WIN`: whether the last value of a key that a map would have twice
        is kept; else it is an error.
    concat_as_string, elt_as_string
        `spark.sql.function.concatBinaryAsString`, `spark.sql.function.eltOutputAsString`: whether bytes that
        are put together, or chosen among, become text.
    insert_before_last
        `spark.sql.legacy.negativeIndexInArrayInsert`: whether -1 is the place before the last element of an
        array, and not the one behind it.
    malformed_replaced
        `spark.sql.legacy.codingErrorAction`: whether `encode` and `decode` put a replacement for what the
        character set has not; else it is an error.
    """

    ansi: bool = True
    precision_loss: bool = True
    last_key_wins: bool = False
    concat_as_string: bool = False
    elt_as_string: bool = False
    insert_before_last: bool = False
    malformed_replaced: bool = False

    def __deepcopy__(self, _: object) -> Modes:
        # Copies of expressions copy what their nodes bear; this one never changes.
        return self

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Modes:
        """The modes that settings ask for; what they do not name is as by default.

        >>> Modes.of({"spark.sql.ansi.enabled": "false"}).ansi
        False
        """
        return cls(
            ansi=settings.get(ANSI, "true") == "true",
            precision_loss=settings.get(PRECISION_LOSS, "true") == "true",
            last_key_wins=settings.get(MAP_KEYS, "EXCEPTION").upper() == "LAST_WIN",
            concat_as_string=settings.get(CONCAT_AS_STRING) == "true",
            elt_as_string=settings.get(ELT_AS_STRING) == "true",
            insert_before_last=settings.get(INSERT_BEFORE_LAST) == "true",
            malformed_replaced=settings.get(MALFORMED_REPLACED) == "true",
        )

    @property
    def settings(self) -> dict[str, str]:
        """The settings that ask for these modes, without those that have their defaults.

        >>> Modes(ansi=False).settings
        {'spark.sql.ansi.enabled': 'false'}
        """
        asked = {
            ANSI: "" if self.ansi else "false",
            PRECISION_LOSS: "" if self.precision_loss else "false",
            MAP_KEYS: "LAST_WIN" if self.last_key_wins else "",
            CONCAT_AS_STRING: "true" if self.concat_as_string else "",
            ELT_AS_STRING: "true" if self.elt_as_string else "",
            INSERT_BEFORE_LAST: "true" if self.insert_before_last else "",
            MALFORMED_REPLACED: "true" if self.malformed_replaced else "",
        }
        return {key: value for key, value in asked.items() if value}


DEFAULT: Final = Modes()
SETTINGS: Final = (
    ANSI,
    PRECISION_LOSS,
    MAP_KEYS,
    CONCAT_AS_STRING,
    ELT_AS_STRING,
    INSERT_BEFORE_LAST,
    MALFORMED_REPLACED,
)


def bearing(expression: exp.Expression, modes: Modes) -> exp.Expression:
    """The expression, whose nodes bear the modes; those that have some keep their own."""
    if modes != DEFAULT:
        for node in expression.walk():
            if isinstance(node, exp.Expression) and node.meta_get(_META) is None:
                node.meta[_META] = modes
    return expression


def modes_of(node: exp.Expression) -> Modes:
    """The modes of a resolved expression.

    >>> modes_of(bearing(exp.Boolean(this=True), Modes(ansi=False))).ansi
    False
    """
    found: Modes = node.meta_get(_META, DEFAULT)
    return found


def borne(node: exp.Expression) -> Modes | None:
    """The modes that the node bears itself; None when it was resolved under the default ones."""
    found: Modes | None = node.meta_get(_META)
    return found


def settings_of(nodes: Iterable[exp.Expression]) -> dict[str, str]:
    """The settings, other than the defaults, under which any of the nodes was resolved."""
    found: dict[str, str] = {}
    for modes in {modes for node in nodes if (modes := borne(node)) is not None}:
        found.update(modes.settings)
    return found
