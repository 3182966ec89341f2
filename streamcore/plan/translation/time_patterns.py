"""Times by datetime patterns: in the engine's words where these mean the same, and else in Python."""

from __future__ import annotations

import re

from streamcore.duck.date_patterns import date_format
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.zones import to_instant
from streamcore.errors import IllegalArgumentException
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import LONG, STRING, TIMESTAMP, TIMESTAMP_NTZ
from streamcore.plan.translation.core import Compiled, TranslationContext
from streamcore.plan.translation.date_parts import local_time
from streamcore.plan.translation.native import native
from streamcore.spi.datetime_patterns.letters import pieces_of

_PLAIN = re.compile(r"yyyy([^A-Za-z0-9'\[\]{}#]+(MM|dd|HH|mm|ss|SSS|SSSSSS))*")


def written(value: Compiled, pattern: Compiled, context: TranslationContext) -> Compiled:
    """The text of a time by a pattern, which may be a column."""
    nullable = value.nullable or pattern.nullable
    if pattern.is_literal and pattern.value is not None:
        form = _writable(str(pattern.value))
        if form is not None:
            return Compiled(f"strftime({local_time(value, context)}, {string(form)})", STRING, nullable)
    instant = cast(value, TIMESTAMP, context)
    micros = Compiled(f"epoch_us({instant.sql})", LONG, instant.nullable)
    settings = {"zone": context.time_zone}
    return native(
        "datetimes.written", [micros, cast(pattern, STRING, context)], STRING, settings, nullable=nullable
    )


def _writable(pattern: str) -> str | None:
    """The format of strftime for a pattern, if it has one; a wrong pattern is refused."""
    pieces_of(pattern, is_read=False)
    if "[" in pattern:
        return None
    try:
        found = date_format(pattern)
    except IllegalArgumentException:
        return None
    return found.text if found.zone_letters is None else None


def parsed(text: Compiled, pattern: Compiled, context: TranslationContext, *, safe: bool) -> Compiled:
    """The instant in a text, written by a pattern; an error where there is none, or null if `safe`."""
    safe = safe or not context.ansi
    settings = {"zone": context.time_zone, "safe": safe}
    form = _readable(pattern)
    written_by = cast(pattern, STRING, context)
    nullable = text.nullable or pattern.nullable or safe

    def slowly(t: str) -> str:
        arguments = [Compiled(t, STRING), written_by]
        return f"make_timestamptz({native('datetimes.read_instant', arguments, LONG, settings).sql})"

    if form is None:
        return Compiled(slowly(text.sql), TIMESTAMP, nullable)
    same = string(form)

    def taken(t: str, p: str) -> str:
        # What strftime writes back as it was has been read as Java reads it, which is stricter than strptime.
        fast = f"WHEN strftime({p}, {same}) = {t} THEN {to_instant(p, context.time_zone)}"
        return f"CASE {fast} WHEN {t} IS NOT NULL THEN {slowly(t)} END"

    sql = let(text.sql, lambda t: let(f"try_strptime({t}, {same})", lambda p: taken(t, p)))
    return Compiled(sql, TIMESTAMP, nullable)


def parsed_local(text: Compiled, pattern: Compiled, context: TranslationContext, *, safe: bool) -> Compiled:
    """As `parsed`, of a time without a zone."""
    safe = safe or not context.ansi
    _readable(pattern)
    read = native("datetimes.read_local", [text, cast(pattern, STRING, context)], LONG, {"safe": safe})
    nullable = text.nullable or pattern.nullable or safe
    return Compiled(f"make_timestamp({read.sql})", TIMESTAMP_NTZ, nullable)


def _readable(pattern: Compiled) -> str | None:
    """The format of strptime for a pattern that it reads, and strftime writes back, as Java does.

    Raises IllegalArgumentException for a literal pattern that is none.
    """
    if not pattern.is_literal or pattern.value is None:
        return None
    text = str(pattern.value)
    pieces_of(text, is_read=True)
    fields = re.findall(r"[A-Za-z]+", text)
    is_plain = _PLAIN.fullmatch(text) is not None and len(set(fields)) == len(fields)
    return date_format(text).text if is_plain else None
