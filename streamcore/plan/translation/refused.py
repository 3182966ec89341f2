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
    "sketches are not offered; use approx_count_distinct().": """
        hll_sketch_agg hll_union hll_union_agg hll_sketch_estimate count_min_sketch bitmap_construct_agg
        bitmap_or_agg bitmap_bit_position bitmap_bucket_number bitmap_count theta_sketch_agg histogram_numeric
    """,
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
