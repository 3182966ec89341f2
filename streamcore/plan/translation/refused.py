"""Functions of PySpark that are known and not offered, each with its reason."""

from __future__ import annotations

from streamcore.plan.function_specs import Kind, declare

_SCALARS: dict[str, str] = {
    "there is no variant type; keep JSON as text and use get_json_object().": """
        is_valid_variant is_variant_null parse_json schema_of_variant to_variant_object try_parse_json
        try_variant_array_append try_variant_get try_variant_insert try_variant_set variant_array_append
        variant_delete variant_get variant_insert variant_set variant_strip_nulls
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
        approx_top_k_estimate bitmap_bit_position bitmap_bucket_number bitmap_count hll_sketch_estimate
        hll_union kll_sketch_get_n_bigint kll_sketch_get_n_double kll_sketch_get_n_float
        kll_sketch_get_quantile_bigint kll_sketch_get_quantile_double kll_sketch_get_quantile_float
        kll_sketch_get_rank_bigint kll_sketch_get_rank_double kll_sketch_get_rank_float
        kll_sketch_merge_bigint kll_sketch_merge_double kll_sketch_merge_float kll_sketch_to_string_bigint
        kll_sketch_to_string_double kll_sketch_to_string_float theta_difference theta_intersection
        theta_sketch_estimate theta_union tuple_difference_double tuple_difference_integer
        tuple_difference_theta_double tuple_difference_theta_integer tuple_intersection_double
        tuple_intersection_integer tuple_intersection_theta_double tuple_intersection_theta_integer
        tuple_sketch_estimate_double tuple_sketch_estimate_integer tuple_sketch_summary_double
        tuple_sketch_summary_integer tuple_sketch_theta_double tuple_sketch_theta_integer tuple_union_double
        tuple_union_integer tuple_union_theta_double tuple_union_theta_integer
    """,
    "encryption inside a query is not offered; do it with df.rdd.map().": """
        aes_decrypt aes_encrypt hmac try_aes_decrypt
    """,
    "its messages have schemas of their own; decode them with udf().": """
        from_avro from_protobuf schema_of_avro to_avro to_protobuf
    """,
    "there is no JVM to call.": "java_method reflect try_reflect",
    "it belongs to rollup, cube and grouping sets.": "grouping",
    "collations are not offered; compare lower() of both sides.": "collate collation",
    "the names of input files are not kept; select path with the binaryFile source.": """
        input_file_block_length input_file_block_start input_file_name
    """,
    "there are no geographic types.": "st_asbinary st_geogfromwkb st_geomfromwkb st_setsrid st_srid",
    "vector functions are not offered; use zip_with() and aggregate().": """
        vector_cosine_similarity vector_inner_product vector_l2_distance vector_norm vector_normalize
    """,
    "take the time apart with time_diff() from TIME '00:00:00', or add an interval to that.": """
        time_from_micros time_from_millis time_from_seconds time_to_micros time_to_millis time_to_seconds
    """,
    "timestamps are counted in microseconds.": "timestamp_nanos unix_nanos",
    "the session has one catalog and no users; use lit().": """
        current_path
    """,
    "several columns of one call are not offered; use get_json_object() once per field.": "json_tuple",
    "it is not offered.": """
        counter_diff time_bucket
    """,
}

_AGGREGATES: dict[str, str] = {
    "there is no variant type; keep JSON as text and use get_json_object().": "schema_of_variant_agg",
    "sketches are not offered; use approx_count_distinct() or percentile_approx().": """
        approx_top_k_accumulate approx_top_k_combine bitmap_and_agg bitmap_construct_agg bitmap_or_agg
        count_min_sketch hll_sketch_agg hll_union_agg kll_merge_agg_bigint kll_merge_agg_double
        kll_merge_agg_float kll_sketch_agg_bigint kll_sketch_agg_double kll_sketch_agg_float
        theta_intersection_agg theta_sketch_agg theta_union_agg tuple_intersection_agg_double
        tuple_intersection_agg_integer tuple_sketch_agg_double tuple_sketch_agg_integer tuple_union_agg_double
        tuple_union_agg_integer
    """,
    "its bins depend on the order of the rows; group by the bounds of bins.": "histogram_numeric",
    "count the values by groupBy() and keep the largest counts.": "approx_top_k",
    "explode() the arrays and collect_set() their elements.": "collect_union",
    "there are no metric views.": "measure",
    "it belongs to rollup, cube and grouping sets.": "grouping_id",
    "vector functions are not offered; use posexplode() and aggregate by position.": "vector_avg vector_sum",
}

for _kind, _reasons in ((Kind.SCALAR, _SCALARS), (Kind.AGGREGATE, _AGGREGATES)):
    for _reason, _names in _reasons.items():
        declare(*_names.split(), kind=_kind, refused=_reason)
