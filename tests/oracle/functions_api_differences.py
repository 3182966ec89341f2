"""Where functions knowingly answer otherwise than in PySpark through the Python API, with the reason."""

from __future__ import annotations

DIFFERENCES: dict[str, str] = {
    'F.from_json("j", "map<string,string>")': "Spark names the column `entries`, we from_json(j)",
}
