"""DataFrame programs that PySpark and streamcore must answer alike.

Each takes a session and the module `functions` of either library, and returns a DataFrame or a value.
Nothing of streamcore is imported here: the same file runs under PySpark to freeze the answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

Program = Callable[[Any, Any, Any], Any]
PROGRAMS: dict[str, Program] = {}


def program(function: Program) -> Program:
    PROGRAMS[function.__name__] = function
    return function


def people(s: Any) -> Any:
    rows = [
        (1, "ann", 30, 2.5, "x"),
        (2, "bob", None, 1.0, "x"),
        (3, "cid", 25, None, "y"),
        (4, None, 25, -1.5, None),
        (5, "eve", 41, 2.5, "y"),
    ]
    return s.createDataFrame(rows, "id int, name string, age int, score double, team string")


def teams(s: Any) -> Any:
    return s.createDataFrame([("x", "red"), ("z", "blue"), (None, "none")], "team string, color string")


def nested(s: Any) -> Any:
    rows = [
        (1, [1, 2], {"a": 1}, {"p": 1, "q": {"r": "u"}}),
        (2, [], {}, {"p": 2, "q": None}),
        (3, None, None, None),
    ]
    return s.createDataFrame(
        rows, "id int, xs array<int>, m map<string,int>, st struct<p: int, q: struct<r: string>>"
    )


def events(s: Any) -> Any:
    start = dt.datetime(2024, 1, 1, 10, 0, 0)  # noqa: DTZ001 - in the zone of the session
    rows = [
        (start + dt.timedelta(seconds=n), k) for n, k in [(0, "a"), (4, "b"), (10, "a"), (19, "a"), (25, "b")]
    ]
    return s.createDataFrame([*rows, (None, "a")], "ts timestamp, k string")


# ---- projection ----------------------------------------------------------------------------------


@program
def select_names_stars_and_expressions(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("*", (F.col("age") + 1).alias("next"), "name", F.upper("name"))


@program
def select_by_dataframe_attribute_and_item(s: Any, F: Any, W: Any) -> Any:
    df = people(s)
    return df.select(df.id, df["name"], df[2], df.age * 2)


@program
def select_expr(s: Any, F: Any, W: Any) -> Any:
    return people(s).selectExpr("id", "age + 1", "age * 2 AS twice", "CAST(id AS string)", "upper(name)")


@program
def names_in_any_case(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("ID", F.col("NaMe"), F.col("Age") + 1)


@program
def struct_fields(s: Any, F: Any, W: Any) -> Any:
    return nested(s).select("st.p", "st.q.r", F.col("st")["p"], F.col("st").getField("q"), "st.*")


@program
def array_and_map_items(s: Any, F: Any, W: Any) -> Any:
    return nested(s).filter("id = 1").select(F.col("xs")[0], F.col("m")["a"], F.col("m").getItem("b"))


@program
def with_column_adds_and_replaces(s: Any, F: Any, W: Any) -> Any:
    return (
        people(s)
        .withColumn("age", F.col("age") + 1)
        .withColumn("AGE", F.col("age") * 2)
        .withColumn("n", F.lit(7))
    )


@program
def with_columns_see_the_original(s: Any, F: Any, W: Any) -> Any:
    return people(s).withColumns({"id": F.col("id") + 10, "old": F.col("id")})


@program
def renames(s: Any, F: Any, W: Any) -> Any:
    return people(s).withColumnRenamed("NAME", "n").withColumnsRenamed({"age": "a", "nothing": "x"})


@program
def drops(s: Any, F: Any, W: Any) -> Any:
    df = people(s)
    return df.drop("name", "nothing").drop(df.age).drop(F.col("TEAM"))


@program
def to_df(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("id", "name").toDF("a", "b")


@program
def col_regex(s: Any, F: Any, W: Any) -> Any:
    df = people(s)
    return df.select(df.colRegex("`(id|n.*)`"))


@program
def explode_an_array(s: Any, F: Any, W: Any) -> Any:
    return nested(s).select("id", F.explode("xs"))


@program
def explode_outer_a_map(s: Any, F: Any, W: Any) -> Any:
    return nested(s).select(F.explode_outer("m"), "id")


@program
def posexplode_with_aliases(s: Any, F: Any, W: Any) -> Any:
    return nested(s).select("id", F.posexplode("xs").alias("at", "x"))


@program
def posexplode_outer(s: Any, F: Any, W: Any) -> Any:
    return nested(s).select("id", F.posexplode_outer("xs"))


@program
def two_generators(s: Any, F: Any, W: Any) -> Any:
    return nested(s).select(F.explode("xs"), F.explode("m"))


@program
def inline_structs(s: Any, F: Any, W: Any) -> Any:
    return s.sql("SELECT inline(array(struct(1 AS a, 'x' AS b), struct(2 AS a, 'y' AS b)))")


# ---- rows ----------------------------------------------------------------------------------------


@program
def filters_by_column_text_and_dropped_column(s: Any, F: Any, W: Any) -> Any:
    df = people(s)
    return (
        df.filter((df.age > 20) & ~df.name.isNull())
        .where("score IS NOT NULL OR id = 3")
        .select("id")
        .filter(df.age > 25)
    )


@program
def order_with_nulls(s: Any, F: Any, W: Any) -> Any:
    return people(s).orderBy(F.col("age").desc(), "score").select("id")


@program
def order_with_explicit_nulls(s: Any, F: Any, W: Any) -> Any:
    return people(s).orderBy(F.col("age").asc_nulls_last(), F.desc("id")).select("id", "age")


@program
def order_with_flags(s: Any, F: Any, W: Any) -> Any:
    return people(s).orderBy(["age", "id"], ascending=[False, True]).select("id")


@program
def order_by_a_column_that_is_not_selected(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("name").orderBy("id").limit(3)


@program
def limit_and_offset(s: Any, F: Any, W: Any) -> Any:
    return people(s).orderBy("id").offset(1).limit(2)


@program
def distinct_rows(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("team").distinct()


@program
def drop_duplicates_by_key(s: Any, F: Any, W: Any) -> Any:
    return people(s).dropDuplicates(["team"]).select("team")


@program
def fill_nulls(s: Any, F: Any, W: Any) -> Any:
    return people(s).na.fill(0).na.fill("none", ["name"]).fillna({"team": "?", "age": 5})


@program
def drop_nulls(s: Any, F: Any, W: Any) -> Any:
    return people(s).dropna(thresh=4).dropna(subset=["name"]).dropna("all")


@program
def replace_values(s: Any, F: Any, W: Any) -> Any:
    return (
        people(s)
        .replace(25, 26)
        .na.replace(["ann", "bob"], ["ANN", "BOB"], "name")
        .replace({"x": None}, subset="team")
    )


# ---- groups --------------------------------------------------------------------------------------


@program
def group_count(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("team").count()


@program
def group_aggregates(s: Any, F: Any, W: Any) -> Any:
    return (
        people(s)
        .groupBy("team")
        .agg(
            F.count("*"),
            F.count("age"),
            F.sum("age"),
            F.avg("score").alias("mean"),
            F.min("name"),
            F.max(F.col("age") + 1),
        )
    )


@program
def group_by_expression(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy(F.col("age") % 2, F.col("team").alias("t")).agg(F.sum("id"))


@program
def group_by_dictionary(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("team").agg({"*": "count", "age": "max"})


@program
def group_numeric_shortcuts(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("team").sum()


@program
def group_mean(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("team").mean("age", "score")


@program
def aggregate_of_everything(s: Any, F: Any, W: Any) -> Any:
    return people(s).agg(F.sum("age") / F.count("*"), F.countDistinct("team"), F.first("id"))


@program
def select_with_aggregates(s: Any, F: Any, W: Any) -> Any:
    return people(s).select(F.max("age"), F.sum(F.col("id") * 2).alias("s"))


@program
def aggregate_of_no_rows(s: Any, F: Any, W: Any) -> Any:
    return people(s).filter("id > 100").agg(F.count("*"), F.sum("age"))


@program
def group_with_expression_of_key(s: Any, F: Any, W: Any) -> Any:
    return s.sql("SELECT id % 2 AS k, (id % 2) + 1 AS up, count(*) + 1 AS n FROM range(5) GROUP BY id % 2")


@program
def rollup(s: Any, F: Any, W: Any) -> Any:
    return people(s).rollup("team", "age").count()


@program
def cube(s: Any, F: Any, W: Any) -> Any:
    return people(s).cube("team").agg(F.expr("grouping(team)"), F.sum("id"))


@program
def pivot(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("age").pivot("team", ["x", "y"]).agg(F.sum("id"))


@program
def pivot_with_values_looked_up(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("age").pivot("team").count()


@program
def collect_lists(s: Any, F: Any, W: Any) -> Any:
    return people(s).groupBy("team").agg(F.sort_array(F.collect_list("id")).alias("ids"))


@program
def tumbling_windows(s: Any, F: Any, W: Any) -> Any:
    return events(s).groupBy(F.window("ts", "10 seconds"), "k").count()


@program
def tumbling_window_fields(s: Any, F: Any, W: Any) -> Any:
    counted = events(s).groupBy(F.window("ts", "10 seconds").alias("w")).agg(F.count("*").alias("n"))
    return counted.select("w.start", "w.end", "n")


@program
def sliding_windows(s: Any, F: Any, W: Any) -> Any:
    return events(s).groupBy(F.window("ts", "10 seconds", "5 seconds")).count()


@program
def windows_in_a_projection(s: Any, F: Any, W: Any) -> Any:
    return events(s).select(F.window("ts", "1 minute", startTime="15 seconds").start.alias("at"), "k")


# ---- window functions ----------------------------------------------------------------------------


@program
def ranks(s: Any, F: Any, W: Any) -> Any:
    w = W.partitionBy("team").orderBy("age")
    return people(s).select(
        "id", F.row_number().over(w.orderBy("id")).alias("n"), F.rank().over(w).alias("r")
    )


@program
def running_sums(s: Any, F: Any, W: Any) -> Any:
    w = W.orderBy("id").rowsBetween(W.unboundedPreceding, W.currentRow)
    return people(s).select(
        "id", F.sum("age").over(w).alias("s"), F.lag("id", 1, 0).over(W.orderBy("id")).alias("l")
    )


@program
def filtered_window(s: Any, F: Any, W: Any) -> Any:
    w = W.partitionBy("team").orderBy(F.desc("id"))
    return people(s).withColumn("n", F.row_number().over(w)).filter("n = 1").drop("n")


# ---- joins ---------------------------------------------------------------------------------------


@program
def join_inner_by_name(s: Any, F: Any, W: Any) -> Any:
    return people(s).join(teams(s), "team").select("id", "team", "color")


@program
def join_left_by_name(s: Any, F: Any, W: Any) -> Any:
    return people(s).join(teams(s), ["team"], "left")


@program
def join_right_by_name(s: Any, F: Any, W: Any) -> Any:
    return people(s).join(teams(s), "team", "right_outer")


@program
def join_full_by_name(s: Any, F: Any, W: Any) -> Any:
    return people(s).join(teams(s), "team", "outer")


@program
def join_semi_and_anti(s: Any, F: Any, W: Any) -> Any:
    t = teams(s)
    return people(s).join(t, "team", "left_semi").union(people(s).join(t, "team", "anti"))


@program
def join_by_condition(s: Any, F: Any, W: Any) -> Any:
    p, t = people(s), teams(s)
    return p.join(t, (p.team == t.team) & (p.id > 1), "left").select(p.team, t.team, "color", "id")


@program
def join_null_safe(s: Any, F: Any, W: Any) -> Any:
    p, t = people(s), teams(s)
    return p.join(t, p.team.eqNullSafe(t.team)).drop(t.team)


@program
def join_cross(s: Any, F: Any, W: Any) -> Any:
    return s.range(2).crossJoin(teams(s))


@program
def self_join_by_alias(s: Any, F: Any, W: Any) -> Any:
    p = people(s)
    joined = p.alias("a").join(p.alias("b"), F.col("a.age") == F.col("b.age"))
    return joined.select("a.id", F.col("b.id").alias("other"), "b.name")


@program
def self_join_by_name(s: Any, F: Any, W: Any) -> Any:
    p = people(s)
    return p.join(p.groupBy("team").agg(F.max("id").alias("top")), "team").select("id", "top")


@program
def self_join_by_condition(s: Any, F: Any, W: Any) -> Any:
    p = people(s)
    q = p.filter("id > 2").withColumnRenamed("name", "other")
    return p.join(q, p.age == q.age).select("name", "other")


# ---- sets ----------------------------------------------------------------------------------------


@program
def union_widens_types(s: Any, F: Any, W: Any) -> Any:
    return s.createDataFrame([(1, "a")], "n int, t string").union(
        s.createDataFrame([(2.5, "b")], "m double, u string")
    )


@program
def union_by_name_with_missing(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("id", "name").unionByName(people(s).select("age", "id"), allowMissingColumns=True)


@program
def intersect_and_subtract(s: Any, F: Any, W: Any) -> Any:
    a, b = people(s).select("age"), people(s).filter("id > 2").select("age")
    return a.intersect(b).union(a.subtract(b))


@program
def except_all(s: Any, F: Any, W: Any) -> Any:
    a = people(s).select("age")
    return a.exceptAll(a.filter("age = 25").limit(1))


@program
def unpivot(s: Any, F: Any, W: Any) -> Any:
    return people(s).unpivot(["id"], ["age", "score"], "what", "value")


@program
def describe(s: Any, F: Any, W: Any) -> Any:
    described = people(s).select("age", "name").describe()
    return described.filter("summary != 'stddev'")  # its last digit depends on the order of summation


@program
def summary(s: Any, F: Any, W: Any) -> Any:
    return people(s).select("id", "name").summary("count", "min", "50%", "max")


# ---- SQL text ------------------------------------------------------------------------------------

QUERIES = {
    "where_group_having_order": (
        "SELECT team, count(*) AS n, max(age) FROM people WHERE id < 5 GROUP BY team HAVING "
        "count(*) > 1 ORDER BY n DESC, team"
    ),
    "group_by_position_and_alias": "SELECT team AS t, sum(id) FROM people GROUP BY 1 ORDER BY t",
    "group_by_all": "SELECT team, age > 25 AS old, count(*) FROM people GROUP BY ALL",
    "order_by_aggregate": "SELECT team FROM people GROUP BY team ORDER BY sum(id) DESC",
    "distinct_order": "SELECT DISTINCT team FROM people ORDER BY team DESC",
    "with_clauses": (
        "WITH a AS (SELECT * FROM people WHERE age > 24), b AS (SELECT id FROM a) SELECT count(*), "
        "max(id) FROM b"
    ),
    "joins_using_and_on": "SELECT p.id, team, t.color FROM people p LEFT JOIN teams t USING (team)",
    "in_subquery": "SELECT id FROM people WHERE team IN (SELECT team FROM teams)",
    "not_in_subquery_with_nulls": "SELECT id FROM people WHERE team NOT IN (SELECT team FROM teams)",
    "not_in_subquery": (
        "SELECT id FROM people WHERE id NOT IN (SELECT age - 24 FROM people WHERE age IS NOT NULL)"
    ),
    "exists_correlated": "SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM teams t WHERE t.team = p.team)",
    "not_exists_correlated": (
        "SELECT id FROM people p WHERE NOT EXISTS (SELECT 1 FROM teams t WHERE t.team = p.team)"
    ),
    "scalar_subquery": "SELECT id, (SELECT max(age) FROM people) AS oldest FROM people",
    "scalar_subquery_in_where": "SELECT id FROM people WHERE age = (SELECT max(age) FROM people)",
    "scalar_correlated": (
        "SELECT color, (SELECT count(*) FROM people p WHERE p.team = t.team) AS n FROM teams t"
    ),
    "values": "SELECT * FROM VALUES (1, 'a'), (2, NULL) AS v(x, y)",
    "lateral_view": "SELECT id, x FROM nested LATERAL VIEW OUTER explode(xs) v AS x",
    "lateral_alias": "SELECT id + 1 AS a, a * 2 AS b FROM people",
    "rollup": "SELECT team, age, count(*) FROM people GROUP BY ROLLUP(team, age)",
    "grouping_sets": "SELECT team, age, grouping_id() FROM people GROUP BY GROUPING SETS ((team), (age), ())",
    "set_operations": "SELECT team FROM people UNION SELECT team FROM teams EXCEPT SELECT 'z'",
    "intersect_all": "SELECT age FROM people INTERSECT ALL SELECT age FROM people WHERE id > 2",
    "case_and_between": "SELECT CASE WHEN age BETWEEN 20 AND 30 THEN 'young' ELSE 'old' END FROM people",
    "named_window": "SELECT id, sum(id) OVER w AS s FROM people WINDOW w AS (PARTITION BY team ORDER BY id)",
    "limit_offset": "SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 1",
    "star_except": "SELECT * EXCEPT (name, team) FROM people",
    "qualified_star": "SELECT t.*, p.id FROM people p JOIN teams t ON p.team = t.team",
    "natural_join": "SELECT id, color FROM people NATURAL JOIN teams",
    "cross_join": "SELECT p.id FROM people p, teams t WHERE p.team = t.team",
    "no_from": "SELECT 1, 'a' AS b, NULL, 2.50",
    "nested_query": "SELECT x.n FROM (SELECT count(*) AS n FROM people GROUP BY team) x WHERE x.n > 1",
    "filter_clause": "SELECT count(*) FILTER (WHERE age > 25) AS old, count(*) FROM people",
    "order_by_position_nulls_last": "SELECT age, id FROM people ORDER BY 1 NULLS LAST, 2 DESC",
    "range_function": "SELECT * FROM range(2, 8, 3)",
    "having_without_group": "SELECT count(*) AS n FROM people HAVING n > 100",
}


def _query(text: str) -> Program:
    def run(s: Any, F: Any, W: Any) -> Any:
        people(s).createOrReplaceTempView("people")
        teams(s).createOrReplaceTempView("teams")
        nested(s).createOrReplaceTempView("nested")
        return s.sql(text)

    return run


PROGRAMS.update({f"sql_{name}": _query(text) for name, text in QUERIES.items()})


def is_ordered(name: str) -> bool:
    """Whether the order of a program's rows is part of its answer."""
    return "order" in name or "limit" in name


# ---- what is refused -----------------------------------------------------------------------------

REFUSED: dict[str, Program] = {
    "an_unknown_column": lambda s, F, W: people(s).select("nam"),
    "an_unknown_column_of_a_function": lambda s, F, W: people(s).select(F.upper("nothing")),
    "an_unknown_column_in_a_condition": lambda s, F, W: people(s).filter("nothing > 1"),
    "an_ambiguous_column": lambda s, F, W: people(s).join(teams(s), F.lit(True)).select("team"),
    "a_condition_that_is_no_boolean": lambda s, F, W: people(s).filter("age + 1"),
    "a_column_that_is_not_grouped": lambda s, F, W: s.sql("SELECT id, count(*) FROM range(3)"),
    "a_column_beside_the_groups": lambda s, F, W: s.sql("SELECT id, count(*) FROM range(3) GROUP BY id % 2"),
    "an_aggregate_in_a_condition": lambda s, F, W: people(s).filter(F.sum("id") > 1),
    "a_union_of_other_width": lambda s, F, W: people(s).union(teams(s)),
    "a_join_by_a_missing_column": lambda s, F, W: people(s).join(teams(s), "color"),
    "an_unknown_table": lambda s, F, W: s.sql("SELECT * FROM nothing"),
    "an_unbound_parameter": lambda s, F, W: s.sql("SELECT :x", {}),
    "a_group_position_out_of_range": lambda s, F, W: s.sql("SELECT id FROM range(3) GROUP BY 2"),
    "an_order_position_out_of_range": lambda s, F, W: s.sql("SELECT id FROM range(3) ORDER BY 2"),
    "an_unknown_field": lambda s, F, W: nested(s).select("st.nothing"),
    "a_field_of_a_number": lambda s, F, W: nested(s).select("id.x"),
}
