"""A part of a file's records, for the inference of a schema: the option samplingRatio."""

from __future__ import annotations

from streamcore.errors import IllegalArgumentException
from streamcore.spi.options import Options

_PARTS = 1_000_000


def sampling_ratio(options: Options) -> float:
    """Which part of the records to look at, in (0, 1]."""
    text = options.get("samplingRatio", "1.0")
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 0 < ratio <= 1:
        raise IllegalArgumentException(f"option samplingRatio={text!r} must be above 0 and at most 1")
    return ratio


def sampled(relation: str, ratio: float) -> str:
    """The query `relation` with that part of its records, chosen by their column `line`: always the same."""
    if ratio == 1:
        return relation
    return f"SELECT * FROM ({relation}) WHERE hash(line) % {_PARTS} < {int(ratio * _PARTS)}"  # noqa: S608 - quoted
