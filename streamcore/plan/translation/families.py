"""Brings the rules of every family into the registry."""

from __future__ import annotations

import importlib

_FAMILIES = (
    "literals",
    "casts",
    "intervals",
    "operators",
    "comparisons",
    "nested",
    "aggregates",
    "vector_metrics",
    "sums",
    "tallies",
    "percentiles",
    "estimates",
    "merging",
    "windows",
    "generators",
    "lambdas",
    "collections",
    "math",
    "strings",
    "texts",
    "json_tuples",
    "sketches",
    "aggregated",
    "sessions",
    "regexps",
    "formats",
    "hashes",
    "date_parts",
    "dates",
    "making_intervals",
    "sequences",
    "time_functions",
    "timestamps",
    "time_windows",
    "json",
    "json_stages",
    "documents",
    "avro",
    "protobuf",
    "variants",
    "vectors",
    "misc",
    "subqueries",
    "refused",
)


def load() -> None:
    """Register all rules; doing it twice is harmless."""
    for family in _FAMILIES:
        importlib.import_module(f"streamcore.plan.translation.{family}")
