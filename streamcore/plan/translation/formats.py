"""Numbers in text: `to_number`, `to_char` and their kin, `conv`."""

from __future__ import annotations

from streamcore.duck.native.numbers import NumberFormat, number_format
from streamcore.errors import AnalysisException
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BINARY, STRING, as_decimal, is_string, is_temporal
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import cast_arguments, native
from streamcore.spi.types import BinaryType, DataType, DecimalType, DoubleType, FloatType, NullType

_DECIMALS: dict[type[DataType], DecimalType] = {
    DoubleType: DecimalType(30, 15),
    FloatType: DecimalType(14, 7),
    NullType: DecimalType(38, 18),
}


def _format_of(call: Call) -> str | None:
    found = call.arg(1)
    if not found.is_literal:
        raise AnalysisException(
            f'[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT] Cannot resolve "{call.name}" due to data type '
            "mismatch: the "
            'input `format` should be a foldable "STRING" expression. SQLSTATE: 42K09'
        )
    return None if found.value is None else str(found.value)


@function("to_number", "try_to_number", takes="expr, fmt")
def _to_number(call: Call) -> Compiled:
    call.expect(2)
    text, form = cast(call.arg(0), STRING, call.context), _format_of(call)
    if form is None:
        return Compiled("CAST(NULL AS DECIMAL(38, 0))", DecimalType(38, 0))
    made = number_format(form)
    returns = DecimalType(made.whole + made.fraction, made.fraction)
    settings = {"form": made.text, "fails": call.name == "to_number"}
    return native(
        "numbers.to_number", [text], returns, settings, nullable=text.nullable or call.name != "to_number"
    )


@function("to_char", "to_varchar", takes="expr, fmt", shown="to_char({args})")
def _to_char(call: Call) -> Compiled:
    call.expect(2)
    value = call.arg(0)
    if is_temporal(value.type):
        return call.translator.call("date_format", call.nodes, call.node)
    form = _format_of(call)
    if form is None:
        return Compiled("CAST(NULL AS VARCHAR)", STRING)
    if isinstance(value.type, BinaryType):
        return _binary(call, value, form)
    return _number(call, value, number_format(form))


def _number(call: Call, value: Compiled, form: NumberFormat) -> Compiled:
    kind = DecimalType(38, 18) if is_string(value.type) else _DECIMALS.get(type(value.type))
    number = cast(value, kind or as_decimal(value.type), call.context)
    return native("numbers.to_char", [number], STRING, {"form": form.text})


def _binary(call: Call, value: Compiled, form: str) -> Compiled:
    kind = form.lower()
    if kind == "utf-8":
        return cast(value, STRING, call.context)
    if kind not in ("base64", "hex"):
        raise AnalysisException(
            f"[INVALID_PARAMETER_VALUE.BINARY_FORMAT] The value of parameter(s) `format` in `{call.name}` is "
            f"invalid: expects one of binary formats 'base64', 'hex', 'utf-8', but got '{form}'. SQLSTATE: "
            "22023"
        )
    return Compiled(f"{kind}({cast(value, BINARY, call.context).sql})", STRING, value.nullable)


@function("conv", takes="num, from_base, to_base")
def _conv(call: Call) -> Compiled:
    text, source, target = cast_arguments(call, "sii")
    return native("numbers.conv", [text, source, target], STRING, {"fails": call.context.ansi}, nullable=True)
