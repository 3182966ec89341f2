"""The answer of a feature program in a form that JSON holds and both libraries give."""

from __future__ import annotations

import math
import re
from typing import Any


def answer_of(result: Any) -> dict[str, Any]:
    """Columns with types and `ml_attr`, rows in their order, and what the model knows."""
    frame, known = result if isinstance(result, tuple) else (result, {})
    columns = [
        [f.name, f.dataType.simpleString(), plain(f.metadata.get("ml_attr"))] for f in frame.schema.fields
    ]
    return {
        "columns": columns,
        "rows": [[plain(value) for value in row] for row in frame.collect()],
        "known": plain(known),
    }


def plain(value: Any) -> Any:
    """A value as JSON has it: vectors by their form, and floats that JSON lacks as text."""
    if isinstance(value, float):
        return repr(value) if math.isnan(value) or math.isinf(value) else value
    if hasattr(value, "indices") and hasattr(value, "size"):
        return {
            "size": int(value.size),
            "indices": [int(i) for i in value.indices],
            "values": _floats(value.values),
        }
    if hasattr(value, "toArray"):
        return {"dense": _floats(value.values)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _floats(values: Any) -> list[Any]:
    return [plain(float(value)) for value in values]


def refusal_of(error: BaseException) -> str:
    """What a refusal says first, without the ids of stages and with no word of where in the JVM it was
    said.
    """
    lines = str(error).splitlines()
    causes = [line for line in lines if line.startswith("Caused by: ")] or [
        line for line in lines if line.startswith(": ")
    ]
    said = causes[-1].partition(": ")[2] if causes else lines[0]
    while re.match(r"(java|scala|org)\.[\w.$]+: ", said):
        said = said.partition(": ")[2]
    return without_ids(re.sub(r" SQLSTATE: \w+$", "", said))


def without_ids(text: str) -> str:
    """A text without the digits of uids."""
    return re.sub(r"_[0-9a-f]{12}\b", "", text)
