"""What a query asks of its session."""

from __future__ import annotations

from streamcore.duck.quoting import string
from streamcore.plan.session_facts import fact_of
from streamcore.plan.translation.coercion import STRING
from streamcore.plan.translation.core import Call, Compiled, function


@function("current_user", "session_user", "user", "current_catalog", "version", takes="")
@function("current_database", "current_schema", takes="", shown="current_schema()")
def _fact(call: Call) -> Compiled:
    value = fact_of(call.node)
    return Compiled(string(value), STRING, nullable=False, value=value)
