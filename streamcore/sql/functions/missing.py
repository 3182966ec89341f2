"""Functions of PySpark that are not offered: known by name, refused with a reason when called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from streamcore.errors import UnsupportedOperationException

_MISSING: dict[str, str] = {
    "Spark's hash values are not reproduced; use md5() or sha2().": "crc32 hash xxhash64",
    "there is no variant type; keep JSON as text and use get_json_object().": """
        is_valid_variant is_variant_null parse_json schema_of_variant schema_of_variant_agg
        to_variant_object try_parse_json try_variant_array_append try_variant_get try_variant_insert
        try_variant_set variant_array_append variant_delete variant_get variant_insert variant_set
        variant_strip_nulls
    """,
    "the schema must be known when the query is planned; write it out.": """
        schema_of_csv schema_of_json schema_of_xml
    """,
    "XML is not offered; parse it with df.rdd.map().": """
        from_xml to_xml xpath xpath_boolean xpath_double xpath_float xpath_int xpath_long xpath_number
        xpath_short xpath_string
    """,
    "CSV inside a column is not offered; split() the text.": "from_csv to_csv",
    "sketches are not offered; use approx_count_distinct() or percentile_approx().": """
        bitmap_and_agg bitmap_bit_position bitmap_bucket_number bitmap_construct_agg bitmap_count
        bitmap_or_agg count_min_sketch histogram_numeric hll_sketch_agg hll_sketch_estimate hll_union
        hll_union_agg kll_merge_agg_bigint kll_merge_agg_double kll_merge_agg_float kll_sketch_agg_bigint
        kll_sketch_agg_double kll_sketch_agg_float kll_sketch_get_n_bigint kll_sketch_get_n_double
        kll_sketch_get_n_float kll_sketch_get_quantile_bigint kll_sketch_get_quantile_double
        kll_sketch_get_quantile_float kll_sketch_get_rank_bigint kll_sketch_get_rank_double
        kll_sketch_get_rank_float kll_sketch_merge_bigint kll_sketch_merge_double kll_sketch_merge_float
        kll_sketch_to_string_bigint kll_sketch_to_string_double kll_sketch_to_string_float theta_difference
        theta_intersection theta_intersection_agg theta_sketch_agg theta_sketch_estimate theta_union
        theta_union_agg tuple_difference_double tuple_difference_integer tuple_difference_theta_double
        tuple_difference_theta_integer tuple_intersection_agg_double tuple_intersection_agg_integer
        tuple_intersection_double tuple_intersection_integer tuple_intersection_theta_double
        tuple_intersection_theta_integer tuple_sketch_agg_double tuple_sketch_agg_integer
        tuple_sketch_estimate_double tuple_sketch_estimate_integer tuple_sketch_summary_double
        tuple_sketch_summary_integer tuple_sketch_theta_double tuple_sketch_theta_integer
        tuple_union_agg_double tuple_union_agg_integer tuple_union_double tuple_union_integer
        tuple_union_theta_double tuple_union_theta_integer
    """,
    "encryption inside a query is not offered; do it with df.rdd.map().": """
        aes_decrypt aes_encrypt hmac try_aes_decrypt
    """,
    "there is no JVM to call.": "java_method reflect try_reflect",
    "collations are not offered; compare lower() of both sides.": "collate collation",
    "the names of input files are not kept; select path with the binaryFile source.": """
        input_file_block_length input_file_block_start input_file_name
    """,
    "use udf() or pandas_udf().": "arrow_udf",
    "functions that give tables are not offered; use udf() and explode().": "arrow_udtf udtf",
    "use the function of the type's own module, such as vector_to_array.": "unwrap_udt",
    "there are no geographic types.": "st_asbinary st_geogfromwkb st_geomfromwkb st_setsrid st_srid",
    "vector functions are not offered; use zip_with() and aggregate().": """
        vector_avg vector_cosine_similarity vector_inner_product vector_l2_distance vector_norm
        vector_normalize vector_sum
    """,
    "there is no TIME type; use timestamps.": """
        current_time make_time time_diff time_from_micros time_from_millis time_from_seconds time_to_micros
        time_to_millis time_to_seconds time_trunc to_time try_to_time
    """,
    "timestamps are counted in microseconds.": "timestamp_nanos unix_nanos",
    'intervals are not built from columns; write expr("INTERVAL ..."), or use timestamp_add().': """
        make_dt_interval make_interval make_ym_interval try_make_interval
    """,
    "partition transforms belong to table catalogs, which are not offered; use write.partitionBy.": """
        bucket days hours months years
    """,
    "text is always valid UTF-8 here; encode() and decode() convert.": """
        is_valid_utf8 make_valid_utf8 try_validate_utf8 validate_utf8
    """,
    "the session has one catalog and no users; use lit().": """
        current_catalog current_database current_path current_schema current_user session_user user version
    """,
    "several columns of one call are not offered; use get_json_object() once per field.": "json_tuple",
    "number patterns are not offered; use format_number() or cast().": """
        to_char to_number to_varchar try_to_number
    """,
    "use rand().": "randstr shuffle uniform",
    "use regexp_extract().": "parse_url try_parse_url",
    "it is not offered.": """
        collect_union counter_diff from_base32 mask quote sentences soundex time_bucket to_base32
    """,
}

MISSING: Mapping[str, str] = {name: reason for reason, names in _MISSING.items() for name in names.split()}
"""Names that `pyspark.sql.functions` has and this namespace does not -> why, or what to use instead."""


def missing_function(name: str) -> Callable[..., NoReturn]:
    """A function that says that it is not offered; AttributeError for a name that PySpark does not know."""
    reason = MISSING.get(name)
    if reason is None:
        raise AttributeError(f"module 'streamcore.sql.functions' has no attribute {name!r}")

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise UnsupportedOperationException(f"functions.{name}() is not offered: {reason}")

    refuse.__name__ = name
    return refuse
