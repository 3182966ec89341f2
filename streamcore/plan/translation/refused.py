"""Functions of PySpark that are known and not offered, each with its reason."""

from __future__ import annotations

from streamcore.plan.translation.core import refuse

_REFUSED: dict[str, str] = {
    "Spark's hash values are not reproduced; use md5() or sha2().": "hash xxhash64 crc32",
    "there is no variant type; keep JSON as a string.": """
        parse_json try_parse_json variant_get try_variant_get to_variant_object is_variant_null
        schema_of_variant schema_of_variant_agg
    """,
    "the schema must be known when the query is planned; write it out.": """
        schema_of_json schema_of_csv schema_of_xml
    """,
    "XML is not offered.": """
        from_xml to_xml xpath xpath_boolean xpath_double xpath_float xpath_int xpath_long xpath_number
        xpath_short xpath_string
    """,
    "CSV inside a column is not offered; split() the text.": "from_csv to_csv",
    "sketches in Spark's binary forms are not offered; use approx_count_distinct(), percentile_approx().": """
        approx_top_k_accumulate approx_top_k_combine approx_top_k_estimate bitmap_and_agg bitmap_bit_position
        bitmap_bucket_number bitmap_construct_agg bitmap_count bitmap_or_agg count_min_sketch hll_sketch_agg
        hll_sketch_estimate hll_union hll_union_agg kll_merge_agg_bigint kll_merge_agg_double
        kll_merge_agg_float kll_sketch_agg_bigint kll_sketch_agg_double kll_sketch_agg_float
        kll_sketch_get_n_bigint kll_sketch_get_n_double kll_sketch_get_n_float theta_intersection_agg
        theta_sketch_agg theta_sketch_estimate theta_union_agg tuple_intersection_agg_double
        tuple_intersection_agg_integer tuple_sketch_agg_double tuple_sketch_agg_integer tuple_union_agg_double
        tuple_union_agg_integer
    """,
    "its bins depend on the order of the rows; group by the bounds of bins.": "histogram_numeric",
    "count the values by groupBy() and keep the largest counts.": "approx_top_k",
    "explode() the arrays and collect_set() their elements.": "collect_union",
    "there are no metric views.": "measure",
    "encryption inside a query is not offered.": "aes_encrypt aes_decrypt try_aes_decrypt",
    "there is no JVM to call.": "java_method reflect try_reflect",
    "it belongs to rollup, cube and grouping sets.": "grouping grouping_id",
    "collations are not offered.": "collate collation",
    "the names of input files are not kept.": """
        input_file_name input_file_block_start input_file_block_length
    """,
    "it is not offered.": """
        soundex sentences mask parse_url luhn_check make_interval make_ym_interval
        make_dt_interval shuffle randstr uniform
    """,
}

for _reason, _names in _REFUSED.items():
    refuse(_reason, _names)
