"""Sketches and bitmaps: those of the parts are joined by the aggregate that joins sketches."""

from __future__ import annotations

from streamcore.plan.attributes import reference
from streamcore.plan.expressions import call
from streamcore.plan.partials.core import Parts, SplitAggregate, of_one, partial_rule

_MERGES = {
    "hll_sketch_agg": "hll_union_agg",
    "hll_union_agg": "hll_union_agg",
    "theta_sketch_agg": "theta_union_agg",
    "theta_union_agg": "theta_union_agg",
    "bitmap_construct_agg": "bitmap_or_agg",
    "bitmap_or_agg": "bitmap_or_agg",
    "bitmap_and_agg": "bitmap_and_agg",
}


@partial_rule(*_MERGES)
def _sketch(parts: Parts) -> SplitAggregate:
    partial = parts.partial(parts.name, parts.whole())
    # A size, or whether sizes may differ, holds for what is joined as well; bitmaps have none.
    settings = parts.arguments[1:]
    if parts.name == "hll_sketch_agg":
        settings = []
    return of_one(partial, call(_MERGES[parts.name], reference(partial.attribute), *settings))
