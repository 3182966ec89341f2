"""Batches of messages as Arrow arrays: a fast way for what it is sure of, row by row for all else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.errors import MalformedRecordException
from streamcore.formats.arrays import finished, plain_type
from streamcore.formats.malformed import Malformed, OnMalformed
from streamcore.spi.types import DataType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

ReadBatch: TypeAlias = "Callable[[Sequence[bytes]], pa.Array]"
ReadRow: TypeAlias = "Callable[[bytes], Any]"


class Refused(Exception):
    """A batch that the fast way is not sure of."""


@contextmanager
def refusing() -> Iterator[None]:
    """Makes a refusal of what a compiled library fails with: the other way says what is wrong."""
    import pyarrow as pa

    try:
        yield
    except (ValueError, OverflowError, pa.ArrowInvalid) as error:
        raise Refused(str(error)) from error
    except BaseException as error:
        # What Rust panics with is no Exception, and its class stands in no module.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(str(error)) from error


@dataclass(frozen=True)
class Decoder:
    """Reads messages of one schema.

    Parameters
    ----------
    sql
        The type of the values.
    row
        One message as a value of the plain type.  Raises Malformed.
    fast
        Many messages as a plain array, just as `row` would read them; it may refuse a batch.  None where the
        schema has types that it does not read, or not alike.
    failure
        The error of FAILFAST for the number of a row and what is wrong with it.
    on_malformed
        What a malformed message gives; only a struct can be one of nulls.
    """

    sql: DataType
    row: ReadRow
    fast: ReadBatch | None
    failure: Callable[[int, object], MalformedRecordException]
    on_malformed: OnMalformed = OnMalformed.FAIL

    def decoded(self, data: pa.Array) -> pa.Array:
        """The values of binary rows; null for null."""
        return over_present(data, self.values)

    def values(self, rows: Sequence[bytes]) -> pa.Array:
        """The values of rows of which none is null."""
        return finished(self._plain(rows), self.sql)

    def _plain(self, rows: Sequence[bytes]) -> pa.Array:
        import pyarrow as pa

        if self.fast is not None:
            try:
                return self.fast(rows)
            except Refused:
                # The other way says of each row what is wrong with it, or reads what this one would not.
                pass
        return pa.array([self._value(number, row) for number, row in enumerate(rows)], plain_type(self.sql))

    def _value(self, number: int, row: bytes) -> Any:
        try:
            return self.row(row)
        except Malformed as error:
            return self._malformed(number, error)
        except RecursionError:
            return self._malformed(number, "values too deep within each other")

    def _malformed(self, number: int, reason: object) -> Any:
        if self.on_malformed is OnMalformed.FAIL:
            raise self.failure(number, reason)
        has_fields = isinstance(self.sql, StructType) and self.on_malformed is OnMalformed.NULL_FIELDS
        return {} if has_fields else None


def over_present(data: pa.Array, read: Callable[[list[bytes]], pa.Array]) -> pa.Array:
    """What is read of the rows that are not null, at their places."""
    return at_places(data, lambda present: read(present.to_pylist()))


def at_places(data: pa.Array, make: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """What is made of the values that are not null, at their places; null for null."""
    if not data.null_count:
        return make(data)
    return make(data.drop_null()).take(places_of_present(data))


def places_of_present(data: pa.Array) -> pa.Array:
    """For each value its place among those that are not null; null for null."""
    import numpy as np
    import pyarrow as pa

    present = np.asarray(data.is_valid())
    return pa.array(np.cumsum(present) - 1, mask=~present)
