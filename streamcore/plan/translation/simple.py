"""Functions that are a template over cast arguments: most of them."""

from __future__ import annotations

from streamcore.plan.function_specs import AS_CALL, Shown
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    LONG,
    STRING,
    TIMESTAMP,
)
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.spi.types import DataType

KINDS: dict[str, DataType] = {
    "s": STRING, "i": INT, "l": LONG, "d": DOUBLE, "b": BOOLEAN, "x": BINARY, "D": DATE, "T": TIMESTAMP,
}  # fmt: skip


def simple(
    names: str,
    kinds: str,
    result: DataType,
    template: str,
    *,
    nullable: bool = False,
    takes: str | None = None,
    shown: Shown = AS_CALL,
) -> None:
    """Register functions (names parted by blanks) whose SQL is `template` over arguments of these kinds.

    A kind is a letter: s string, i int, l bigint, d double, b boolean, x binary, D date, T timestamp.
    The result is null when an argument is, or also otherwise when `nullable`.  `takes` and `shown` are as
    for `function`.
    """

    def rule(call: Call) -> Compiled:
        call.expect(len(kinds))
        args = [cast(value, KINDS[kind], call.context) for value, kind in zip(call.args, kinds, strict=True)]
        sql = template.format(*(value.sql for value in args), name=call.name)
        return Compiled(sql, result, nullable or any(value.nullable for value in args))

    function(*names.split(), takes=takes, shown=shown)(rule)
