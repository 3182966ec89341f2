"""The type of a subquery as a value; its text is made by the operator that it is placed in."""

from __future__ import annotations

from streamcore.plan.subqueries import SCALAR, SubqueryValue
from streamcore.plan.translation.coercion import BOOLEAN
from streamcore.plan.translation.core import Compiled, Translator, node_rule


@node_rule(SubqueryValue)
def _subquery(node: SubqueryValue, translator: Translator) -> Compiled:
    for each in (*node.values, *node.expressions):
        translator.compile(each)
    if node.args["kind"] == SCALAR:
        return Compiled("<subquery>", node.planned.plan.output[0].data_type)
    return Compiled("<subquery>", BOOLEAN, nullable=False)
