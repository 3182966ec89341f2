"""The facts of functions that make rows; `plan.generators` runs them."""

from __future__ import annotations

from streamcore.plan.function_specs import Kind, declare

for _names, _takes in (
    (("explode", "explode_outer", "posexplode", "posexplode_outer"), "collection"),
    (("inline", "inline_outer"), "input"),
):
    declare(*_names, kind=Kind.GENERATOR, takes=_takes, takes_names=True)
declare("stack", kind=Kind.GENERATOR, takes="n, values...")
