"""Lines of LIBSVM's text format, `label index:value ...` with indices from one, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import QueryExecutionException

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True)
class SparseRows:
    """Labels, and for row i the entries from offsets[i] to offsets[i + 1]; indices count from zero."""

    labels: NDArray[np.float64]
    offsets: NDArray[np.int64]
    indices: NDArray[np.int32]
    values: NDArray[np.float64]

    @property
    def size(self) -> int:
        """One more than the highest index; zero where there is no entry."""
        return int(self.indices.max()) + 1 if len(self.indices) else 0

    def without_zeros(self) -> SparseRows:
        """The same rows without the entries that are zero."""
        kept = self.values != 0
        offsets = np.concatenate([[0], np.cumsum(kept)])[self.offsets]
        return SparseRows(self.labels, offsets, self.indices[kept], self.values[kept])


def parse_lines(lines: pa.Array) -> SparseRows:
    """The rows of lines; empty ones and those that begin with # are passed over.

    QueryExecutionException quotes a line that has a word in it which is no number, or indices which do not
    rise or are below one.

    >>> import pyarrow as pa
    >>> rows = parse_lines(pa.array(["# no row", "1 1:2.5 3:4", "", "-1"]))
    >>> rows.labels, rows.offsets, rows.indices, rows.values, rows.size
    (array([ 1., -1.]), array([0, 2, 2]), array([0, 2], dtype=int32), array([2.5, 4. ]), 3)
    """
    import pyarrow.compute as pc

    trimmed = pc.ascii_trim_whitespace(lines)
    blank = pc.or_(pc.equal(trimmed, ""), pc.starts_with(trimmed, "#"))
    kept = trimmed.filter(pc.invert(blank))
    words = pc.ascii_split_whitespace(kept)
    counts = pc.list_value_length(words).to_numpy(zero_copy_only=False)
    starts = np.concatenate([[0], np.cumsum(counts)])
    is_label = np.zeros(starts[-1], dtype=bool)
    is_label[starts[:-1]] = True
    every = words.flatten()
    entries = every.filter(~is_label)
    owners = np.repeat(np.arange(len(kept)), counts)[~is_label]
    labels = _numbers(every.filter(is_label), "float64", kept, np.arange(len(kept)))
    indices, values = _pairs(entries, kept, owners)
    rows = SparseRows(labels, starts - np.arange(len(starts)), (indices - 1).astype(np.int32), values)
    _require_rising(indices, owners, kept)
    return rows


def _pairs(
    entries: pa.Array, lines: pa.Array, owners: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    import pyarrow.compute as pc

    found = pc.extract_regex(entries, r"^(?P<index>[^:]*):(?P<value>[^:]*)$")
    if found.null_count:
        raise _broken(lines, owners[int(np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))[0])])
    indices = _numbers(found.field("index"), "int64", lines, owners)
    return indices, _numbers(found.field("value"), "float64", lines, owners)


def _numbers(texts: pa.Array, kind: str, lines: pa.Array, owners: NDArray[Any]) -> NDArray[Any]:
    """The texts as numbers; the first one that is none is looked for only when there is one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.replace_substring_regex(texts, r"^\+", "")
    try:
        return np.asarray(plain.cast(kind).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        for at, text in enumerate(plain):
            try:
                text.cast(kind)
            except pa.ArrowInvalid:
                raise _broken(lines, owners[at]) from None
        raise


def _require_rising(indices: NDArray[np.int64], owners: NDArray[Any], lines: pa.Array) -> None:
    """Every index above the one before it on its line, the first above zero."""
    if not len(indices):
        return
    before = np.where(np.diff(owners, prepend=-1) == 0, np.concatenate([[0], indices[:-1]]), 0)
    wrong = np.flatnonzero(indices <= before)
    if len(wrong):
        at = wrong[0]
        raise QueryExecutionException(
            "requirement failed: indices should be one-based and in ascending order; found "
            f'current={indices[at] - 1}, previous={before[at] - 1}; line="{lines[int(owners[at])].as_py()}"'
        )


def _broken(lines: pa.Array, row: int) -> QueryExecutionException:
    return QueryExecutionException(
        f"a line of LIBSVM is `label index:value index:value ...` in numbers, not {lines[int(row)].as_py()!r}"
    )
