"""Numbers as the text that Java writes."""

from __future__ import annotations

from streamcore.duck.once import let


def double_to_string(sql: str) -> str:
    """SQL of a DOUBLE's or FLOAT's text as Java writes it: `1.0E10`, `NaN`, `Infinity`."""
    return let(sql, _java_double)


def _java_double(x: str) -> str:
    text = f"CAST(abs({x}) AS VARCHAR)"
    sign = f"CASE WHEN {x} < 0 THEN '-' ELSE '' END"
    mantissa = f"split_part({text}, 'e', 1)"
    pointed = f"CASE WHEN contains({mantissa}, '.') THEN {mantissa} ELSE {mantissa} || '.0' END"
    digits = f"trim(replace({text}, '.', ''), '0')"
    shifted = (
        f"left({digits}, 1) || '.' || CASE WHEN length({digits}) > 1 THEN substr({digits}, 2) ELSE '0' END"
    )
    return (
        f"CASE WHEN isnan({x}) THEN 'NaN' WHEN isinf({x}) THEN {sign} || 'Infinity' "
        f"WHEN {x} = 0 OR (abs({x}) >= 0.001 AND abs({x}) < 1e7) THEN CAST({x} AS VARCHAR) "
        f"WHEN contains({text}, 'e') "
        f"THEN {sign} || {pointed} || 'E' || CAST(split_part({text}, 'e', 2) AS INTEGER) "
        f"WHEN abs({x}) < 1 THEN {sign} || {shifted} || 'E-4' "
        f"ELSE {sign} || {shifted} || 'E' || (length(split_part({text}, '.', 1)) - 1) END"
    )
