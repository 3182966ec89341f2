"""ORDER BY ALL: by every column of the select list, from the left, all in one direction."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.resolution import Names


def is_by_all(order: exp.Expression, names: Names) -> bool:
    """Whether an ORDER BY clause is ALL alone, and no column among `names` is called so."""
    terms = order.expressions
    term = terms[0].this if len(terms) == 1 else None
    if not isinstance(term, exp.Column) or len(term.parts) != 1 or term.name.lower() != "all":
        return False
    return names.find([term.name]) is None


def directed(order: exp.Expression, key: exp.Expression) -> exp.Expression:
    """The key in the direction of the clause's only term."""
    term = order.expressions[0]
    return exp.Ordered(this=key, desc=term.args.get("desc"), nulls_first=term.args.get("nulls_first"))
