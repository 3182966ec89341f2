"""How often each value of a group occurs, and what percentiles and modes make of it."""

from __future__ import annotations

from collections.abc import Callable

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.plan.merging import Frequency, ModeOfTally, PercentileOfTally, Tally
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, LONG
from streamcore.plan.translation.core import Compiled, Translator, node_rule
from streamcore.spi.types import ArrayType, DataType, StructField, StructType

Place = Callable[[str, str], str]
"""SQL of a value from the counted values and a share."""


def tally(values: str, *, weighted: bool) -> str:
    """SQL of the entries (`v`, `n`), ordered by `v`, of an array of values; or of one of such entries.

    It is null without values.
    """
    value, number = ("e.v", "CAST(sum(e.n) AS BIGINT)") if weighted else ("e", "count(*)")
    entries = f"SELECT {value} AS v, {number} AS n FROM (SELECT unnest({values}) AS e) GROUP BY 1"
    # What does not occur is no value.
    return f"(SELECT list(struct_pack(v := v, n := n) ORDER BY v) FROM ({entries}) WHERE n > 0)"


def percentile(entries: str, shares: str, data_type: DataType, place: Place) -> str:
    """SQL of the value at a share of a tally; of the array of them where `data_type` is one."""
    upto = "CAST(sum(e.n) OVER (ORDER BY e.v) AS BIGINT)"
    counted = f"SELECT e.v AS v, {upto} AS c FROM (SELECT unnest({entries}) AS e)"
    lists = f"(SELECT struct_pack(v := list(v ORDER BY c), c := list(c ORDER BY c)) FROM ({counted}))"
    if not isinstance(data_type, ArrayType):
        return let(lists, lambda counts: place(counts, shares))

    def every(counts: str) -> str:
        answers = f"list_transform({shares}, lambda w: {place(counts, 'w')})"
        return f"CASE WHEN {counts}.c IS NOT NULL THEN {answers} END"

    return let(lists, every)


def discrete(counts: str, share: str) -> str:
    """The smallest value that the share of the values does not exceed."""
    return _value_at(counts, f"greatest(1, ceil({share} * {counts}.c[-1]))")


def continuous(counts: str, share: str) -> str:
    """The value at the share, between the two nearest."""

    def between(place: str) -> str:
        low, high = (_value_at(counts, f"1 + {word}({place})") for word in ("floor", "ceil"))

        def mixed(ends: str) -> str:
            weighed = f"(ceil({place}) - {place}) * {ends}.l + ({place} - floor({place})) * {ends}.h"
            return f"CASE WHEN {ends}.l = {ends}.h THEN {ends}.l ELSE {weighed} END"

        return let(f"struct_pack(l := {low}, h := {high})", mixed)

    return let(f"(({counts}.c[-1] - 1) * {share})", between)


def _value_at(counts: str, place: str) -> str:
    """The value of the row at a place, counted from 1."""
    return let(place, lambda at: f"{counts}.v[1 + len(list_filter({counts}.c, lambda c: c < {at}))]")


def weight(number: str) -> str:
    """A frequency, which must not be negative."""
    failing = raise_sql("INTERNAL_ERROR", f"{_NEGATIVE} || CAST({number} AS VARCHAR)")
    return f"CASE WHEN {number} < 0 THEN CAST({failing} AS BIGINT) ELSE {number} END"


_NEGATIVE = string("Negative values found in frequency: ")


@node_rule(Frequency)
def _frequency(node: Frequency, translator: Translator) -> Compiled:
    return Compiled(weight(cast(translator.compile(node.this), LONG, translator.context).sql), LONG)


@node_rule(Tally)
def _tally(node: Tally, translator: Translator) -> Compiled:
    values = translator.compile(node.this)
    assert isinstance(values.type, ArrayType)
    weighted = bool(node.args.get("weighted"))
    entry = values.type.elementType if weighted else _entry(values.type.elementType)
    return Compiled(tally(values.sql, weighted=weighted), ArrayType(entry, containsNull=False))


def _entry(value_type: DataType) -> StructType:
    value = StructField("v", value_type, nullable=False)
    return StructType([value, StructField("n", LONG, nullable=False)])


@node_rule(PercentileOfTally)
def _percentile(node: PercentileOfTally, translator: Translator) -> Compiled:
    entries, shares = translator.compile(node.this), translator.compile(node.expression)
    value_type = _value_type(entries)
    place = continuous if node.args["kind"] == "continuous" else discrete
    if isinstance(shares.type, ArrayType):
        data_type: DataType = ArrayType(value_type, containsNull=False)
        wanted = cast(shares, ArrayType(DOUBLE), translator.context).sql
    else:
        data_type, wanted = value_type, cast(shares, DOUBLE, translator.context).sql
    return Compiled(percentile(entries.sql, wanted, data_type, place), data_type)


@node_rule(ModeOfTally)
def _mode(node: ModeOfTally, translator: Translator) -> Compiled:
    tallied = translator.compile(node.this)

    def mode(entries: str) -> str:
        largest = f"list_max(list_transform({entries}, lambda e: e.n))"
        return let(largest, lambda most: f"list_filter({entries}, lambda e: e.n = {most})[1].v")

    return Compiled(let(tallied.sql, mode), _value_type(tallied))


def _value_type(entries: Compiled) -> DataType:
    assert isinstance(entries.type, ArrayType)
    assert isinstance(entries.type.elementType, StructType)
    return entries.type.elementType.fields[0].dataType
