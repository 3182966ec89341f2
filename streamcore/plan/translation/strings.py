"""Text and bytes."""

from __future__ import annotations

import re

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.quoting import string
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.translation.casts import as_text, cast
from streamcore.plan.translation.coercion import BINARY, BOOLEAN, DOUBLE, INT, STRING
from streamcore.plan.translation.core import (
    Call,
    Compiled,
    TranslationContext,
    Translator,
    function,
    node_rule,
)
from streamcore.plan.translation.native import cast_arguments, native, natively
from streamcore.plan.translation.nested import INDEX_OF_ZERO, joined
from streamcore.plan.translation.simple import simple
from streamcore.plan.translation.text_casts import binary_to_string
from streamcore.spi.types import ArrayType, BinaryType, IntegralType, MapType, StructType

simple("lower lcase", "s", STRING, "lower({0})")
simple("upper ucase", "s", STRING, "upper({0})")
simple("char_length character_length", "s", INT, "CAST(length({0}) AS INTEGER)")
simple("contains", "ss", BOOLEAN, "contains({0}, {1})")
simple("startswith", "ss", BOOLEAN, "starts_with({0}, {1})")
simple("endswith", "ss", BOOLEAN, "ends_with({0}, {1})")
# greatest() would take a null for a zero.
simple("repeat left right", "si", STRING, "{name}({0}, CASE WHEN {1} < 0 THEN 0 ELSE {1} END)")
simple("space", "i", STRING, "repeat(' ', CASE WHEN {0} < 0 THEN 0 ELSE {0} END)")
simple("ascii", "s", INT, "CASE WHEN {0} = '' THEN 0 ELSE unicode({0}) END")
simple("char chr", "l", STRING, "CASE WHEN {0} < 0 THEN '' ELSE chr(CAST({0} % 256 AS INTEGER)) END")
simple("jaro_winkler_similarity", "ss", DOUBLE, "jaro_winkler_similarity({0}, {1})")
_NOT_ENCODED = "contains(regexp_replace({0}, '%[0-9A-Fa-f][0-9A-Fa-f]', '', 'g'), '%')"
_CANNOT_DECODE = raise_sql("CANNOT_DECODE_URL", "'The provided URL cannot be decoded: ' || {0}")
_DECODED = "url_decode(replace({0}, '+', ' '))"
simple("url_decode", "s", STRING,
       f"CASE WHEN {_NOT_ENCODED} THEN CAST({_CANNOT_DECODE} AS VARCHAR) ELSE {_DECODED} END")  # fmt: skip
simple("try_url_decode", "s", STRING, f"CASE WHEN NOT {_NOT_ENCODED} THEN TRY({_DECODED}) END", nullable=True)
# As HTML forms write it: a blank is a plus, the tilde is escaped, the asterisk is not.
simple(
    "url_encode",
    "s",
    STRING,
    "replace(replace(replace(url_encode({0}), '%20', '+'), '%2A', '*'), '~', '%7E')",
)
simple("translate", "sss", STRING, "translate({0}, {1}, {2})")
# Nothing parts a text into itself alone.
simple("split_part", "ssi", STRING,
       f"CASE WHEN {{2}} = 0 AND {{0}} || {{1}} IS NOT NULL THEN CAST({INDEX_OF_ZERO} AS VARCHAR) "
       "WHEN {1} = '' THEN CASE WHEN abs({2}) = 1 THEN {0} WHEN {0} || {2} IS NOT NULL THEN '' END "
       "ELSE split_part({0}, {1}, {2}) END")  # fmt: skip
simple("initcap", "s", STRING,
       "array_to_string(list_transform(string_split({0}, ' '), lambda w: upper(w[1]) || lower(w[2:])), "
       "' ')")  # fmt: skip
simple("base64", "x", STRING, "to_base64({0})")
natively("unbase64", "s", BINARY, "texts.unbase64")
simple("unhex", "s", BINARY, "TRY(unhex(CASE WHEN length({0}) % 2 = 1 THEN '0' || {0} ELSE {0} END))",
       nullable=True)  # fmt: skip
simple("md5", "x", STRING, "md5({0})")
simple("sha sha1", "x", STRING, "sha1({0})")
simple("find_in_set", "ss", INT, "CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL "
       "WHEN contains({0}, ',') THEN 0 "
       "ELSE CAST(coalesce(list_position(string_split({1}, ','), {0}), 0) AS INTEGER) END")  # fmt: skip


@function("length", "len", "octet_length", "bit_length")
def _length(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    if isinstance(value.type, BinaryType):
        sql = f"octet_length({value.sql})"
    else:
        text = as_text(value, call.context)
        sql = f"length({text})" if call.name in ("length", "len") else f"strlen({text})"
    factor = " * 8" if call.name == "bit_length" else ""
    return Compiled(f"CAST({sql}{factor} AS INTEGER)", INT, value.nullable)


@function("substring", "substr", takes="str, pos, len = 2147483647")
def _substring(call: Call) -> Compiled:
    call.expect(2, 3)
    value, start = call.arg(0), cast(call.arg(1), INT, call.context)
    length = cast(call.arg(2), INT, call.context) if len(call.nodes) == 3 else None
    nullable = value.nullable or start.nullable or (length is not None and length.nullable)
    if isinstance(value.type, BinaryType):
        raise UnsupportedOperationException("substring() of binary values is not offered; decode them first.")
    if isinstance(value.type, (ArrayType, MapType, StructType)):
        raise call.error("the first argument must be text")
    sql = _slice(as_text(value, call.context), start, length)
    unknown = [f"{part.sql} IS NULL" for part in (start, length) if part is not None and part.nullable]
    if unknown:
        sql = f"CASE WHEN {' OR '.join(unknown)} THEN NULL ELSE {sql} END"
    return Compiled(sql, STRING, nullable)


def _slice(text: str, start: Compiled, length: Compiled | None) -> str:
    if start.is_literal and isinstance(start.value, int) and start.value >= 0:
        first = max(start.value, 1)
        if length is None:
            return f"substr({text}, {first})"
        if not length.is_literal:
            return f"substr({text}, {first}, greatest({length.sql}, 0))"
        return f"substr({text}, {first}, {max(int(length.value or 0), 0)})"
    # A start before the text shortens the piece.
    from_end = f"length({text}) + {start.sql} + 1"
    begin = f"CASE WHEN {start.sql} < 0 THEN {from_end} WHEN {start.sql} = 0 THEN 1 ELSE {start.sql} END"
    if length is None:
        return f"substr({text}, greatest({begin}, 1))"
    return (
        f"substr({text}, greatest({begin}, 1), greatest(({begin}) + {length.sql} - greatest({begin}, 1), 0))"
    )


@node_rule(exp.Trim)
def _trim_node(node: exp.Trim, translator: Translator) -> Compiled:
    value = translator.compile(node.this)
    characters = translator.compile(node.expression) if node.args.get("expression") is not None else None
    word = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    return _trimmed(word, value, characters, translator)


def _trimmed(word: str, value: Compiled, characters: Compiled | None, translator: Translator) -> Compiled:
    text = as_text(value, translator.context)
    if characters is None:
        return Compiled(f"{word}({text}, ' ')", STRING, value.nullable)
    dropped = as_text(characters, translator.context)
    return Compiled(f"{word}({text}, {dropped})", STRING, value.nullable or characters.nullable)


@function("trim", shown={2: "TRIM(BOTH {0} FROM {1})"})
@function("ltrim", shown={2: "TRIM(LEADING {0} FROM {1})"})
@function("rtrim", shown={2: "TRIM(TRAILING {0} FROM {1})"})
@function("btrim")
def _trim(call: Call) -> Compiled:
    call.expect(1, 2)
    word = call.name if call.name in ("ltrim", "rtrim") else "trim"
    if len(call.nodes) == 1:
        return _trimmed(word, call.arg(0), None, call.translator)
    # Only btrim has the text first: trim('x', 'xax'), btrim('xax', 'x').
    text, characters = (0, 1) if call.name == "btrim" else (1, 0)
    return _trimmed(word, call.arg(text), call.arg(characters), call.translator)


@function("lpad", "rpad", takes="str, len, pad = ' '")
def _pad(call: Call) -> Compiled:
    call.expect(2, 3)
    value, width = call.arg(0), cast(call.arg(1), INT, call.context)
    filler = call.arg(2) if len(call.nodes) == 3 else None
    # greatest() would take a null for a zero.
    length = f"(CASE WHEN {width.sql} < 0 THEN 0 ELSE {width.sql} END)"
    nullable = value.nullable or width.nullable or (filler is not None and filler.nullable)
    if isinstance(value.type, BinaryType) and (filler is None or isinstance(filler.type, BinaryType)):
        # Two digits a byte.
        fill = "'00'" if filler is None else f"hex({filler.sql})"
        sql = f"unhex({_padded(call.name, f'hex({value.sql})', f'2 * {length}', fill)})"
        return Compiled(sql, BINARY, nullable)
    text, fill = as_text(value, call.context), "' '" if filler is None else as_text(filler, call.context)
    if filler is None or (filler.is_literal and filler.value):
        return Compiled(f"{call.name}({text}, {length}, {fill})", STRING, nullable)
    return Compiled(_padded(call.name, text, length, fill), STRING, nullable)


def _padded(word: str, text: str, length: str, fill: str) -> str:
    """SQL of text brought to a length; where there is nothing to fill it with it is only cut."""
    return f"CASE WHEN {fill} = '' THEN left({text}, {length}) ELSE {word}({text}, {length}, {fill}) END"


@function("substring_index")
def _substring_index(call: Call) -> Compiled:
    call.expect(3)
    text, part = (cast(call.arg(at), STRING, call.context) for at in (0, 1))
    count = cast(call.arg(2), INT, call.context)
    pieces = f"string_split({text.sql}, {part.sql})"
    first = joined(f"{pieces}[:{count.sql}]", part)
    last = joined(f"{pieces}[greatest(len({pieces}) + {count.sql} + 1, 1):]", part)
    sql = f"CASE WHEN {count.sql} > 0 THEN {first} WHEN {count.sql} < 0 THEN {last} ELSE '' END"
    return Compiled(sql, STRING, any(value.nullable for value in (text, part, count)))


@function("concat_ws", takes="sep, strings...")
def _concat_ws(call: Call) -> Compiled:
    separator = call.arg(0)
    parts = []
    for value in call.args[1:]:
        if isinstance(value.type, ArrayType):
            texts = cast(value, ArrayType(STRING), call.context).sql
            parts.append(f"CASE WHEN list_count({texts}) > 0 THEN {joined(texts, separator)} END")
        else:
            parts.append(as_text(value, call.context))
    sql = f"concat_ws({as_text(separator, call.context)}, {', '.join(parts)})" if parts else "''"
    return Compiled(sql, STRING, separator.nullable)


@function("locate", "position", takes="substr, str, pos = 1")
def _locate(call: Call) -> Compiled:
    call.expect(2, 3)
    wanted, value = (cast(call.arg(at), STRING, call.context) for at in (0, 1))
    nullable = wanted.nullable or value.nullable
    if len(call.nodes) == 3 and not call.arg(2).is_literal:
        return _located_after(wanted, value, cast(call.arg(2), INT, call.context))
    given = call.constant(2, 1)
    # As Spark has it, a place that is not known is none.
    start = 0 if given is None else int(given)
    if start == 1:
        return Compiled(f"CAST(strpos({value.sql}, {wanted.sql}) AS INTEGER)", INT, nullable)
    if start < 1:
        sql = f"CASE WHEN {value.sql} IS NOT NULL AND {wanted.sql} IS NOT NULL THEN 0 END"
        return Compiled(f"CAST({sql if nullable else 0} AS INTEGER)", INT, nullable)
    return _located_after(wanted, value, Compiled(str(start), INT, nullable=False))


def _located_after(wanted: Compiled, value: Compiled, start: Compiled) -> Compiled:
    found = f"strpos(substr({value.sql}, {start.sql}), {wanted.sql})"
    place = f"CASE WHEN {found} > 0 THEN {found} + {start.sql} - 1 ELSE {found} END"
    # Nothing is found at the beginning, wherever it is looked for.
    place = f"CASE WHEN {wanted.sql} = '' AND {value.sql} IS NOT NULL THEN 1 ELSE {place} END"
    sql = f"CAST(CASE WHEN {start.sql} < 1 THEN 0 ELSE {place} END AS INTEGER)"
    return Compiled(sql, INT, wanted.nullable or value.nullable or start.nullable)


@function("instr", takes="str, substr, position?, occurrence?", shown={3: "instr({args}, 1)"})
def _instr(call: Call) -> Compiled:
    if len(call.nodes) == 2:
        return call.translator.call("locate", [call.nodes[1], call.nodes[0]], call.node)
    return native("texts.instr", cast_arguments(call, "ssi", optional="i"), INT)


@function("levenshtein")
def _levenshtein(call: Call) -> Compiled:
    call.expect(2, 3)
    one, other = (cast(call.arg(at), STRING, call.context) for at in (0, 1))
    # DuckDB counts bytes: where each is a character its own function, which is faster, answers alike.
    exact = native("texts.levenshtein", [one, other], INT).sql
    plain = f"strlen({one.sql}) = length({one.sql}) AND strlen({other.sql}) = length({other.sql})"
    counted = f"CAST(levenshtein({one.sql}, {other.sql}) AS INTEGER)"
    distance = f"(CASE WHEN {plain} THEN {counted} ELSE {exact} END)"
    if len(call.nodes) == 3:
        most = cast(call.arg(2), INT, call.context).sql
        distance = f"CASE WHEN {distance} > {most} THEN -1 ELSE {distance} END"
    return Compiled(distance, INT, one.nullable or other.nullable)


@function("replace", takes="str, search, replace = ''")
def _replace(call: Call) -> Compiled:
    call.expect(2, 3)
    values = [cast(value, STRING, call.context) for value in call.args]
    new = values[2].sql if len(values) == 3 else "''"
    sql = f"replace({values[0].sql}, {values[1].sql}, {new})"
    return Compiled(sql, STRING, any(value.nullable for value in values))


@function("overlay", takes="input, replace, pos, len = -1")
def _overlay(call: Call) -> Compiled:
    call.expect(3, 4)
    value, new = (cast(call.arg(at), STRING, call.context) for at in (0, 1))
    position = cast(call.arg(2), INT, call.context)
    length = cast(call.arg(3), INT, call.context).sql if len(call.nodes) == 4 else "-1"
    count = f"CASE WHEN {length} < 0 THEN length({new.sql}) ELSE {length} END"
    rest = f"substr({value.sql}, {position.sql} + {count})"
    sql = f"(left({value.sql}, {position.sql} - 1) || {new.sql} || {rest})"
    return Compiled(sql, STRING, value.nullable or new.nullable or position.nullable)


@function("hex")
def _hex(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    if isinstance(value.type, IntegralType):
        number = f"CAST({value.sql} AS BIGINT)"
        unsigned = (
            f"CASE WHEN {number} < 0 THEN CAST({number} AS HUGEINT) + 18446744073709551616 ELSE {number} END"
        )
        return Compiled(f"hex(CAST({unsigned} AS UBIGINT))", STRING, value.nullable)
    sql = value.sql if isinstance(value.type, BinaryType) else as_text(value, call.context)
    return Compiled(f"hex({sql})", STRING, value.nullable)


@function("to_binary", "try_to_binary", takes="str, fmt?")
def _to_binary(call: Call) -> Compiled:
    given = cast_arguments(call, "s", optional="s")
    if len(given) == 1:
        given.append(Compiled("'hex'", STRING, nullable=False, value="hex"))
    form, fails = given[1], call.name == "to_binary"
    if fails and form.is_literal and str(form.value or "hex").lower() not in _FORMATS:
        raise AnalysisException(
            f'[DATATYPE_MISMATCH.INVALID_ARG_VALUE] The fmt value must to be a case-insensitive "STRING" '
            "literal "
            f"of 'hex', 'utf-8', 'utf8', or 'base64', but got '{form.value}'. SQLSTATE: 42K09"
        )
    return native("texts.to_binary", given, BINARY, {"fails": fails}, nullable=True)


_FORMATS = frozenset(["hex", "utf-8", "utf8", "base64"])


@function("encode", "decode", takes="value, charset")
def _encoded(call: Call) -> Compiled:
    call.expect(2)
    value, charset = call.arg(0), cast(call.arg(1), STRING, call.context)
    value = cast(value, BINARY if call.name == "decode" else STRING, call.context)
    is_utf8 = charset.is_literal and str(charset.value).lower() == "utf-8"
    if is_utf8 and call.name == "encode":
        return Compiled(f"encode({value.sql})", BINARY, value.nullable)
    if is_utf8 and not call.context.careful:
        return Compiled(binary_to_string(value.sql, careful=False), STRING, value.nullable)
    returns = STRING if call.name == "decode" else BINARY
    replaces = call.context.modes.malformed_replaced
    return native(f"charsets.{call.name}", [value, charset], returns, {"replaces": replaces})


@function("format_number")
def _format_number(call: Call) -> Compiled:
    call.expect(2)
    value, digits = cast(call.arg(0), DOUBLE, call.context), call.whole_number(1)
    rounded = f"round_even({value.sql}, {digits})"
    infinite = f"CASE WHEN {value.sql} < 0 THEN '-∞' ELSE '∞' END"
    special = f"WHEN isnan({value.sql}) THEN 'NaN' WHEN isinf({value.sql}) THEN {infinite}"
    sql = f"CASE {special} ELSE format('{{:,.{digits}f}}', {rounded}) END"
    return Compiled(sql, STRING, value.nullable)


@function("format_string", "printf")
def _format_string(call: Call) -> Compiled:
    pattern, values = str(call.constant(0)), iter(call.args[1:])
    pieces = []
    for part in _CONVERSION.split(pattern):
        if _CONVERSION.fullmatch(part) is None or part in ("%%", "%n"):
            pieces.append(string({"%%": "%", "%n": "\n"}.get(part, part)))
            continue
        value = next(values, None)
        if value is None:
            raise call.error(f"there is no argument for {part!r}")
        pieces.append(_formatted(part, value, call.context))
    return Compiled(f"({' || '.join(pieces)})", STRING, nullable=False)


_CONVERSION = re.compile(r"(%[-#+ 0,(]*\d*(?:\.\d+)?[a-zA-Z%])")


def _formatted(conversion: str, value: Compiled, context: TranslationContext) -> str:
    """The SQL of one value written by one conversion such as `%5d`; a null is the word."""
    letter = conversion[-1].lower()
    if letter not in "sdfxeog":
        raise UnsupportedOperationException(
            f"The conversion {conversion!r} is not offered; use %s, %d, %f, ..."
        )
    given = as_text(value, context) if letter == "s" else value.sql
    if letter in "feg":
        given = cast(value, DOUBLE, context).sql
    written = f"printf({string(conversion)}, {given})"
    if not value.nullable:
        return written
    null = "%" + "".join(c for c in conversion[1:-1].split(".", maxsplit=1)[0] if c in "-123456789") + "s"
    return f"CASE WHEN {value.sql} IS NULL THEN printf({string(null)}, 'null') ELSE {written} END"


@function("elt")
def _elt(call: Call) -> Compiled:
    call.expect(2, 10_000)
    index, values = cast(call.arg(0), INT, call.context), call.args[1:]
    is_binary = not call.context.modes.elt_as_string and all(
        isinstance(value.type, BinaryType) for value in values
    )
    choices = ", ".join(value.sql if is_binary else as_text(value, call.context) for value in values)
    data_type = BINARY if is_binary else STRING
    message = (
        f"'The index ' || {index.sql} || ' is out of bounds. The array has {len(values)} elements. Use the "
        "SQL function `get()` to tolerate accessing element at invalid index and return NULL instead.'"
    )
    failing = f"CAST({raise_sql('INVALID_ARRAY_INDEX', message)} AS {'BLOB' if is_binary else 'VARCHAR'})"
    if not call.context.ansi:
        failing = "NULL"
    outside = f"{index.sql} < 1 OR {index.sql} > {len(values)}"
    chosen = f"CASE WHEN {outside} THEN {failing} ELSE ([{choices}])[{index.sql}] END"
    return Compiled(chosen, data_type, nullable=True)


@function(
    "string",
    "int",
    "bigint",
    "double",
    "float",
    "boolean",
    "tinyint",
    "smallint",
    "binary",
    "timestamp",
    "decimal",
    shown="{0}",
)
def _cast_call(call: Call) -> Compiled:
    from streamcore.spi.types import parse_data_type

    call.expect(1)
    return cast(call.arg(0), parse_data_type(call.name), call.context)
