"""Functions of PySpark that are known and not offered, each with its reason."""

from __future__ import annotations

from streamcore.plan.function_specs import Kind, declare

_SCALARS: dict[str, str] = {
    "its sketches are not offered; use approx_count_distinct() or percentile_approx().": """
        approx_top_k_estimate
    """,
    "there is no JVM to call.": "java_method reflect try_reflect",
    "it belongs to rollup, cube and grouping sets.": "grouping",
    "collations are not offered; compare lower() of both sides.": "collate collation",
    "files are not read in blocks; input_file_name() tells of which file a row is.": """
        input_file_block_length input_file_block_start
    """,
    "there are no geographic types.": "st_asbinary st_geogfromwkb st_geomfromwkb st_setsrid st_srid",
    "take the time apart with time_diff() from TIME '00:00:00', or add an interval to that.": """
        time_from_micros time_from_millis time_from_seconds time_to_micros time_to_millis time_to_seconds
    """,
    "timestamps are counted in microseconds.": "timestamp_nanos unix_nanos",
    "the session has one catalog and no users; use lit().": """
        current_path
    """,
    "it is not offered.": """
        counter_diff time_bucket
    """,
}

_AGGREGATES: dict[str, str] = {
    "its sketches are not offered; use approx_count_distinct() or percentile_approx().": """
        approx_top_k_accumulate approx_top_k_combine
    """,
    "count the values by groupBy() and keep the largest counts.": "approx_top_k",
    "there are no metric views.": "measure",
    "it belongs to rollup, cube and grouping sets.": "grouping_id",
}

for _kind, _reasons in ((Kind.SCALAR, _SCALARS), (Kind.AGGREGATE, _AGGREGATES)):
    for _reason, _names in _reasons.items():
        declare(*_names.split(), kind=_kind, refused=_reason)
