"""Functions written in Python made known to one database, when a statement first names them."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from streamcore.duck.native.calls import calls_in
from streamcore.duck.native.registry import found
from streamcore.duck.types import type_text
from streamcore.errors import StreamcoreError
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    import duckdb

    from streamcore.duck.native.calls import NativeCall
    from streamcore.duck.native.registry import OverArrays


class KnownFunctions:
    """The functions of one connection's database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._known: set[str] = set()
        self._raised: StreamcoreError | None = None

    def make_known(self, sql: str) -> None:
        """Declares what `sql` calls and the database does not know yet."""
        self._raised = None
        for call in calls_in(sql):
            function = None if call.identifier in self._known else found(call.name, call.settings)
            if function is not None:
                self._declare(call, function)

    def raised(self, error: duckdb.Error) -> StreamcoreError | None:
        """What a function failed with, if that made the statement fail with `error`."""
        failure = self._raised
        return failure if failure is not None and str(failure) in str(error) else None

    def _declare(self, call: NativeCall, function: OverArrays) -> None:
        # By their texts: the constants' module has another name in every version of the engine.
        over_arrays: Any = "arrow"
        with_nulls: Any = "special"
        arguments: Any = [type_text(kind) for kind in call.arguments]
        declared: Any = self._guarded(call, function)
        self._connection.create_function(
            call.identifier, declared, arguments, type_text(call.returns), type=over_arrays,
            null_handling=with_nulls,
        )  # fmt: skip
        self._known.add(call.identifier)

    def _guarded(self, call: NativeCall, function: OverArrays) -> Any:
        returns = to_arrow_type(call.returns)

        def run(*columns: Any) -> Any:
            try:
                return function([column.combine_chunks() for column in columns], returns)
            except StreamcoreError as error:
                self._raised = error
                raise

        # The engine counts the parameters.
        names = [Parameter(f"column_{at}", Parameter.POSITIONAL_ONLY) for at in range(len(call.arguments))]
        declared: Any = run
        declared.__signature__ = Signature(names)
        return declared
