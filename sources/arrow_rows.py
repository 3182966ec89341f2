"""Arrow batches from whole buffers; `pyarrow.array` would pull in pandas at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def timestamps_and_values(
    times_us: np.ndarray[Any, np.dtype[np.int64]], values: np.ndarray[Any, np.dtype[np.int64]]
) -> pa.RecordBatch:
    """The rows (timestamp, value) of a generated stream; times in microseconds since 1970 UTC."""
    import pyarrow as pa

    columns = [
        pa.Array.from_buffers(arrow_type, len(data), [None, pa.py_buffer(data)])
        for arrow_type, data in ((pa.timestamp("us", "UTC"), times_us), (pa.int64(), values))
    ]
    return pa.RecordBatch.from_arrays(columns, names=["timestamp", "value"])
