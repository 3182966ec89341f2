"""Codes of values for estimates of how many distinct ones there are, as functions of the engine.

A value's hash names one of 2^p registers by its leading bits, and by the zeros that follow a rank; its code
holds both: `register << 6 | rank`.  A register keeps the highest rank that it was given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.duck import xxhash64

if TYPE_CHECKING:
    import duckdb

    Hash = Callable[[pa.Array], xxhash64.Words]


def _fixed(hash_of: Callable[[npt.NDArray[Any]], xxhash64.Words]) -> Hash:
    return lambda values: hash_of(values.fill_null(0).to_numpy(zero_copy_only=False))


_HASHES: dict[str, tuple[str, Hash]] = {
    "register_of_integer": ("INTEGER", _fixed(xxhash64.hash_of_integers)),
    "register_of_long": ("BIGINT", _fixed(xxhash64.hash_of_longs)),
    "register_of_float": ("FLOAT", _fixed(xxhash64.hash_of_doubles)),
    "register_of_double": ("DOUBLE", _fixed(xxhash64.hash_of_doubles)),
    "register_of_bytes": ("BLOB", xxhash64.hash_of_bytes),
    "register_of_digits": ("VARCHAR", xxhash64.hash_of_digits),
}


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `register_of_...(value, p)` known to a database: the code of a value, null of null."""
    for name, (data_type, hash_of) in _HASHES.items():
        function: Any = _coded(hash_of)
        # By its text: the constant's module has another name in every version of the engine.
        over_arrays: Any = "arrow"
        connection.create_function(name, function, [data_type, "INTEGER"], "INTEGER", type=over_arrays)


def _coded(hash_of: Hash) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def codes(values: Any, precision: Any) -> pa.Array:
        if len(values) == 0:
            return pa.array([], pa.int32())
        one = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        found = codes_of(hash_of(one), precision[0].as_py())
        return pa.array(found, mask=one.is_null().to_numpy(zero_copy_only=False))

    return codes


def codes_of(hashes: xxhash64.Words, precision: int) -> npt.NDArray[np.int32]:
    """Register and rank of each hash."""
    rest_bits = 64 - precision
    registers = hashes >> np.uint64(rest_bits)
    rest = hashes & np.uint64((1 << rest_bits) - 1)
    high, low = (rest >> np.uint64(32)).astype(np.float64), (rest & np.uint64(0xFFFFFFFF)).astype(np.float64)
    length = np.where(high > 0, np.frexp(high)[1] + 32, np.frexp(low)[1])
    ranks = (rest_bits + 1 - length).astype(np.uint64)
    codes: npt.NDArray[np.int32] = (registers << np.uint64(6) | ranks).astype(np.int32)
    return codes
