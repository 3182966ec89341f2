"""Arrays of a group's values; they grow with what they hold, as in Spark."""

from __future__ import annotations

from streamcore.plan.expressions import call
from streamcore.plan.partials.core import Parts, SplitAggregate, all_elements, of_one, partial_rule


@partial_rule("collect_list", "array_agg")
def _list(parts: Parts) -> SplitAggregate:
    partial = parts.partial(parts.name, parts.whole())
    return of_one(partial, all_elements(partial.attribute))


@partial_rule("collect_set")
def _set(parts: Parts) -> SplitAggregate:
    partial = parts.partial(parts.name, parts.whole())
    return of_one(partial, call("array_distinct", all_elements(partial.attribute)))
