"""Writes the public names of PySpark's documented modules beside this file.

python -m tests.unit.pyspark_alias.freeze_public_names      (needs the extra `bench`)
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import TypeVar

FROZEN = Path(__file__).parent / "public_names.json"
MODULES = (
    "pyspark", "pyspark.accumulators", "pyspark.conf", "pyspark.core.broadcast", "pyspark.core.context",
    "pyspark.core.files", "pyspark.core.rdd", "pyspark.core.status", "pyspark.errors", "pyspark.logger",
    "pyspark.ml", "pyspark.ml.base", "pyspark.ml.classification", "pyspark.ml.clustering",
    "pyspark.ml.evaluation", "pyspark.ml.feature", "pyspark.ml.fpm", "pyspark.ml.functions",
    "pyspark.ml.linalg", "pyspark.ml.param", "pyspark.ml.param.shared", "pyspark.ml.pipeline",
    "pyspark.ml.recommendation", "pyspark.ml.regression", "pyspark.ml.stat", "pyspark.ml.tuning",
    "pyspark.ml.util", "pyspark.mllib.classification", "pyspark.mllib.clustering",
    "pyspark.mllib.evaluation", "pyspark.mllib.feature", "pyspark.mllib.fpm", "pyspark.mllib.linalg",
    "pyspark.mllib.linalg.distributed", "pyspark.mllib.random", "pyspark.mllib.recommendation",
    "pyspark.mllib.regression", "pyspark.mllib.stat", "pyspark.mllib.tree", "pyspark.mllib.util",
    "pyspark.profiler", "pyspark.resource", "pyspark.resultiterable", "pyspark.sql",
    "pyspark.sql.avro.functions", "pyspark.sql.catalog", "pyspark.sql.column", "pyspark.sql.conf",
    "pyspark.sql.context", "pyspark.sql.dataframe", "pyspark.sql.datasource", "pyspark.sql.functions",
    "pyspark.sql.group", "pyspark.sql.observation",
    "pyspark.sql.pandas.functions", "pyspark.sql.protobuf.functions", "pyspark.sql.readwriter",
    "pyspark.sql.session", "pyspark.sql.streaming", "pyspark.sql.streaming.listener",
    "pyspark.sql.streaming.query", "pyspark.sql.streaming.readwriter", "pyspark.sql.streaming.state",
    "pyspark.sql.streaming.stateful_processor", "pyspark.sql.tvf", "pyspark.sql.types", "pyspark.sql.udf",
    "pyspark.sql.udtf", "pyspark.sql.window", "pyspark.statcounter", "pyspark.storagelevel",
    "pyspark.streaming", "pyspark.testing",
)  # fmt: skip
# Names that a module shows although they are its tools.
_TOOLS = {
    "ABC",
    "Any",
    "Dict",
    "List",
    "Optional",
    "Set",
    "Tuple",
    "Union",
    "Iterator",
    "TYPE_CHECKING",
    "T",
    "main",
}


def public_names(module: ModuleType) -> list[str]:
    """What a module exports, or the classes and functions of PySpark in it."""
    exported = getattr(module, "__all__", None)
    if exported is None:
        exported = [name for name, value in vars(module).items() if _is_own(value, module)]
    return sorted(name for name in exported if not name.startswith("_") and name not in _TOOLS)


def _is_own(value: object, module: ModuleType) -> bool:
    home = getattr(value, "__module__", None) or ""
    shares = module.__name__ == "pyspark.sql.streaming" and home.startswith(module.__name__)
    named = hasattr(value, "__name__") and not isinstance(value, TypeVar)
    return (home == module.__name__ or shares) and named


if __name__ == "__main__":
    found = {name: public_names(importlib.import_module(name)) for name in MODULES}
    FROZEN.write_text(json.dumps(found, indent=0) + "\n")
