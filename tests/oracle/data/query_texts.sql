-- operators
SELECT 1 << 3, 256 >> 2, -8 >>> 1, 1 | 2 & 3 ^ 1, 2 div 3, 7 % 4
SELECT 1 !< 2, 1 !> 2, 1 <=> NULL, 1 == 1, 1 <> 2, !true, NOT false AND false
SELECT 'a' 'b', "c" 'd', r'\n', 'it''s', 'tab\tx', '\x41', '\101', '\u0041', '\%'
SELECT 5 - - 3, + + 4, 1 = 1 = true
SELECT v BETWEEN 2 AND 3, v NOT IN (1, 2), v IS NOT DISTINCT FROM 3 FROM VALUES (1), (2), (3), (3) t(v)
SELECT v FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) WHERE s LIKE ANY ('a%', 'c') OR s NOT LIKE ALL ('a', 'b')
SELECT v, s ILIKE SOME ('A', s) AS x, s NOT ILIKE ALL ('A', s) AS y FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v)
SELECT (1 = 2) IS NOT TRUE AS a, CAST(NULL AS BOOLEAN) IS UNKNOWN AS b
-- orders
SELECT s, v FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) ORDER BY ALL
SELECT s, v FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) ORDER BY ALL DESC NULLS LAST
SELECT s, sum(v) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) GROUP BY s ORDER BY ALL
SELECT all FROM VALUES (2), (1) t(`all`) ORDER BY all
SELECT s FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) ORDER BY 2, v
SELECT s FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) ORDER BY 3
SELECT sum(v) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) GROUP BY k + 1 ORDER BY 1 + k
VALUES (2, 'b'), (1, 'a') AS t(n, s) ORDER BY n
VALUES (1, 2), (3)
-- groups
SELECT k + 1, s, sum(v) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) GROUP BY k + 1, s WITH CUBE ORDER BY 1, 2, 3
SELECT k + 1 AS a, s AS b, sum(v) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) GROUP BY ROLLUP(a, b) ORDER BY 1, 2, 3
SELECT sum(v) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v) GROUP BY k HAVING sum(v)
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY v DESC) FROM VALUES (1), (2), (3), (3) t(v)
SELECT mode() WITHIN GROUP (ORDER BY v) FROM VALUES (1), (2), (3), (3) t(v)
SELECT percentile_disc(array(0.25, 0.5)) WITHIN GROUP (ORDER BY v DESC) FROM VALUES (1), (2), (3), (3) t(v)
SELECT v, percentile_disc(0.25) WITHIN GROUP (ORDER BY v DESC) OVER () FROM VALUES (1), (2), (3), (3) t(v) ORDER BY v
SELECT listagg(s, '-') WITHIN GROUP (ORDER BY v DESC) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v)
SELECT listagg(s) WITHIN GROUP (ORDER BY s, v) FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v)
SELECT listagg(DISTINCT s, '-') WITHIN GROUP (ORDER BY s DESC) AS l FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v)
SELECT percentile_cont(0.5) FROM VALUES (1), (2), (3), (3) t(v)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v, v) FROM VALUES (1), (2), (3), (3) t(v)
SELECT sum(v) WITHIN GROUP (ORDER BY v) FROM VALUES (1), (2), (3), (3) t(v)
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY v) OVER (ORDER BY v) FROM VALUES (1), (2), (3), (3) t(v)
-- stars
SELECT struct(*), coalesce(*), concat_ws('-', *) FROM VALUES (1, 2) t(a, b)
SELECT count(*), count(DISTINCT *), count(*, 1) AS c FROM VALUES (1, NULL), (2, 3) t(a, b)
SELECT count(* EXCEPT (b)), max(struct(*)) FROM VALUES (1, NULL), (2, 3) t(a, b)
SELECT (*), struct(t.*, 1 AS c) FROM VALUES (1, 2) t(a, b) WHERE 2 IN (*)
SELECT count(t.*) FROM VALUES (1) t(a)
SELECT * + 1 FROM VALUES (1) t(a)
SELECT * EXCEPT (s.x) FROM VALUES (named_struct('x', 1, 'y', 2)), (NULL) t(s)
SELECT s.* EXCEPT (y) FROM VALUES (named_struct('x', 1, 'y', 2)), (NULL) t(s)
SELECT * EXCEPT (s.x, s) FROM VALUES (named_struct('x', 1, 'y', 2)), (NULL) t(s)
SELECT * EXCEPT (nosuch) FROM VALUES (named_struct('x', 1, 'y', 2)), (NULL) t(s)
SELECT t.* EXCEPT (t.a) FROM VALUES (1, 2) t(a, b)
-- pivots
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) FOR c IN ('x', 'y')) ORDER BY k
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) AS s, count(v) AS n FOR c IN ('x' AS a, 'y')) ORDER BY k
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v), max(v) + 1 FOR c IN ('x', 'z')) ORDER BY k
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) FOR (c, k) IN (('x', 1), ('y', 2) AS q))
SELECT p.* FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) FOR c IN ('x', 'y')) p WHERE p.x > 1
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (collect_list(v), count(v), first(v) FOR c IN ('x', NULL)) ORDER BY k
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) FOR k IN (1, '2')) ORDER BY c
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) FOR c IN (k))
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(nosuch) FOR c IN ('x'))
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) FOR c IN ('x')) p(a, b)
SELECT * FROM (VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v)) PIVOT (sum(v) s FOR c IN ('x')) UNPIVOT (q FOR w IN (x))
SELECT * FROM (VALUES (1, 10, 20, 'p', 'q'), (2, 30, NULL, NULL, NULL) AS t(k, a, b, c, d)) UNPIVOT (v FOR n IN (a, b)) ORDER BY k, n
SELECT * FROM (VALUES (1, 10, 20, 'p', 'q'), (2, 30, NULL, NULL, NULL) AS t(k, a, b, c, d)) UNPIVOT INCLUDE NULLS (v FOR n IN (a AS x, b AS `why`)) u ORDER BY u.k, n
SELECT * FROM (VALUES (1, 10, 20, 'p', 'q'), (2, 30, NULL, NULL, NULL) AS t(k, a, b, c, d)) UNPIVOT ((v, w) FOR n IN ((a, c), (b, d) AS two))
SELECT * FROM (VALUES (1, 10, 20, 'p', 'q'), (2, 30, NULL, NULL, NULL) AS t(k, a, b, c, d)) UNPIVOT (v FOR n IN (a, c))
SELECT * FROM (VALUES (1, 10, 20, 'p', 'q'), (2, 30, NULL, NULL, NULL) AS t(k, a, b, c, d)) UNPIVOT (v FOR n IN (nosuch))
-- windows
select v, sum(v) over w2 from values (1),(2),(3) t(v) window w as (order by v), w2 as w
select v, sum(v) over (w) from values (1),(2),(3) t(v) window w as (order by v)
select v, row_number() over w from values (1) t(v)
select v, count(distinct v) over (partition by 1) from values (1) t(v)
select v, sum(v) filter (where v > 1) over (order by v) from values (1),(2) t(v)
select v, first(v) ignore nulls over (order by v desc) from values (1),(null),(2) t(v)
select v, lag(v) ignore nulls over (order by k) from values (1,1),(2,null),(3,5),(4,6) t(k,v)
select k, lead(v, 2, 0) respect nulls over (order by k) from values (1,1),(2,null),(3,5),(4,6) t(k,v)
select k, nth_value(v,2) ignore nulls over (order by k) from values (1,1),(2,null),(3,5),(4,6) t(k,v)
select k, sum(v) over (order by d range between interval 1 day preceding and current row) from values (1,1,date'2020-01-01'),(2,2,date'2020-01-02'),(3,5,date'2020-01-05') t(k,v,d)
select k, sum(v) over (order by d range between 1 preceding and current row) from values (1,1,date'2020-01-01'),(2,2,date'2020-01-02'),(3,5,date'2020-01-05') t(k,v,d)
select k, sum(k) over (order by v range between 1.5 preceding and current row) from values (1,1.0),(2,2.5),(3,5.0) t(k,v)
select k, sum(k) over (order by v desc range between 1 preceding and 1 following) from values (1,1),(2,2),(3,5) t(k,v)
select k, sum(k) over (order by v range between 2 preceding and 1 preceding) from values (1,1),(2,2),(3,5) t(k,v)
select k, sum(k) over (rows between 1 preceding and 1 following) from values (1),(2),(3) t(k)
select k, sum(k) over (range between 1 preceding and 1 following) from values (1),(2),(3) t(k)
select k, sum(k) over (order by k, v range between 1 preceding and 1 following) from values (1,1),(2,1) t(k,v)
select k, sum(k) over (order by v range between 1 preceding and 1 following) from values (1,'a') t(k,v)
select k, sum(k) over (order by k rows between 1 following and 1 preceding) from values (1),(2) t(k)
select k, sum(k) over (order by k rows between unbounded following and current row) from values (1),(2) t(k)
select k, sum(k) over (order by k rows between 1.5 preceding and current row) from values (1),(2) t(k)
select k, rank() over (partition by k) from values (1),(2) t(k)
select k from values (1),(2) t(k) where row_number() over (order by k) = 1
select k from values (1),(2) t(k) qualify row_number() over (order by k) = 1
select k, sum(sum(k)) over (order by k) from values (1),(2) t(k) group by k
select ntile(2) over (order by k), cume_dist() over (order by k), percent_rank() over (order by k), k from values (1),(2),(3) t(k)
select lag(k) over () from values (1) t(k)
select sum(k) over (distribute by k sort by k) from values (1) t(k)
select first(v) over (order by k rows between current row and unbounded following), last(v, true) over (order by k) from values (1,null),(2,3),(2,4) t(k,v)
select k, any_value(v, true) over (order by k) from values (1,null),(2,3) t(k,v)
select k, nth_value(v, 0) over (order by k) from values (1,null) t(k,v)
select k, lag(v, -1) over (order by k) from values (1,2),(2,3) t(k,v)
select k, lead(v, k) over (order by k) from values (1,2),(2,3) t(k,v)
select collect_list(k) over (order by v) from values (1,1),(2,1),(3,0) t(k,v)
select first(k) over (order by v), last(k) over (order by v), row_number() over (order by v), k from values (1,1),(2,1),(3,0) t(k,v)
select sum(k) over (order by null) from values (1),(2) t(k)
select k, max(v) over (partition by k order by v range between unbounded preceding and 1 preceding) from values (1,1),(1,2),(1,5) t(k,v)
-- table functions and constants of clauses
select * from explode(array(1, 2))
select * from posexplode(array(1, 2)) as t(p, c)
select * from inline(array(struct(1, 'a'))) t(x, y)
select * from stack(2, 1, 2, 3)
select * from explode(map(1, 2))
select * from range(1 + 2)
select * from range(1, 10, 3)
select a from values (1), (2), (3) t(a) order by a limit 1 + 1 offset 1
select t.x, e from values (array(1, 2)) t(x), lateral explode(x) as q(e)
select coalesce(*) from values (1, null) t(a, b)
select c, y, grouping__id from values ('a', 1), ('b', 2) t(c, y) group by cube(c, y) order by grouping__id, c, y
select c from values ('a', 1), ('b', 2) t(c, y) group by cube(c, y) having grouping__id > 1 order by c
values (2), (1)
select a.b.c.d from values (1) t(a)
select split('', '', 1), split('', ''), split('abc', '', 2), split_part('11.12.13', '', 1), split_part('a', '', 2), split_part('a', '', -1)
select hex(lpad(x'aabb', 5, x'0102')), hex(rpad(x'aabb', 5, x'01')), hex(lpad(x'aabb', 1, x'00')), hex(rpad(x'aabb', 9, x''))
select lpad(x'41', 3, 'b'), lpad('abc', 5, x'41'), lpad('hi', cast(null as int)), rpad('hi', 5, cast(null as string))
select encode('aä', 'utf-16'), encode('aä', 'UTF-16LE'), encode('aä', 'utf-32'), encode('', 'utf-16'), encode('ä', 'iso-8859-1')
select decode(x'FEFF0061', 'utf-16'), decode(x'FFFE6100', 'utf-16'), decode(x'00610062', 'utf-16'), decode(x'e6b8', 'iso-8859-1')
select typeof(current_date), typeof(current_date()), current_user from values (1, 2) t(current_date, current_user)
select try_to_binary(' ab cdef= = ', 'base64'), try_to_binary('ab==  ', 'base64'), try_to_binary('a b c d', 'base64'), unbase64('ab')
