"""Regular expressions: by RE2 where it means the same, else by a function in Python."""

from __future__ import annotations

from streamcore.duck.quoting import string
from streamcore.plan.function_specs import IN_CAPITALS
from streamcore.plan.translation.casts import as_text, cast
from streamcore.plan.translation.coercion import BOOLEAN, INT, STRING
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import native
from streamcore.plan.translation.patterns import Pattern, java_pattern, re2_replacement
from streamcore.spi.types import ArrayType, DataType

_TEXTS = ArrayType(STRING, containsNull=False)


def _text_and_pattern(call: Call) -> tuple[Compiled, Pattern]:
    value = call.arg(0)
    text = Compiled(as_text(value, call.context), STRING, value.nullable)
    return text, java_pattern(call, 1)


def _in_python(name: str, text: Compiled, pattern: Pattern, returns: DataType, *more: Compiled) -> Compiled:
    return native(f"regexps.{name}", [text, pattern.java, *more], returns)


@function("rlike", "regexp", "regexp_like", takes="str, regexp", shown=IN_CAPITALS)
def _rlike(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    if pattern.re2 is None:
        return _in_python("rlike", text, pattern, BOOLEAN)
    return Compiled(f"regexp_matches({text.sql}, {pattern.re2})", BOOLEAN, text.nullable)


@function("regexp_extract", takes="str, regexp, idx = 1")
def _regexp_extract(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    group = _group(call)
    if not pattern.has_group(group):
        return _in_python("regexp_extract", text, pattern, STRING, group)
    return Compiled(f"regexp_extract({text.sql}, {pattern.re2}, {group.value})", STRING, text.nullable)


@function("regexp_extract_all", takes="str, regexp, idx = 1")
def _regexp_extract_all(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    group = _group(call)
    if not pattern.has_group(group):
        return _in_python("regexp_extract_all", text, pattern, _TEXTS, group)
    return Compiled(f"regexp_extract_all({text.sql}, {pattern.re2}, {group.value})", _TEXTS, text.nullable)


def _group(call: Call) -> Compiled:
    if len(call.nodes) < 3:
        return Compiled("CAST(1 AS INTEGER)", INT, nullable=False, value=1)
    return cast(call.arg(2), INT, call.context)


@function("regexp_replace", takes="str, regexp, rep, position = 1")
def _regexp_replace(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    new = cast(call.arg(2), STRING, call.context)
    start = cast(call.arg(3), INT, call.context) if len(call.nodes) > 3 else None
    if start is not None and start.is_literal and start.value is not None and int(start.value) < 1:
        raise call.error(f"its position must be between (0, 2147483647] (current value = {start.value})")
    is_plain = new.is_literal and new.value is not None and start is None
    if pattern.re2 is None or not is_plain or not _names_groups(str(new.value), pattern):
        return _in_python("regexp_replace", text, pattern, STRING, new, *([start] if start else []))
    replacement = string(re2_replacement(str(new.value)))
    return Compiled(f"regexp_replace({text.sql}, {pattern.re2}, {replacement}, 'g')", STRING, text.nullable)


def _names_groups(replacement: str, pattern: Pattern) -> bool:
    """Whether RE2 can write the replacement: groups by number, which the pattern has."""
    return "${" not in replacement and all(
        int(digit) <= pattern.groups
        for digit, before in zip(replacement[1:], replacement, strict=False)
        if before == "$" and digit.isdigit()
    )


@function("regexp_count", takes="str, regexp")
def _regexp_count(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    if pattern.re2 is None or pattern.may_be_empty:
        return _in_python("regexp_count", text, pattern, INT)
    sql = f"CAST(len(regexp_extract_all({text.sql}, {pattern.re2})) AS INTEGER)"
    return Compiled(sql, INT, text.nullable)


@function("regexp_substr", takes="str, regexp")
def _regexp_substr(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    if pattern.re2 is None or pattern.may_be_empty:
        found = _in_python("regexp_substr", text, pattern, STRING)
        return Compiled(found.sql, STRING, nullable=True)
    found_sql = f"regexp_extract({text.sql}, {pattern.re2})"
    return Compiled(f"nullif({found_sql}, '')", STRING, nullable=True)


@function("regexp_instr", takes="str, regexp, idx = 0")
def _regexp_instr(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    if len(call.nodes) == 3:
        # Spark reads the group's number, and finds the whole match for each.
        cast(call.arg(2), INT, call.context)
    if pattern.re2 is None or pattern.may_be_empty:
        return _in_python("regexp_instr", text, pattern, INT)
    before = f"string_split_regex({text.sql}, {pattern.re2})[1]"
    sql = f"CASE WHEN regexp_matches({text.sql}, {pattern.re2}) THEN length({before}) + 1 ELSE 0 END"
    guarded = f"CASE WHEN {text.sql} IS NOT NULL THEN CAST({sql} AS INTEGER) END"
    return Compiled(guarded, INT, text.nullable)


@function("split", takes="str, regex, limit = -1")
def _split(call: Call) -> Compiled:
    text, pattern = _text_and_pattern(call)
    limit = (
        cast(call.arg(2), INT, call.context)
        if len(call.nodes) == 3
        else Compiled("CAST(-1 AS INTEGER)", INT, nullable=False, value=-1)
    )
    limited = not limit.is_literal or limit.value is None or int(limit.value) > 0
    if limited or pattern.re2 is None or (pattern.may_be_empty and pattern.plain is None):
        return _in_python("split", text, pattern, _TEXTS, limit)
    if pattern.plain is not None:
        return Compiled(f"string_split({text.sql}, {string(pattern.plain)})", _TEXTS, text.nullable)
    return Compiled(f"string_split_regex({text.sql}, {pattern.re2})", _TEXTS, text.nullable)
