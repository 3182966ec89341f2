"""Integer literals in ORDER BY and GROUP BY: they mean the columns of the select list at these places."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException


def is_position(key: exp.Expression) -> bool:
    """Whether this is an integer literal, with or without a sign."""
    literal = key.this if isinstance(key, exp.Neg) else key
    return isinstance(literal, exp.Literal) and not literal.args.get("is_string") and literal.name.isdigit()


def position(key: exp.Expression, width: int, clause: str) -> int | None:
    """The place, from 0, of the column that an integer literal means; None for any other expression.

    Raises AnalysisException when none of the `width` columns has this place; `clause` is "ORDER BY" or
    "GROUP BY".
    """
    if not is_position(key):
        return None
    place = -int(key.this.name) if isinstance(key, exp.Neg) else int(key.name)
    if not 1 <= place <= width:
        raise AnalysisException(
            f"[{clause.replace(' ', '_')}_POS_OUT_OF_RANGE] {clause} position {place} is not in select list "
            f"(valid range is [1, {width}]). SQLSTATE: 42805"
        )
    return place - 1
