# ruff: noqa: E501 - a table of SQL, one family a line
"""The expressions on which streamcore and PySpark must agree: templates over tricky values."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

VALUES: dict[str, list[str]] = {
    "s": ["''", "'a'", "' ab '", "'Hello World'", "'ünï€😀'", "'a,b,,c'", "cast(null as string)"],
    "n": ["'12'", "' 7 '", "'-3'", "'3.7'", "'1e2'", "'x'", "''", "'99999999999'", "'+5'", "'1_0'"],
    "i": ["0", "1", "-7", "2147483647", "-2147483648", "cast(null as int)"],
    "l": ["0L", "-1L", "9223372036854775807L", "cast(null as bigint)"],
    "d": ["0D", "-0D", "1.5D", "-2.5D", "1.005D", "1e10", "1.0E-5", "123456789.125D", "double('NaN')", "double('Infinity')",
          "cast(null as double)"],
    "m": ["1.50", "-2.345", "0.00", "99999999.99", "cast(null as decimal(5,2))"],
    "b": ["true", "false", "cast(null as boolean)"],
    "D": ["date'2020-02-29'", "date'1969-12-31'", "date'2021-01-01'", "date'0001-01-01'", "cast(null as date)"],
    "T": ["timestamp'2020-02-29 23:59:59.123456'", "timestamp'1969-12-31 23:59:59.5'", "timestamp'2021-03-28 01:30:00'",
          "cast(null as timestamp)"],
    "td": ["'2020-02-29'", "'2020'", "'2020-7'", "'2020-02-30'", "' 2020-01-05 '", "'2020-01-05T10:11'", "'x'", "'20200105'",
           "'2020/01/05'", "'2020-01-05 25:00:00'"],
    "tt": ["'2020-01-05 10:11:12'", "'2020-01-05T10:11:12.5Z'", "'2020-01-05 10:11:12+02:00'", "'2020-01-05'", "'2020'", "'x'",
           "'2020-01-05 10:11'", "'2020-01-05 10:11:12 Europe/Berlin'", "'2020-01-05 10:11:12.123456789'", "'infinity'"],
    "a": ["array(3, 1, null, 2, 1)", "array(1)", "cast(array() as array<int>)", "cast(null as array<int>)"],
    "as": ["array('b', null, 'a')", "array('')"],
    "k": ["map('a', 1, 'b', 2)", "map('a', cast(null as int))"],
    "j": ["'{\"a\": {\"b\": [1, 2]}, \"c\": \"x\", \"n\": null}'", "'{\"a\": 1.10}'", "'[1, 2]'"],
}  # fmt: skip

TEMPLATES: list[str] = """
lower({s}) | upper({s}) | length({s}) | trim({s}) | ltrim({s}) | rtrim({s}) | reverse({s}) | initcap({s}) | ascii({s})
substring({s}, 2, 3) | substring({s}, -3, 2) | substring({s}, 0, 2) | substring({s}, -9, 8) | left({s}, 2) | right({s}, 2)
lpad({s}, 4, 'xy') | rpad({s}, 4, 'xy') | rpad({s}, 4, '') | repeat({s}, 2) | concat({s}, 'z') | concat_ws('-', {s}, 'q', null)
split({s}, ',') | split({s}, '[a-c]') | replace({s}, 'a', 'é') | translate({s}, 'ab', 'x') | instr({s}, 'a') | locate('a', {s}, 2)
regexp_replace({s}, '[aeiou]', '<$0>') | regexp_extract({s}, '([a-z]+)', 1) | {s} rlike '^[a-z]+' | {s} like '%a%' | {s} like '_'
substring_index({s}, ',', 2) | substring_index({s}, ',', -2) | md5({s}) | sha2({s}, 256) | sha1({s}) | base64({s}) | hex({s})
contains({s}, 'a') | startswith({s}, 'a') | endswith({s}, 'a') | octet_length({s}) | overlay({s} placing 'Q' from 2)
char_length({s}) | levenshtein({s}, 'abc') | find_in_set({s}, 'x,a,b') | {s} = 'a' | {s} < 'b' | {s} <=> null | coalesce({s}, 'zz')
nullif({s}, 'a') | nvl2({s}, 1, 2) | {s} in ('a', 'b') | if({s} = 'a', 1, 2) | case when {s} > 'a' then 'gt' when {s} = 'a' then 'eq' end
cast({n} as int) | try_cast({n} as int) | cast({n} as bigint) | try_cast({n} as double) | try_cast({n} as decimal(10,2)) | {n} + 1
try_cast({n} as boolean) | cast({b} as string) | cast({b} as int) | not {b} | {b} and null | {b} or null | {b} = true
{i} + 1 | {i} - 1 | {i} * 2 | {i} / 2 | {i} % 3 | {i} div 2 | -{i} | abs({i}) | {i} / 0 | {i} % 0 | try_divide({i}, 0) | pmod({i}, 3)
try_add({i}, 1) | cast({i} as tinyint) | try_cast({i} as smallint) | cast({i} as string) | cast({i} as double) | cast({i} as decimal(12,2))
{i} + 1.5 | {i} + 1.5D | {i} * 1.25 | {i} > 0.5 | {i} between -10 and 1 | greatest({i}, 3) | least({i}, 3, 4) | sign({i}) | hex({i}) | bin({i})
shiftleft({i}, 1) | shiftright({i}, 1) | shiftrightunsigned({i}, 1) | {i} & 3 | {i} | ~{i} | round({i}, -1) | cast({i} as boolean) | {i} ^ 5
{l} + 1 | {l} - {i} | {l} * 2 | cast({l} as int) | cast({l} as string) | {l} / 3 | hex({l}) | bit_count({l})
{d} + 1 | {d} / 0D | {d} * 2 | -{d} | cast({d} as string) | cast({d} as int) | cast({d} as bigint) | round({d}, 2) | bround({d}) | floor({d}) | ceil({d})
sqrt({d}) | exp({d}) | ln({d}) | log10({d}) | log2({d}) | log(2, {d}) | pow({d}, 2) | isnan({d}) | nanvl({d}, 7D) | {d} = double('NaN') | {d} > 1
cast({d} as decimal(10,2)) | sin({d}) | atan2({d}, 1) | degrees({d}) | signum({d}) | rint({d}) | cbrt({d}) | {d} % 2 | greatest({d}, 1D) | cast({d} as float)
acos({d}) | log1p({d}) | expm1({d}) | tanh({d}) | cast({d} as boolean) | trunc({d}) | format_number({d}, 2)
{m} + 1.1 | {m} - 0.01 | {m} * 2.5 | {m} / 3 | {m} / 0.7 | {m} % 0.7 | round({m}, 1) | bround({m}, 1) | floor({m}) | ceil({m}) | cast({m} as int) | cast({m} as string)
abs({m}) | -{m} | {m} = 1.5 | {m} + 1 | {m} * 1.5D | cast({m} as decimal(4,1)) | {m} > 1 | coalesce({m}, 1) | {m} + 1L | sum_placeholder
year({D}) | quarter({D}) | month({D}) | day({D}) | dayofyear({D}) | weekofyear({D}) | dayofweek({D}) | weekday({D}) | last_day({D}) | date_add({D}, 1)
date_sub({D}, 31) | add_months({D}, 12) | add_months({D}, -1) | datediff({D}, date'2020-01-01') | date_format({D}, 'dd/MM/yyyy') | trunc({D}, 'month')
trunc({D}, 'week') | next_day({D}, 'Mon') | cast({D} as string) | cast({D} as timestamp) | {D} + interval 1 month | {D} - interval 1 day | {D} + 1
months_between({D}, date'2020-01-31') | unix_date({D}) | date_trunc('quarter', {D}) | {D} > date'2020-01-01' | to_json(named_struct('d', {D})) | dayname({D})
hour({T}) | minute({T}) | second({T}) | cast({T} as date) | cast({T} as string) | cast({T} as bigint) | cast({T} as double) | date_format({T}, 'yyyy-MM-dd HH:mm:ss.SSS')
date_format({T}, 'EEE MMM d yy h a') | date_trunc('hour', {T}) | date_trunc('week', {T}) | unix_timestamp({T}) | unix_micros({T}) | {T} + interval 90 minutes
{T} - interval 1 month | window({T}, '10 minutes').start | to_json(named_struct('t', {T})) | from_utc_timestamp({T}, 'Europe/Berlin') | to_utc_timestamp({T}, 'Asia/Tokyo')
{T} > timestamp'2020-01-01 00:00:00' | date_format({T}, "yyyy-'W' D") | extract(second from {T}) | year({T}) | to_date({T}) | months_between({T}, timestamp'2020-01-01 00:00:00')
cast({td} as date) | try_cast({td} as date) | to_date({td}) | try_to_date_placeholder | cast({tt} as timestamp) | try_cast({tt} as timestamp) | to_timestamp({tt})
to_timestamp('05/01/2020 10:11', 'dd/MM/yyyy HH:mm') | to_date('2020-061', 'yyyy-DDD') | to_timestamp('2020-01-05 10', 'yyyy-MM-dd') | from_unixtime(1577836800) | timestamp_seconds(1.5)
from_unixtime(0, 'yyyy/MM/dd HH') | unix_timestamp('2020-01-01', 'yyyy-MM-dd') | make_date(2020, 2, 29) | make_date(2021, 2, 29) | date_from_unix_date(-1) | timestamp_millis(-1)
size({a}) | array_contains({a}, 2) | array_contains({a}, 9) | array_distinct({a}) | sort_array({a}) | sort_array({a}, false) | array_sort({a}) | array_max({a}) | array_min({a})
array_position({a}, 1) | array_remove({a}, 1) | array_union({a}, array(1, 9)) | array_except({a}, array(1)) | array_intersect({a}, array(1, null)) | slice({a}, 2, 2)
arrays_overlap({a}, array(9, null)) | transform({a}, x -> x * 2) | filter({a}, x -> x > 1) | exists({a}, x -> x > 2) | forall({a}, x -> x > 0) | reverse({a})
aggregate({a}, 0, (acc, x) -> acc + coalesce(x, 0)) | element_at({a}, 1) | element_at({a}, -1) | try_element_at({a}, 9) | get({a}, 1) | {a}[0] | array_append({a}, 5) | array_prepend({a}, 5)
array_compact({a}) | cast({a} as string) | cast({a} as array<string>) | to_json({a}) | concat({a}, array(4)) | array_repeat(1, 3) | zip_with({a}, array(1, 2), (x, y) -> x + y)
array_join({as}, ',') | array_join({as}, ',', '?') | concat_ws('|', {as}) | sort_array({as}) | flatten(array(array(1), array(2))) | sequence(1, 5, 2) | sequence(3, 1) | explode_placeholder
{k}['a'] | {k}['z'] | map_keys({k}) | map_values({k}) | map_entries({k}) | size({k}) | element_at({k}, 'b') | cast({k} as string) | to_json({k}) | map_contains_key({k}, 'a')
map_filter({k}, (x, y) -> y > 1) | transform_values({k}, (x, y) -> y + 1) | transform_keys({k}, (x, y) -> upper(x)) | map_concat({k}, map('c', 3)) | str_to_map('a:1,b')
get_json_object({j}, '$.a.b[1]') | get_json_object({j}, '$.a') | get_json_object({j}, '$.c') | get_json_object({j}, '$.n') | get_json_object({j}, '$[0]') | json_array_length({j})
from_json({j}, 'a string, c string') | from_json({j}, 'a double') | from_json('[1, 2]', 'array<int>') | from_json('{"x": 1}', 'map<string,int>')
named_struct('a', 1, 'b', 'x').b | cast(named_struct('a', 1, 'b', null) as string) | to_json(named_struct('a', {d}, 'b', {s})) | struct(1, 'a').col1
typeof({m} * 2.5) | typeof({i} + {l}) | typeof(coalesce({i}, {m})) | format_string('%d-%s', 3, 'x') | elt(2, 'a', 'b') | width_bucket(5.3, 0.2, 10.6, 5) | conv('255', 10, 16)
unhex('4D') | unbase64('YWJj') | encode('é', 'utf-8') | decode(X'C3A9', 'utf-8') | cast(X'4142' as string) | factorial(5) | hypot(3, 4) | e() | 1 = '1' | null = null | 'a' || null
""".replace("\n", " | ").split(" | ")  # fmt: skip


def expressions() -> list[str]:
    """Every template over every value of the kinds it names."""
    found: list[str] = []
    for template in (t.strip() for t in TEMPLATES):
        if not template or template.endswith("_placeholder"):
            continue
        kinds = [kind for kind in VALUES if "{" + kind + "}" in template]
        choices = product(*(VALUES[kind] for kind in kinds))
        found.extend(filled(template, dict(zip(kinds, values, strict=True))) for values in choices)
    return list(dict.fromkeys(found))


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with a value of each kind that it names."""
    for kind, value in values.items():
        written = f"({value})" if kind in "ild" and "-" in value[:1] else value
        template = template.replace("{" + kind + "}", written)
    return template
