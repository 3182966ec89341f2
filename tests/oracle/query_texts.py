"""Queries whose answers PySpark has given: clauses, operators and functions as SQL text has them."""

from __future__ import annotations

_NUMBERS = "VALUES (1), (2), (3), (3) t(v)"
_PAIRS = "VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30), (2, NULL, 40), (NULL, 'b', 50) t(k, s, v)"
_NESTED = "VALUES (named_struct('x', 1, 'y', 2)), (NULL) t(s)"

OPERATORS = [
    "SELECT 1 << 3, 256 >> 2, -8 >>> 1, 1 | 2 & 3 ^ 1, 2 div 3, 7 % 4",
    "SELECT 1 !< 2, 1 !> 2, 1 <=> NULL, 1 == 1, 1 <> 2, !true, NOT false AND false",
    "SELECT 'a' 'b', \"c\" 'd', r'\\n', 'it''s', 'tab\\tx', '\\x41', '\\101', '\\u0041', '\\%'",
    "SELECT 5 - - 3, + + 4, 1 = 1 = true",
    f"SELECT v BETWEEN 2 AND 3, v NOT IN (1, 2), v IS NOT DISTINCT FROM 3 FROM {_NUMBERS}",
    f"SELECT v FROM {_PAIRS} WHERE s LIKE ANY ('a%', 'c') OR s NOT LIKE ALL ('a', 'b')",
    f"SELECT v, s ILIKE SOME ('A', s) AS x, s NOT ILIKE ALL ('A', s) AS y FROM {_PAIRS}",
    "SELECT (1 = 2) IS NOT TRUE AS a, CAST(NULL AS BOOLEAN) IS UNKNOWN AS b",
]
ORDERS = [
    f"SELECT s, v FROM {_PAIRS} ORDER BY ALL",
    f"SELECT s, v FROM {_PAIRS} ORDER BY ALL DESC NULLS LAST",
    f"SELECT s, sum(v) FROM {_PAIRS} GROUP BY s ORDER BY ALL",
    "SELECT all FROM VALUES (2), (1) t(`all`) ORDER BY all",
    f"SELECT s FROM {_PAIRS} ORDER BY 2, v",
    f"SELECT s FROM {_PAIRS} ORDER BY 3",
    f"SELECT sum(v) FROM {_PAIRS} GROUP BY k + 1 ORDER BY 1 + k",
    "VALUES (2, 'b'), (1, 'a') AS t(n, s) ORDER BY n",
    "VALUES (1, 2), (3)",
]
GROUPS = [
    f"SELECT k + 1, s, sum(v) FROM {_PAIRS} GROUP BY k + 1, s WITH CUBE ORDER BY 1, 2, 3",
    f"SELECT k + 1 AS a, s AS b, sum(v) FROM {_PAIRS} GROUP BY ROLLUP(a, b) ORDER BY 1, 2, 3",
    f"SELECT sum(v) FROM {_PAIRS} GROUP BY k HAVING sum(v)",
    f"SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY v DESC) FROM {_NUMBERS}",
    f"SELECT mode() WITHIN GROUP (ORDER BY v) FROM {_NUMBERS}",
    f"SELECT percentile_disc(array(0.25, 0.5)) WITHIN GROUP (ORDER BY v DESC) FROM {_NUMBERS}",
    f"SELECT v, percentile_disc(0.25) WITHIN GROUP (ORDER BY v DESC) OVER () FROM {_NUMBERS} ORDER BY v",
    f"SELECT listagg(s, '-') WITHIN GROUP (ORDER BY v DESC) FROM {_PAIRS}",
    f"SELECT listagg(s) WITHIN GROUP (ORDER BY s, v) FROM {_PAIRS}",
    f"SELECT listagg(DISTINCT s, '-') WITHIN GROUP (ORDER BY s DESC) AS l FROM {_PAIRS}",
    f"SELECT percentile_cont(0.5) FROM {_NUMBERS}",
    f"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v, v) FROM {_NUMBERS}",
    f"SELECT sum(v) WITHIN GROUP (ORDER BY v) FROM {_NUMBERS}",
    f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY v) OVER (ORDER BY v) FROM {_NUMBERS}",
]
STARS = [
    "SELECT struct(*), coalesce(*), concat_ws('-', *) FROM VALUES (1, 2) t(a, b)",
    "SELECT count(*), count(DISTINCT *), count(*, 1) AS c FROM VALUES (1, NULL), (2, 3) t(a, b)",
    "SELECT count(* EXCEPT (b)), max(struct(*)) FROM VALUES (1, NULL), (2, 3) t(a, b)",
    "SELECT (*), struct(t.*, 1 AS c) FROM VALUES (1, 2) t(a, b) WHERE 2 IN (*)",
    "SELECT count(t.*) FROM VALUES (1) t(a)",
    "SELECT * + 1 FROM VALUES (1) t(a)",
    f"SELECT * EXCEPT (s.x) FROM {_NESTED}",
    f"SELECT s.* EXCEPT (y) FROM {_NESTED}",
    f"SELECT * EXCEPT (s.x, s) FROM {_NESTED}",
    f"SELECT * EXCEPT (nosuch) FROM {_NESTED}",
    "SELECT t.* EXCEPT (t.a) FROM VALUES (1, 2) t(a, b)",
]

_SALES = "(VALUES (1, 'x', 10), (2, 'y', 20), (1, 'y', 5), (1, 'y', NULL), (3, 'z', NULL) AS t(k, c, v))"
_WIDE = "(VALUES (1, 10, 20, 'p', 'q'), (2, 30, NULL, NULL, NULL) AS t(k, a, b, c, d))"
PIVOTS = [
    f"SELECT * FROM {_SALES} PIVOT (sum(v) FOR c IN ('x', 'y')) ORDER BY k",
    f"SELECT * FROM {_SALES} PIVOT (sum(v) AS s, count(v) AS n FOR c IN ('x' AS a, 'y')) ORDER BY k",
    f"SELECT * FROM {_SALES} PIVOT (sum(v), max(v) + 1 FOR c IN ('x', 'z')) ORDER BY k",
    f"SELECT * FROM {_SALES} PIVOT (sum(v) FOR (c, k) IN (('x', 1), ('y', 2) AS q))",
    f"SELECT p.* FROM {_SALES} PIVOT (sum(v) FOR c IN ('x', 'y')) p WHERE p.x > 1",
    f"SELECT * FROM {_SALES} PIVOT (collect_list(v), count(v), first(v) FOR c IN ('x', NULL)) ORDER BY k",
    f"SELECT * FROM {_SALES} PIVOT (sum(v) FOR k IN (1, '2')) ORDER BY c",
    f"SELECT * FROM {_SALES} PIVOT (sum(v) FOR c IN (k))",
    f"SELECT * FROM {_SALES} PIVOT (sum(nosuch) FOR c IN ('x'))",
    f"SELECT * FROM {_SALES} PIVOT (sum(v) FOR c IN ('x')) p(a, b)",
    f"SELECT * FROM {_SALES} PIVOT (sum(v) s FOR c IN ('x')) UNPIVOT (q FOR w IN (x))",
    f"SELECT * FROM {_WIDE} UNPIVOT (v FOR n IN (a, b)) ORDER BY k, n",
    f"SELECT * FROM {_WIDE} UNPIVOT INCLUDE NULLS (v FOR n IN (a AS x, b AS `why`)) u ORDER BY u.k, n",
    f"SELECT * FROM {_WIDE} UNPIVOT ((v, w) FOR n IN ((a, c), (b, d) AS two))",
    f"SELECT * FROM {_WIDE} UNPIVOT (v FOR n IN (a, c))",
    f"SELECT * FROM {_WIDE} UNPIVOT (v FOR n IN (nosuch))",
]

QUERIES = [*OPERATORS, *ORDERS, *GROUPS, *STARS, *PIVOTS]
