"""What statements read by name: Arrow data behind views that are registered once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.duck.stored_types import stored, stored_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import duckdb
    import pyarrow as pa

    from streamcore.duck.streams import BatchStream

    ArrowInput: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader | BatchStream

_KEPT = 256


class _Input:
    """What a view reads: registered once, refilled for every run.

    Registering an Arrow table costs as much as a small query; swapping what a registered object
    hands out costs nothing.
    """

    def __init__(self, content: ArrowInput) -> None:
        self.given = content.schema
        self.schema = stored_schema(content.schema)
        self.content: Any = content
        self._is_stored_so = self.schema is self.given

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        if self._is_stored_so:
            return self.content.__arrow_c_stream__(requested_schema)
        import pyarrow as pa

        return stored(pa.RecordBatchReader.from_stream(self.content)).__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()


class BoundInputs:
    """The views of one connection; `forget_statements` is called before one goes that a plan may know."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, forget_statements: Callable[[], None]) -> None:
        self._connection = connection
        self._forget_statements = forget_statements
        self._known: dict[str, _Input] = {}

    def bind(self, inputs: Mapping[str, ArrowInput]) -> None:
        """Lets each name stand for its content until `release`."""
        for name, content in inputs.items():
            holder = self._known.get(name)
            if holder is None or not holder.given.equals(content.schema):
                holder = self._register(name, content)
            holder.content = content

    def release(self, names: Iterable[str]) -> None:
        """Lets the content of the names go; their views stay."""
        for name in names:
            if name in self._known:
                self._known[name].content = None

    def _register(self, name: str, content: ArrowInput) -> _Input:
        # The view keeps the names and types of what is registered; prepared statements keep the view.
        if name in self._known:
            self._forget_statements()
        self._forget_idle()
        holder = self._known[name] = _Input(content)
        self._connection.register(name, holder)
        return holder

    def _forget_idle(self) -> None:
        """Drops the oldest views that nothing reads now, once there are many: names may come and go."""
        idle = [name for name, holder in self._known.items() if holder.content is None]
        dropped = idle[: max(0, len(self._known) - _KEPT)]
        if dropped:
            self._forget_statements()
        for name in dropped:
            self._connection.unregister(name)
            del self._known[name]
