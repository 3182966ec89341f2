"""Queries in the shape of TPC-H over files: every answer is that of bare DuckDB over the same files.

Only queries whose meaning the two dialects share stand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.sql.session import Session


def tables() -> dict[str, pa.Table]:
    """A shop with few of everything, its numbers made by arithmetic."""
    nations = ["PERU", "KENYA", "CHINA", "FRANCE"]
    brands = ["Brand#1", "Brand#2", "Brand#3"]
    return {
        "region": pa.table({"r_key": [0, 1], "r_name": ["SOUTH", "NORTH"]}),
        "nation": pa.table({"n_key": [0, 1, 2, 3], "n_name": nations, "n_region": [0, 0, 1, 1]}),
        "supplier": pa.table(
            {
                "s_key": list(range(8)),
                "s_name": [f"S{i}" for i in range(8)],
                "s_nation": [i % 4 for i in range(8)],
                "s_balance": [i * 37 % 11 - 3 for i in range(8)],
            }
        ),
        "part": pa.table(
            {
                "p_key": list(range(12)),
                "p_brand": [brands[i % 3] for i in range(12)],
                "p_size": [i % 5 for i in range(12)],
            }
        ),
        "partsupp": pa.table(
            {
                "ps_part": [i % 12 for i in range(36)],
                "ps_supplier": [i * 5 % 8 for i in range(36)],
                "ps_cost": [i * 7 % 23 + 1 for i in range(36)],
                "ps_count": [i * 3 % 10 for i in range(36)],
                "ps_price": pa.array([Decimal(i * 311 % 997) / 4 for i in range(36)], pa.decimal128(15, 2)),
            }
        ),
        "customer": pa.table(
            {
                "c_key": list(range(15)),
                "c_phone": [f"{10 + i % 4}-{i}" for i in range(15)],
                "c_balance": [i * 29 % 17 - 4 for i in range(15)],
                "c_nation": [i % 4 for i in range(15)],
            }
        ),
        "orders": pa.table(
            {
                "o_key": list(range(30)),
                "o_customer": [i * 2 % 9 for i in range(30)],
                "o_year": [1995 + i % 2 for i in range(30)],
            }
        ),
        "item": pa.table(
            {
                "i_order": [i % 30 for i in range(90)],
                "i_part": [i * 7 % 12 for i in range(90)],
                "i_supplier": [i * 5 % 8 for i in range(90)],
                "i_quantity": [i * 11 % 13 + 1 for i in range(90)],
                "i_price": [i * 17 % 101 for i in range(90)],
                "i_late": [i * i % 7 < 2 for i in range(90)],
            }
        ),
    }  # fmt: skip


QUERIES = {
    "the cheapest supplier of each part, among tables that the subquery reads too": """
        SELECT s_name, p_key, ps_cost FROM part, supplier, partsupp, nation, region
        WHERE p_key = ps_part AND s_key = ps_supplier AND s_nation = n_key AND n_region = r_key
          AND r_name = 'NORTH' AND ps_cost = (
            SELECT min(ps_cost) FROM partsupp, supplier, nation, region
            WHERE p_key = ps_part AND s_key = ps_supplier AND s_nation = n_key AND n_region = r_key
              AND r_name = 'NORTH')
        ORDER BY ps_cost, s_name, p_key""",
    "one dimension joined twice under two names": """
        SELECT o_year, sum(CASE WHEN n2.n_name = 'CHINA' THEN i_price ELSE 0 END) AS share,
          sum(i_price) AS whole
        FROM item, orders, customer, nation n1, nation n2, region, supplier
        WHERE o_key = i_order AND o_customer = c_key AND c_nation = n1.n_key AND n1.n_region = r_key
          AND r_name = 'SOUTH' AND s_key = i_supplier AND s_nation = n2.n_key
        GROUP BY o_year ORDER BY o_year""",
    "groups compared with a share of all, read from the same tables": """
        SELECT ps_part, sum(ps_cost * ps_count) AS value FROM partsupp, supplier, nation
        WHERE ps_supplier = s_key AND s_nation = n_key AND n_name = 'KENYA'
        GROUP BY ps_part HAVING sum(ps_cost * ps_count) > (
            SELECT sum(ps_cost * ps_count) * 0.2 FROM partsupp, supplier, nation
            WHERE ps_supplier = s_key AND s_nation = n_key AND n_name = 'KENYA')
        ORDER BY value DESC, ps_part""",
    "rows below the average of their own kind": """
        SELECT sum(i_price) AS total FROM item, part
        WHERE p_key = i_part AND p_brand = 'Brand#2' AND i_quantity < (
            SELECT 0.8 * avg(i_quantity) FROM item WHERE i_part = p_key)""",
    "those that did nothing, above the average of those that could": """
        SELECT code, count(*) AS n, sum(c_balance) AS total FROM (
            SELECT substring(c_phone, 1, 2) AS code, c_balance FROM customer
            WHERE substring(c_phone, 1, 2) IN ('10', '11', '13') AND c_balance > (
                SELECT avg(c_balance) FROM customer WHERE c_balance > 0)
              AND NOT EXISTS (SELECT * FROM orders WHERE o_customer = c_key)) AS idle
        GROUP BY code ORDER BY code""",
    "arithmetic of decimals around aggregates": """
        SELECT ps_supplier, sum(ps_price * ps_count) * 0.0001 AS part,
          round(100.00 * sum(CASE WHEN ps_cost > 9 THEN ps_price ELSE 0 END)
            / sum(ps_price * (1 - 0.05)), 2) AS share
        FROM partsupp GROUP BY ps_supplier
        HAVING sum(ps_price) > (SELECT sum(ps_price) * 0.01 FROM partsupp) ORDER BY ps_supplier""",
    "one fact table three times, under names of its own": """
        SELECT s_name, count(*) AS n FROM supplier, item i1, orders
        WHERE s_key = i1.i_supplier AND o_key = i1.i_order AND i1.i_late
          AND EXISTS (SELECT * FROM item i2 WHERE i2.i_order = i1.i_order AND i2.i_supplier <> i1.i_supplier)
          AND NOT EXISTS (SELECT * FROM item i3 WHERE i3.i_order = i1.i_order
                          AND i3.i_supplier <> i1.i_supplier AND i3.i_late)
        GROUP BY s_name ORDER BY n DESC, s_name""",
    "a query by name, compared with its own largest value": """
        WITH revenue AS (SELECT i_supplier AS supplier, sum(i_price) AS total FROM item GROUP BY i_supplier)
        SELECT s_name, total FROM supplier, revenue
        WHERE s_key = supplier AND total = (SELECT max(total) FROM revenue) ORDER BY s_name""",
    "subqueries within subqueries": """
        SELECT s_name FROM supplier WHERE s_key IN (
            SELECT ps_supplier FROM partsupp WHERE ps_part IN (SELECT p_key FROM part WHERE p_size > 2)
              AND ps_count > (SELECT 0.01 * sum(i_quantity) FROM item
                              WHERE i_part = ps_part AND i_supplier = ps_supplier))
        ORDER BY s_name""",
    "a subquery in the select list of groups": """
        SELECT n_name, sum(s_balance) - (SELECT min(s_balance) FROM supplier) AS above
        FROM supplier, nation WHERE s_nation = n_key GROUP BY n_name ORDER BY n_name""",
    "groups of which another table knows": """
        SELECT i_part, count(*) AS n FROM item GROUP BY i_part
        HAVING i_part IN (SELECT p_key FROM part WHERE p_size = 1)
           AND EXISTS (SELECT * FROM partsupp WHERE ps_part = item.i_part AND ps_count > 8)
        ORDER BY i_part""",
    "totals and the rows below them": """
        SELECT o_year, i_late, sum(i_price) AS total FROM item, orders WHERE i_order = o_key
        GROUP BY ROLLUP (o_year, i_late) ORDER BY total, o_year, i_late""",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, duckdb.DuckDBPyConnection]]:
    folder: Path = tmp_path_factory.mktemp("shop")
    with Session.builder.master("local[2]").appName("shop").create() as session, duckdb.connect() as bare:
        for name, table in tables().items():
            path = str(folder / f"{name}.parquet")
            pq.write_table(table, path)
            session.read.parquet(path).createOrReplaceTempView(name)
            bare.read_parquet(path).create_view(name)
        yield session, bare


def plain(value: Any) -> Any:
    return round(float(value), 6) if isinstance(value, float | Decimal) else value


@pytest.mark.parametrize("about", QUERIES)
def test_a_query_answers_as_bare_duckdb_does(
    shop: tuple[Session, duckdb.DuckDBPyConnection], about: str
) -> None:
    session, bare = shop
    expected = [tuple(map(plain, row)) for row in bare.execute(QUERIES[about]).fetchall()]
    found = [tuple(map(plain, row)) for row in session.sql(QUERIES[about]).collect()]
    assert expected
    assert sorted(found, key=repr) == sorted(expected, key=repr)
