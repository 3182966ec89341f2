"""Where functions knowingly answer otherwise than in PySpark through the Python API, with the reason."""

from __future__ import annotations

_NULLS_IN_STRUCTS = "within a struct DuckDB orders nulls last, Spark first"

DIFFERENCES: dict[str, str] = {
    'F.from_json("j", "map<string,string>")': "Spark names the column `entries`, we from_json(j)",
    'agg: F.max("st")': _NULLS_IN_STRUCTS,
    'groupBy: F.max("st")': _NULLS_IN_STRUCTS,
}
