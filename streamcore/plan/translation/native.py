"""Calls of the engine's functions that are written in Python (`duck/native`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streamcore.duck.native.calls import call_sql
from streamcore.plan.function_specs import AS_CALL, Shown
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.simple import KINDS
from streamcore.spi.types import DataType, stored_type


def native(
    name: str,
    arguments: Sequence[Compiled],
    returns: DataType,
    settings: Mapping[str, Any] | None = None,
    *,
    nullable: bool | None = None,
) -> Compiled:
    """The call of the native function `name`; null where an argument may be, if not told otherwise."""
    given = [(value.sql, stored_type(value.type)) for value in arguments]
    if nullable is None:
        nullable = any(value.nullable for value in arguments)
    return Compiled(call_sql(name, given, stored_type(returns), settings), returns, nullable)


def cast_arguments(call: Call, kinds: str, optional: str = "") -> list[Compiled]:
    """The arguments cast to the kinds of `simple`, of which those in `optional` may be left out."""
    call.expect(len(kinds), len(kinds) + len(optional))
    return [
        cast(value, KINDS[kind], call.context)
        for value, kind in zip(call.args, kinds + optional, strict=False)
    ]


def natively(
    names: str,
    kinds: str,
    result: DataType,
    implementation: str,
    *,
    optional: str = "",
    nullable: bool | None = None,
    takes: str | None = None,
    shown: Shown = AS_CALL,
    **settings: Any,
) -> None:
    """Register functions (names parted by blanks) that are a native one over arguments of these kinds.

    `takes` and `shown` are as for `function`.
    """

    def rule(call: Call) -> Compiled:
        return native(
            implementation, cast_arguments(call, kinds, optional), result, settings, nullable=nullable
        )

    function(*names.split(), takes=takes, shown=shown)(rule)
