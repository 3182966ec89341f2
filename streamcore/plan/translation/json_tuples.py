"""`json_tuple`: several fields of a JSON object, each a column."""

from __future__ import annotations

from streamcore.errors import AnalysisException
from streamcore.plan.function_specs import Kind, declare
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import STRING, is_string
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import native
from streamcore.spi.types import StructField, StructType

declare("json_tuple", kind=Kind.GENERATOR, takes="jsonStr, fields...")


@function("json_fields", is_internal=True)
def _fields(call: Call) -> Compiled:
    """The struct of the fields `c0`, `c1`, ...; nulls of what is no object."""
    values = call.args
    if len(values) < 2 or not all(is_string(value.type) for value in values):
        raise AnalysisException(
            '[DATATYPE_MISMATCH.NON_STRING_TYPE] Cannot resolve "json_tuple" due to data type mismatch: '
            "all "
            "arguments of the function `json_tuple` must be strings. SQLSTATE: 42K09"
        )
    texts = [cast(value, STRING, call.context) for value in values]
    kind = StructType([StructField(f"c{at}", STRING) for at in range(len(texts) - 1)])
    return native("json_tuples.json_tuple", texts, kind, nullable=False)
