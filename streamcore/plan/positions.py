"""Integer literals in ORDER BY and GROUP BY: they mean the columns of the select list at these places."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException


def position(key: exp.Expression, width: int, clause: str) -> int | None:
    """The place, from 0, of the column that an integer literal means; None for any other expression.

    Raises AnalysisException when none of the `width` columns has this place; `clause` is "ORDER BY" or
    "GROUP BY".
    """
    is_negative = isinstance(key, exp.Neg)
    literal = key.this if is_negative else key
    if not isinstance(literal, exp.Literal) or literal.args.get("is_string") or not literal.name.isdigit():
        return None
    place = -int(literal.name) if is_negative else int(literal.name)
    if not 1 <= place <= width:
        raise AnalysisException(
            f"[{clause.replace(' ', '_')}_POS_OUT_OF_RANGE] {clause} position {place} is not in select list "
            f"(valid range is [1, {width}]). SQLSTATE: 42805"
        )
    return place - 1
