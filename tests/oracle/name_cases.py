# ruff: noqa: E501 - a table of SQL, one family a line
"""Expressions whose column names are asked of PySpark."""

from __future__ import annotations

SCHEMA = (
    "s string, z string, i int, k int, l bigint, d double, m decimal(10,2), b boolean, dt date, ts timestamp, "
    "nt timestamp_ntz, x binary, xs array<int>, ss array<string>, xx array<array<int>>, mp map<string,int>, "
    "me array<struct<key:string,value:int>>, st struct<a:int,b:string>, sa array<struct<a:int,b:string>>"
)

TEXTS: list[str] = r"""
1 ;; -1 ;; - 1 ;; -(-1) ;; - - 1 ;; +1 ;; + i ;; +(+ i) ;; - i ;; -(-i) ;; +(i + 1) ;; ~i ;; ~ ~ i ;; 007 ;; 1.50 ;; .5 ;; 5. ;; -0.0 ;; -1.5 ;; 0.00001 ;; 0.0000001 ;; 0.000000012345678
25Y ;; 25S ;; 25L ;; -25Y ;; -25L ;; 2.1D ;; -2.1D ;; 2D ;; 2.1F ;; 1.5BD ;; 10BD ;; 1e3 ;; 1E-9 ;; 1.5e10 ;; 1e31BD ;; 1e3F ;; 123456789012 ;; 12345678901234567890 ;; 1e400BD + 1
'a' ;; "a" ;; 'a' 'b' ;; r'\d' ;; 'it\'s' ;; '' ;; true ;; FALSE ;; NULL ;; X'1F' ;; x'' ;; X'1F' || X'00'
date '2020-01-05' ;; date'2020-1-5' ;; DATE '2020' ;; timestamp '2020-01-05' ;; timestamp '2020-01-05 10:11:12.5' ;; timestamp '2020-01-05 10:11:12.500000' ;; timestamp '2020-01-05 10:11:12Z' ;; timestamp '2020-07-05 10:11:12.5 Europe/Berlin' ;; timestamp '2020-01-05T10:11:12+02:00' ;; ts - '2020-01-01' ;; ts - null ;; null + ts ;; ts - s ;; time '01:02:03' ;; time '1:02:03.50' ;; timestamp_ntz '2020-01-05 10:11:12' ;; timestamp_ltz '2020-01-05 10:11:12' ;; date '2020-01-05' > dt
cast(i as string) ;; cast(i + 1 as string) ;; cast('1' as int) ;; cast(1 as decimal(10,0)) ;; cast(1 as decimal( 4 , 1 )) ;; cast(1 as decimal) ;; cast(1 as dec(5)) ;; cast('2020-01-01' as date) ;; cast('2020-01-01' as timestamp) ;; cast(null as array<int>)
cast(null as map<string,array<int>>) ;; cast(null as struct<a:int,b:struct<c:string>>) ;; cast(st as struct<x:bigint,y:string>) ;; cast(1 as integer) ;; cast(1 as long) ;; cast(1 as short) ;; cast(1 as byte) ;; cast('a' as char(3)) ;; cast('a' as varchar(3)) ;; cast(1 as real) ;; cast('1' as interval day to second)
i::bigint ;; (i + 1)::bigint ;; '1'::int ;; 1::string::int ;; try_cast(s as int) ;; try_cast('a' as int) ;; cast(cast(i as bigint) as string) ;; cast(st.a as string) ;; cast(t.i as string) ;; cast(i as int) ;; cast(xs[0] as string)
float('NaN') ;; float(i) ;; double(i) ;; double('inf') + 1 ;; int('3') ;; int(s) + 1 ;; bigint(i) ;; smallint(i) ;; tinyint(1) ;; string(i) ;; string(i + 1) ;; boolean(1) ;; boolean(s) ;; binary(s) ;; date(s) ;; date('2020-01-01') ;; timestamp(s) ;; decimal(i) ;; int(float(1.5))
i + 1 ;; i - 1 ;; i * 2 ;; i / 2 ;; i % 2 ;; i div 2 ;; i + k * 2 ;; (i + k) * 2 ;; ((i)) ;; (1) ;; ((i + 1)) ;; i & 1 ;; i | 1 ;; i ^ 1 ;; mod(i, 2) ;; pmod(i, 2) ;; negative(i) ;; positive(i) ;; i << 1 ;; i >> 1 ;; i >>> 1 ;; shiftleft(i, 1)
i + 1.5 ;; m + 1 ;; i + '1' ;; d + m ;; l + i ;; i = 1.5 ;; i > 0.00001 ;; i >= 1.2 ;; i < 1.2 ;; i <= 1.2 ;; 1 > 0.00001 ;; m > 1 ;; m * 2 ;; i = '1' ;; s = 1 ;; dt = '2020-01-01'
i = 1 ;; i == 1 ;; i <> 1 ;; i != 1 ;; not i = 1 ;; ! b ;; i <=> 1 ;; i < 1 ;; i <= 1 ;; i > 1 ;; i >= 1 ;; b and not b ;; b or b and b ;; not b ;; not (b or b) ;; not not b ;; i is null ;; i is not null ;; not (i is null) ;; b is true ;; b is not true ;; b is false ;; b is not false ;; b is unknown ;; b is not unknown ;; i is distinct from k ;; i is not distinct from k ;; isnull(i) ;; isnotnull(i)
i in (1, 2) ;; i not in (1, 2) ;; i in (1) ;; s in ('a', null) ;; i between 1 and 2 ;; i not between 1 and 2 ;; s like 'a%' ;; s not like 'a%' ;; s ilike 'A%' ;; s not ilike 'A%' ;; s rlike 'a+' ;; s not rlike 'a+' ;; s regexp 'a+' ;; s like 'a!%' escape '!' ;; s ilike 'a!%' escape '!' ;; s like any ('a%', 'b%') ;; s like all ('a%', 'b%') ;; s not like any ('a%', 'b%') ;; s ilike any ('a%') ;; (i, k) in ((1, 2)) ;; s like concat('a', '%')
case when b then 1 else 2 end ;; case when b then 1 end ;; case i when 1 then 'a' when 2 then 'b' else 'c' end ;; case when i = 1 then case when b then 1 else 2 end else 3 end ;; if(b, 1, 2) ;; iff_placeholder ;; coalesce(i, 1) ;; nvl(i, 1) ;; ifnull(i, 1) ;; nvl2(i, 1, 2) ;; nullif(i, 1) ;; nullifzero(i) ;; zeroifnull(i) ;; decode(i, 1, 'a', 'b') ;; greatest(i, k) ;; least(i, 2)
xs[0] ;; xs[i] ;; xs[i + 1] ;; mp['a'] ;; mp.a ;; st.a ;; st.A ;; st['a'] ;; t.st.b ;; sa.a ;; sa[0].b ;; sa[0]['b'] ;; xx[0][1] ;; st.a + 1 ;; named_struct('a', 1).a ;; struct(i, s) ;; struct(i as y, s) ;; struct(i + 1, s) ;; struct(*) ;; named_struct('p', i, 'q', s) ;; (i, s) ;; array(1, 2) ;; array() ;; map('a', 1) ;; map() ;; array(i, i + 1)[0] ;; map('a', i)['a'] ;; struct(1, 2).col1 ;; struct(i).i ;; element_at(xs, 1)
I ;; S + 1 ;; t.i ;; t.I + 1 ;; `i` ;; `i` + 1 ;; I + 1 ;; upper(S) ;; Upper(s) ;; UPPER(s) ;; count(t.i) ;; sum(T.I) ;; t.st.a + 1
transform(xs, v -> v + 1) ;; transform(xs, (v, n) -> v + n) ;; filter(xs, v -> v > 1) ;; exists(xs, v -> v is null) ;; forall(xs, v -> v > i) ;; aggregate(xs, 0, (acc, v) -> acc + v) ;; aggregate(xs, 0, (acc, v) -> acc + v, acc -> acc * 10) ;; reduce(xs, 0, (acc, v) -> acc + v) ;; zip_with(xs, xs, (p, q) -> p + q) ;; map_filter(mp, (k, v) -> v > 1) ;; transform_keys(mp, (k, v) -> upper(k)) ;; transform_values(mp, (k, v) -> v + 1) ;; map_zip_with(mp, mp, (k, p, q) -> p + q) ;; array_sort(xs) ;; array_sort(xs, (p, q) -> p - q) ;; transform(xx, v -> transform(v, w -> w + size(v))) ;; transform(sa, v -> v.a) ;; transform(xs, v -> v[0]_placeholder) ;; filter(ss, v -> v like 'a%')
count(*) ;; count(1) ;; count(i) ;; count(i, k) ;; count(distinct i) ;; count(distinct i, k) ;; sum(distinct i) ;; avg(i) ;; mean(i) ;; min(i) ;; max(i + 1) ;; count(i) filter (where i > 1) ;; sum(i) filter (where b and i is not null) ;; count(distinct i) filter (where b) ;; first(i) ;; first(i, true) ;; first(i) ignore nulls ;; last(i) ignore nulls ;; any_value(i) ;; any_value(i) ignore nulls ;; first_value(i) ;; last_value(i) ;; collect_list(i) ;; array_agg(i) ;; collect_set(distinct i) ;; stddev(i) ;; std(i) ;; variance(i) ;; var_samp(i) ;; every(b) ;; some(b) ;; any(b) ;; bool_and(b) ;; count_if(b) ;; count_if(i > 1) ;; max_by(i, k) ;; mode(i) ;; median(i) ;; percentile(i, 0.5) ;; percentile(i, array(0.5, 0.9)) ;; percentile_approx(i, 0.5) ;; approx_percentile(i, 0.5, 100) ;; approx_count_distinct(i) ;; approx_count_distinct(i, 0.1) ;; listagg(s) ;; listagg(s, ',') ;; string_agg(s, ',') ;; listagg(distinct s, ',') ;; sum(i) + 1 ;; -sum(i) ;; sum(i) / count(*) ;; corr(i, k) ;; skewness(i) ;; kurtosis(i) ;; bit_and(i) ;; regr_slope(i, k) ;; product(i) ;; try_sum(i) ;; try_avg(i) ;; min(distinct i)
percentile_cont(0.5) within group (order by i) ;; percentile_cont(0.5) within group (order by i desc) ;; percentile_disc(0.5) within group (order by i) ;; mode() within group (order by i) ;; mode() within group (order by i desc) ;; listagg(s, ',') within group (order by z) ;; listagg(s) within group (order by z desc nulls last) ;; string_agg(s, ', ') within group (order by s) ;; mode(i, true) ;; mode(i, false)
row_number() over (order by i) ;; rank() over (partition by s order by i desc) ;; dense_rank() over (order by i, k) ;; percent_rank() over (order by i) ;; cume_dist() over (order by i) ;; ntile(4) over (order by i) ;; ntile() over (order by i) ;; lag(i) over (order by k) ;; lag(i, 2) over (order by k) ;; lag(i, 2, 0) over (order by k) ;; lead(i) over (order by k) ;; lead(i, 1, -1) over (partition by s order by k) ;; nth_value(i, 2) over (order by k) ;; nth_value(i, 2) ignore nulls over (order by k) ;; lag(i) ignore nulls over (order by k) ;; lead(i) respect nulls over (order by k) ;; first_value(i) over (order by k) ;; last_value(i) ignore nulls over (order by k) ;; first(i) ignore nulls over (order by k) ;; lag(i, -1) over (order by k)
sum(i) over () ;; sum(i) over (partition by s) ;; sum(i) over (partition by s, z order by k) ;; sum(i) over (order by k desc nulls last) ;; sum(i) over (order by k nulls last, s desc) ;; sum(i) over (order by k rows between 1 preceding and current row) ;; sum(i) over (order by k rows 2 preceding) ;; sum(i) over (order by k rows unbounded preceding) ;; sum(i) over (order by k range between unbounded preceding and unbounded following) ;; sum(i) over (order by k rows between 2 following and 3 following) ;; sum(i) over (order by k range between 1 preceding and 1 following) ;; sum(i) over (order by l range between 1 preceding and 1 following) ;; sum(i) over (order by d range between 1 preceding and 1.5 following) ;; sum(i) over (order by dt range between interval 1 day preceding and current row) ;; sum(i) over (order by ts range between interval '1' hour preceding and interval '2' hour following) ;; sum(i) over (order by dt range between 1 preceding and current row) ;; count(*) over (order by k range current row) ;; count(distinct_placeholder) ;; sum(i) filter (where b) over (order by k) ;; sum(sum(i)) over () ;; rank() over (order by sum(i)) ;; sum(i) over (order by k rows between -1 following and 1 following)
interval 1 day ;; interval '1' day ;; interval '1 2:03:04' day to second ;; interval 1 month ;; interval '1-2' year to month ;; interval 1 year 2 months ;; interval 1 day 2 hours ;; - interval 1 day ;; interval -1 day ;; interval 1 week ;; interval 90 minutes ;; interval '1.5' second ;; dt + interval 1 day ;; dt - interval 1 month ;; ts + interval 1 hour ;; ts - interval 90 minutes ;; interval 1 day + dt ;; interval 1 day + ts ;; interval 1 day + interval 2 days ;; dt + 1 ;; dt - 1 ;; dt - dt ;; ts - ts ;; dt - ts ;; interval 1 day * 2 ;; 2 * interval 1 day ;; interval 2 days / 2 ;; 1 + dt ;; nt + interval 1 day ;; dt + make_interval(1) ;; ts - dt ;; interval '3' hour > interval '1' day
extract(year from dt) ;; extract(YEAR FROM dt) ;; extract(doy from dt) ;; extract(Dow from ts) ;; extract(seconds from ts) ;; extract(week from dt + interval 1 day) ;; date_part('year', dt) ;; datepart('YEAR', ts) ;; extract(hour from ts - interval 1 hour) ;; year(dt) ;; extract(day from interval 1 day) ;; dateadd(dt, 1) ;; dateadd(day, 1, ts) ;; date_add(dt, 1) ;; datediff(dt, dt) ;; datediff(day, ts, ts) ;; date_diff(hour, ts, ts) ;; timestampadd(MONTH, 1, ts) ;; timestampdiff(MONTH, ts, ts) ;; timediff(day, ts, ts)
trim(s) ;; trim(both from s) ;; trim('x' from s) ;; trim(both 'x' from s) ;; trim(leading 'x' from s) ;; trim(trailing from s) ;; trim(trailing 'x' from s) ;; ltrim(s) ;; ltrim('x', s) ;; rtrim('x', s) ;; btrim(s) ;; btrim(s, 'x') ;; substring(s from 2) ;; substring(s from 2 for 3) ;; substring(s, 2) ;; substr(s, 2, 3) ;; position('a' in s) ;; position('a', s) ;; locate('a', s) ;; overlay(s placing 'x' from 2) ;; overlay(s placing 'x' from 2 for 1) ;; overlay(s, 'x', 2) ;; left(s, 2) ;; right(s, 2) ;; s || z ;; s || z || 'x' ;; concat(s, z) ;; replace(s, 'a') ;; replace(s, 'a', 'b') ;; lpad(s, 5) ;; lpad(s, 5, '*') ;; rpad(s, 5) ;; lpad(x, 5) ;; split(s, ',') ;; split(s, ',', 2) ;; ceil(d) ;; ceiling(d) ;; floor(d) ;; ceil(d, 1) ;; floor(d, 1) ;; round(d) ;; round(d, 1) ;; bround(d) ;; log(d) ;; log(2, d) ;; ln(d) ;; pow(i, 2) ;; power(i, 2) ;; i ** 2_placeholder ;; sqrt(d) ;; char(65) ;; len(s) ;; length(s) ;; char_length(s) ;; sha2(s, 256) ;; regexp_replace(s, 'a', 'b') ;; regexp_extract(s, '(a)') ;; regexp_like(s, 'a') ;; like(s, 'a%') ;; ilike(s, 'a%') ;; rlike(s, 'a') ;; to_char(m, '999') ;; format_number(d, 2) ;; format_string('%s', s) ;; printf('%s', s)
current_date ;; current_date() ;; curdate() ;; current_timestamp ;; current_timestamp() ;; now() ;; localtimestamp ;; localtimestamp() ;; current_user ;; current_user() ;; user ;; user() ;; session_user ;; current_catalog() ;; current_database() ;; current_schema() ;; current_timezone() ;; current_time ;; current_time() ;; to_date(s) ;; to_date(s, 'yyyy') ;; to_timestamp(s) ;; to_timestamp(s, 'yyyy') ;; unix_timestamp() ;; unix_timestamp(ts) ;; unix_timestamp(s, 'yyyy') ;; from_unixtime(l) ;; date_format(ts, 'yyyy') ;; date_trunc('hour', ts) ;; trunc(dt, 'month') ;; window(ts, '1 hour') ;; window(ts, '1 hour').start ;; window(ts, '1 hour', '30 minutes').end ;; make_timestamp(2021, 07, 11, 6, 30, 45.678) ;; make_date(2020, 01, 02) ;; months_between(dt, dt) ;; next_day(dt, 'Mon') ;; timestamp_seconds(1.23D) ;; convert_timezone('Europe/Brussels', nt) ;; convert_timezone('UTC', 'Europe/Brussels', nt)
from_json(s, 'a int') ;; from_json(s, 'a int', map('mode', 'FAILFAST')) ;; to_json(st) ;; get_json_object(s, '$.a') ;; schema_of_json('{"a": 1}') ;; from_csv('1', 'a int') ;; to_csv(st) ;; json_tuple(s, 'a') ;; json_array_length(s) ;; assert_true(b) ;; assert_true(i > 1) ;; assert_true(b, 'no') ;; raise_error('no') ;; typeof(i) ;; hash(i, s) ;; xxhash64(i) ;; rand(1) ;; randn(1) ;; monotonically_increasing_id() ;; spark_partition_id() ;; input_file_name() ;; version() ;; explode(xs) ;; explode_outer(xs) ;; posexplode(xs) ;; inline(sa) ;; inline_outer(sa) ;; explode(mp) ;; stack(2, 1, 2) ;; stack(1, i, s) ;; posexplode_outer(mp)
(select 1) ;; (select max(i) from t) ;; (select max(k) from t u where u.i = t.i) ;; (select max(k) from t u where u.i = t.i and u.s = t.s) + 1 ;; exists (select 1 from t u where u.i = t.i) ;; exists (select 1) ;; not exists (select 1) ;; i in (select k from t) ;; i not in (select k from t) ;; (i, k) in (select i, k from t) ;; array((select 1)) ;; i = any (select k from t)_placeholder ;; upper((select 'a'))
mask('AbCD', lowerChar => 'q') ;; mask(s) ;; mask(s, 'Y') ;; mask(s, digitChar => '#', str_placeholder => s) ;; mask(str => s) ;; mask(lowerChar => 'q', str => s) ;; count_min_sketch(i, seed => 1, epsilon => 0.5d, confidence => 0.5d) ;; explode(collection => xs) ;; mask(s, otherChar => NULL)
i as y ;; i + 1 as y ;; i y ;; i + 1 `a b` ;; upper(s) AS Up ;; 1 as one ;; struct(i as p).p ;; array(i as p) ;; upper(s as p)_placeholder
""".replace("\n", " ;; ").split(" ;; ")
TEXTS = [text for text in TEXTS if text and "_placeholder" not in text]

# Calls of functions over columns.
CALLS: list[str] = (
    r"""
abs(s) ;; abs(z) ;; acos(s) ;; acos(z) ;; acosh(s) ;; acosh(z) ;; add_months(s, z) ;; add_months(s, i) ;; aes_decrypt(s, z) ;; aes_decrypt(s, x)
aes_decrypt(s, s, s) ;; aes_decrypt(s, z, i) ;; aes_decrypt(s, s, s, s) ;; aes_decrypt(s, z, i, i) ;; aes_decrypt(s, s, s, s, s)
aes_decrypt(x, x, x, x, x) ;; aes_encrypt(s, z) ;; aes_encrypt(z, s) ;; aes_encrypt(s, s, s) ;; aes_encrypt(s, z, i) ;; aes_encrypt(s, s, s, s)
aes_encrypt(s, z, i, i) ;; aes_encrypt(s, s, s, s, s) ;; aes_encrypt(x, x, x, x, x) ;; aes_encrypt(s, s, s, s, s, s) ;; aes_encrypt(x, x, x, x, x, x)
aggregate(xs, i, (v, w) -> v + w) ;; aggregate(xs, xs, (v, w) -> v) ;; aggregate(xs, i, (v, w) -> v + w, v -> v) ;; aggregate(xs, i, i, i) ;; any(s)
any(z) ;; any_value(s) ;; any_value(z) ;; any_value(me, true) ;; any_value(xs, true) ;; approx_count_distinct(s) ;; approx_count_distinct(z)
approx_percentile(nt, array(0.5,0.2)) ;; approx_percentile(m, 1) ;; approx_percentile(d, 0.5, 100) ;; approx_percentile(l, 0.5, 256) ;; approx_top_k(s)
approx_top_k(z) ;; approx_top_k(i, 1) ;; approx_top_k(m, '$.a') ;; approx_top_k(s, 'a', 1) ;; approx_top_k(d, 0.5, 100) ;; approx_top_k_accumulate(s)
approx_top_k_accumulate(z) ;; approx_top_k_accumulate(l, 2) ;; approx_top_k_accumulate(ts, 'a INT') ;; array() ;; array(s) ;; array(z) ;; array(s, z)
array(i, k) ;; array(s, s, s) ;; array(i, i, i) ;; array_agg(s) ;; array_agg(z) ;; array_append(xs, i) ;; array_append(xs, k) ;; array_compact(xs)
array_compact(ss) ;; array_contains(xs, i) ;; array_contains(xs, l) ;; array_distinct(xs) ;; array_distinct(ss) ;; array_except(xs, xs)
array_except(ss, ss) ;; array_insert(xs, i, i) ;; array_insert(sa, 2, st) ;; array_intersect(xs, xs) ;; array_intersect(me, me) ;; array_join(ss, z)
array_join(array('a','b'), s) ;; array_join(array('a','b'), z, 'year') ;; array_join(array('a','b'), s, 'UTC') ;; array_max(xs) ;; array_max(ss)
array_min(xs) ;; array_min(ss) ;; array_position(xs, i) ;; array_position(ss, s) ;; array_prepend(xs, i) ;; array_prepend(ss, z) ;; array_remove(xs, i)
array_remove(xx, xs) ;; array_repeat(i, k) ;; array_repeat(s, i) ;; array_size(xs) ;; array_size(ss) ;; array_sort(xs) ;; array_sort(ss)
array_sort(xs, i) ;; array_sort(sa, i) ;; array_union(xs, xs) ;; array_union(me, me) ;; arrays_overlap(xs, xs) ;; arrays_overlap(array('a','b'), ss)
arrays_zip() ;; arrays_zip(xs) ;; arrays_zip(ss) ;; arrays_zip(xs, xs) ;; arrays_zip(me, me) ;; arrays_zip(xx, me, sa) ;; ascii(s) ;; ascii(z) ;; asin(s)
asin(z) ;; asinh(s) ;; asinh(z) ;; assert_true(b) ;; assert_true(true) ;; assert_true(b, b) ;; assert_true(b, i) ;; atan(s) ;; atan(z) ;; atan2(s, z)
atan2(i, k) ;; atanh(s) ;; atanh(z) ;; avg(s) ;; avg(z) ;; base64(s) ;; base64(z) ;; bigint(s) ;; bigint(z) ;; bin(s) ;; bin(z) ;; binary(s) ;; binary(z)
bit_and(i) ;; bit_and(k) ;; bit_count(i) ;; bit_count(k) ;; bit_get(i, k) ;; bit_get(k, z) ;; bit_length(s) ;; bit_length(z) ;; bit_or(i) ;; bit_or(k)
bit_xor(i) ;; bit_xor(k) ;; bitmap_and_agg(x) ;; bitmap_and_agg(X'00') ;; bitmap_bit_position(s) ;; bitmap_bit_position(z) ;; bitmap_bucket_number(s)
bitmap_bucket_number(z) ;; bitmap_construct_agg(s) ;; bitmap_construct_agg(z) ;; bitmap_count(x) ;; bitmap_count(X'00') ;; bitmap_or_agg(x)
bitmap_or_agg(X'00') ;; bool_and(s) ;; bool_and(z) ;; bool_or(s) ;; bool_or(z) ;; boolean(s) ;; boolean(z) ;; bround(s) ;; bround(z) ;; bround(m, 0.5)
bround(l, 'year') ;; btrim(s) ;; btrim(z) ;; btrim(s, z) ;; btrim(i, k) ;; cardinality(xs) ;; cardinality(ss) ;; cbrt(s) ;; cbrt(z) ;; ceil(k, 2)
ceil(k, 256) ;; ceiling(d, 256) ;; ceiling(m, 2) ;; char(s) ;; char(z) ;; char_length(s) ;; char_length(z) ;; character_length(s) ;; character_length(z)
chr(s) ;; chr(z) ;; coalesce(s) ;; coalesce(z) ;; coalesce(s, z) ;; coalesce(i, k) ;; coalesce(s, s, s) ;; coalesce(i, i, i) ;; collation(s)
collation(z) ;; collect_list(s) ;; collect_list(z) ;; collect_set(s) ;; collect_set(z) ;; collect_union(xs) ;; collect_union(ss) ;; concat() ;; concat(s)
concat(z) ;; concat(s, z) ;; concat(i, k) ;; concat(s, s, s) ;; concat(i, i, i) ;; concat_ws(s) ;; concat_ws(z) ;; concat_ws(s, z) ;; concat_ws(i, k)
concat_ws(s, s, s) ;; concat_ws(i, i, i) ;; contains(s, z) ;; contains(i, k) ;; conv(s, s, s) ;; conv(i, i, i) ;; convert_timezone(s, z)
convert_timezone(ts, s) ;; convert_timezone(s, s, s) ;; convert_timezone(i, i, s) ;; corr(s, z) ;; corr(i, k) ;; cos(s) ;; cos(z) ;; cosh(s) ;; cosh(z)
cot(s) ;; cot(z) ;; count(s) ;; count(z) ;; count(s, z) ;; count(i, k) ;; count(s, s, s) ;; count(i, i, i) ;; count_if(s) ;; count_if(z)
covar_pop(s, z) ;; covar_pop(i, k) ;; covar_samp(s, z) ;; covar_samp(i, k) ;; crc32(s) ;; crc32(z) ;; csc(s) ;; csc(z) ;; curdate() ;; current_catalog()
current_database() ;; current_date() ;; current_path() ;; current_schema() ;; current_time() ;; current_time(1) ;; current_time(2) ;; current_timestamp()
current_timezone() ;; current_user() ;; date(s) ;; date(z) ;; date_add(s, z) ;; date_add(s, i) ;; date_diff(s, z) ;; date_diff(ts, s) ;; date_format(s, z)
date_format(s, i) ;; date_from_unix_date(s) ;; date_from_unix_date(z) ;; date_part('Mon', ts) ;; date_part('year', z) ;; date_sub(s, z) ;; date_sub(s, i)
date_trunc(s, z) ;; date_trunc(ts, s) ;; dateadd(s, z) ;; dateadd(s, i) ;; datediff(s, z) ;; datediff(ts, s) ;; datepart('Mon', nt) ;; day(s) ;; day(z)
dayname(s) ;; dayname(z) ;; dayofmonth(s) ;; dayofmonth(z) ;; dayofweek(s) ;; dayofweek(z) ;; dayofyear(s) ;; dayofyear(z) ;; decimal(s) ;; decimal(z)
decode(s, z) ;; decode(s, i) ;; degrees(s) ;; degrees(z) ;; double(s) ;; double(z) ;; e() ;; element_at(xs, i) ;; element_at(mp, s) ;; elt(s, z)
elt(i, k) ;; elt(s, s, s) ;; elt(i, i, i) ;; elt(s, s, s, s) ;; elt(i, i, i, i) ;; encode(s, z) ;; encode(i, k) ;; endswith(s, z) ;; endswith(i, k)
equal_null(s, z) ;; equal_null(i, k) ;; every(s) ;; every(z) ;; exists(xs, b) ;; exists(me, b) ;; exp(s) ;; exp(z) ;; explode(xs) ;; explode(ss)
explode_outer(xs) ;; explode_outer(ss) ;; expm1(s) ;; expm1(z) ;; extract('year', ts) ;; extract('Mon', s) ;; factorial(s) ;; factorial(z)
filter(ss, b) ;; filter(xx, b) ;; find_in_set(s, z) ;; find_in_set(i, k) ;; first(s) ;; first(z) ;; first(d, true) ;; first(mp, true) ;; first_value(s)
first_value(z) ;; first_value(k, true) ;; first_value(me, true) ;; flatten(xx) ;; float(s) ;; float(z) ;; floor(m, 256) ;; floor(l, 256) ;; forall(me, b)
forall(sa, b) ;; format_number(i, k) ;; format_number(d, i) ;; format_string(s) ;; format_string(z) ;; format_string(s, z) ;; format_string(i, k)
format_string(s, s, s) ;; format_string(i, i, i) ;; from_base32(s) ;; from_base32(z) ;; from_json(s, 'a INT') ;; from_unixtime(l)
from_unixtime(l, 'yyyy') ;; from_utc_timestamp(ts, 'UTC') ;; from_xml(s, 'a INT') ;; get(xs, i) ;; get_json_object(s, '$.a') ;; getbit(i, k)
greatest(i, k, l) ;; hash(i, s) ;; hex(i) ;; hex(s) ;; histogram_numeric(i, 5) ;; hll_sketch_agg(i) ;; hll_sketch_agg(i, 12) ;; hll_sketch_estimate(x)
hll_union(x, x) ;; hll_union(x, x, true) ;; hll_union_agg(x) ;; hll_union_agg(x, true) ;; hmac(x, x) ;; hmac(s, s, 'SHA256') ;; hour(ts) ;; hypot(d, d)
ifnull(s, z) ;; ilike(s, z) ;; initcap(s) ;; inline(sa) ;; instr(s, z) ;; instr(s, z, i) ;; instr(s, z, i, k) ;; int(s) ;; is_valid_utf8(s) ;; isnan(d)
isnotnull(s) ;; isnull(s) ;; jaro_winkler_similarity(s, z) ;; json_array_length(s) ;; json_object_keys(s) ;; json_tuple(s, 'a', 'b')
kll_sketch_agg_bigint(l) ;; kll_sketch_agg_bigint(l, 20) ;; kll_merge_agg_bigint(x) ;; kll_sketch_get_n_bigint(x)
kll_sketch_get_quantile_bigint(x, 0.5D) ;; kll_sketch_get_rank_bigint(x, l) ;; kll_sketch_merge_bigint(x, x) ;; kll_sketch_to_string_bigint(x)
kurtosis(d) ;; last(i) ;; last_day(dt) ;; last_value(i) ;; lcase(s) ;; least(i, k) ;; left(s, i) ;; len(x) ;; length(s) ;; levenshtein(s, z)
levenshtein(s, z, 3) ;; listagg(s, '-') ;; ln(d) ;; localtimestamp() ;; locate(s, z) ;; locate(s, z, i) ;; log(d) ;; log(d, d) ;; log10(d) ;; log1p(d)
log2(d) ;; lower(s) ;; lpad(s, i) ;; lpad(s, i, z) ;; ltrim(s) ;; ltrim(s, z) ;; luhn_check(s) ;; make_date(i, i, i) ;; make_dt_interval()
make_dt_interval(i) ;; make_dt_interval(i, i) ;; make_dt_interval(i, i, i, m) ;; make_interval() ;; make_interval(i) ;; make_interval(i, i, i, i, i, i, m)
make_time(i, i, m) ;; make_timestamp(i, i, i, i, i, m) ;; make_timestamp(i, i, i, i, i, m, s) ;; make_timestamp_ltz(i, i, i, i, i, m)
make_timestamp_ltz(i, i, i, i, i, m, s) ;; make_timestamp_ntz(i, i, i, i, i, m) ;; make_valid_utf8(s) ;; make_ym_interval() ;; make_ym_interval(i)
make_ym_interval(i, k) ;; map(s, i) ;; map_concat(mp, mp) ;; map_contains_key(mp, s) ;; map_entries(mp) ;; map_from_arrays(ss, xs) ;; map_from_entries(me)
map_keys(mp) ;; map_values(mp) ;; max(s) ;; max_by(i, k) ;; max_by(i, k, 2) ;; md5(s) ;; min_by(i, k) ;; minute(ts) ;; mod(i, k) ;; mode(s) ;; month(dt)
monthname(dt) ;; months_between(ts, ts) ;; months_between(ts, ts, false) ;; named_struct('a', i) ;; nanvl(d, d) ;; negative(i) ;; next_day(dt, s) ;; now()
nullif(i, k) ;; nullifzero(i) ;; nvl(i, k) ;; nvl2(i, k, l) ;; octet_length(s) ;; overlay(s, z, i) ;; overlay(s, z, i, k) ;; parse_json(s)
parse_url(s, 'HOST') ;; parse_url(s, 'QUERY', 'a') ;; percentile(i, 0.5, k) ;; percentile_approx(i, array(0.5), 10) ;; pi() ;; pmod(i, k)
posexplode(xs) ;; position(s, z) ;; position(s, z, i) ;; positive(i) ;; pow(d, d) ;; power(d, d) ;; printf(s, i) ;; quarter(dt) ;; quote(s) ;; radians(d)
raise_error(s) ;; raise_error('A', map('a', 'b')) ;; rand(3) ;; randn(3) ;; random(3) ;; randstr(3, 4) ;; regexp(s, z) ;; regexp_count(s, z)
regexp_extract(s, z) ;; regexp_extract(s, z, 2) ;; regexp_extract_all(s, z) ;; regexp_extract_all(s, z, 2) ;; regexp_instr(s, z) ;; regexp_instr(s, z, 1)
regexp_like(s, z) ;; regexp_replace(s, z, 'b') ;; regexp_replace(s, z, 'b', 2) ;; regexp_substr(s, z) ;; regr_avgx(d, d) ;; regr_avgy(d, d)
regr_count(d, d) ;; regr_intercept(d, d) ;; regr_r2(d, d) ;; regr_slope(d, d) ;; regr_sxx(d, d) ;; regr_sxy(d, d) ;; regr_syy(d, d) ;; repeat(s, i)
replace(s, z) ;; replace(s, z, s) ;; reverse(s) ;; reverse(xs) ;; right(s, i) ;; rint(d) ;; rlike(s, z) ;; round(d) ;; round(d, 2) ;; rpad(s, i)
rpad(s, i, z) ;; rtrim(s) ;; rtrim(s, z) ;; schema_of_csv('1') ;; schema_of_json('[]') ;; schema_of_variant(parse_json(s)) ;; schema_of_xml('<a/>')
sec(d) ;; second(ts) ;; sentences(s) ;; sentences(s, 'en') ;; sentences(s, 'en', 'US') ;; sequence(i, k) ;; sequence(i, k, i) ;; sequence(dt, dt)
session_user() ;; sha(s) ;; sha1(s) ;; sha2(s, i) ;; shiftleft(i, k) ;; shiftright(i, k) ;; shiftrightunsigned(i, k) ;; shuffle(xs, 1) ;; sign(d)
signum(d) ;; sin(d) ;; sinh(d) ;; size(xs) ;; size(mp) ;; skewness(d) ;; slice(xs, i, k) ;; some(b) ;; sort_array(xs) ;; sort_array(xs, false)
soundex(s) ;; space(i) ;; split(s, z) ;; split(s, z, i) ;; split_part(s, z, i) ;; sqrt(d) ;; startswith(s, z) ;; std(d) ;; stddev(d) ;; stddev_pop(d)
stddev_samp(d) ;; str_to_map(s) ;; str_to_map(s, ';') ;; str_to_map(s, ';', '=') ;; string_agg(s) ;; struct(i, s) ;; substr(s, i) ;; substr(s, i, k)
substring(s, i) ;; substring(s, i, k) ;; substring_index(s, z, i) ;; sum(m) ;; tan(d) ;; tanh(d) ;; theta_sketch_agg(i) ;; theta_sketch_agg(i, 10)
theta_sketch_estimate(x) ;; theta_union(x, x) ;; theta_union_agg(x) ;; theta_intersection(x, x) ;; theta_difference(x, x) ;; timestamp_micros(l)
timestamp_millis(l) ;; timestamp_seconds(l) ;; to_base32(x) ;; to_binary(s) ;; to_binary(s, 'hex') ;; to_char(i, '999') ;; to_char(dt, 'yyyy')
to_char(x, 'hex') ;; to_csv(st) ;; to_date(s) ;; to_date(s, 'yyyy') ;; to_json(st) ;; to_number(s, '999') ;; to_timestamp(s)
to_timestamp(s, 'yyyy') ;; to_timestamp_ltz(s) ;; to_timestamp_ltz(s, 'yyyy') ;; to_timestamp_ntz(s) ;; to_timestamp_ntz(s, 'yyyy')
to_unix_timestamp(ts) ;; to_unix_timestamp(s, 'yyyy') ;; to_utc_timestamp(ts, 'UTC') ;; to_varchar(m, '999') ;; to_variant_object(st) ;; to_xml(st)
translate(s, z, 'c') ;; trim(s) ;; trim(s, z) ;; trunc(dt, 'year') ;; try_add(i, k) ;; try_aes_decrypt(x, x) ;; try_avg(i) ;; try_divide(i, k)
try_element_at(xs, i) ;; try_element_at(mp, s) ;; try_make_interval(i) ;; try_make_timestamp(i, i, i, i, i, m) ;; try_mod(i, k) ;; try_multiply(i, k)
try_parse_json(s) ;; try_parse_url(s, 'HOST') ;; try_subtract(i, k) ;; try_sum(i) ;; try_to_binary(s) ;; try_to_binary(s, 'hex') ;; try_to_date(s)
try_to_date(s, 'yyyy') ;; try_to_number(s, '999') ;; try_to_timestamp(s) ;; try_to_timestamp(s, 'yyyy') ;; try_url_decode(s) ;; try_validate_utf8(s)
try_variant_get(parse_json(s), '$.a', 'int') ;; variant_get(parse_json(s), '$.a') ;; variant_get(parse_json(s), '$.a', 'int')
is_variant_null(parse_json(s)) ;; typeof(i) ;; ucase(s) ;; unbase64(s) ;; unhex(s) ;; uniform(1, 10, 3) ;; unix_date(dt) ;; unix_micros(ts)
unix_millis(ts) ;; unix_seconds(ts) ;; unix_timestamp() ;; unix_timestamp(s) ;; unix_timestamp(s, 'yyyy') ;; upper(s) ;; url_decode(s) ;; url_encode(s)
user() ;; validate_utf8(s) ;; var_pop(d) ;; var_samp(d) ;; variance(d) ;; version() ;; weekday(dt) ;; weekofyear(dt) ;; width_bucket(d, d, d, l)
xpath(s, 'a/b') ;; xpath_boolean(s, 'a') ;; xpath_double(s, 'a') ;; xpath_float(s, 'a') ;; xpath_int(s, 'a') ;; xpath_long(s, 'a') ;; xpath_number(s, 'a')
xpath_short(s, 'a') ;; xpath_string(s, 'a') ;; xxhash64(i, s) ;; year(dt) ;; zeroifnull(i) ;; count_min_sketch(i, 0.5D, 0.5D, 1) ;; counter_diff(i)
localtime() ;; localtime(3) ;; time_trunc('hour', make_time(1, 2, 3)) ;; time_diff('hour', make_time(1, 2, 3), make_time(2, 2, 3)) ;; to_time(s)
to_time(s, 'HH') ;; try_to_time(s) ;; vector_norm(array(1.0F)) ;; vector_norm(array(1.0F), 2.0F) ;; vector_sum(array(1.0F))
vector_cosine_similarity(array(1.0F), array(1.0F)) ;; st_asbinary(st_geomfromwkb(x)) ;; approx_top_k(i) ;; approx_top_k(i, 3) ;; approx_top_k(i, 3, 100)
collate(s, 'UTF8_LCASE') ;; time_bucket(interval 1 hour, ts)
""".strip()
    .replace("\n", " ;; ")
    .split(" ;; ")
)

# What is named otherwise, and why.
DIFFERENCES: dict[str, str] = {
    "to_char(dt, 'yyyy')": "to_char() is shown by its name",
    "to_char(x, 'hex')": "to_char() is shown by its name",
    "lpad(x, 5)": "the padding of bytes is shown as that of text",
}
