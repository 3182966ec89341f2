"""A call of each function whose answers stand in the corpus of SQL queries, through its Python face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamcore.sql import functions as F

VECTOR = F.array(F.lit(3.0), F.lit(4.0)).cast("array<float>")
XML = F.lit("<p><a>1</a></p>")
KEY = F.lit("0000111122223333")

CALLS: dict[str, Callable[[], Any]] = {
    "crc32": lambda: F.crc32("s"),
    "current_catalog": F.current_catalog,
    "current_database": F.current_database,
    "current_schema": F.current_schema,
    "current_user": F.current_user,
    "from_base32": lambda: F.from_base32(F.to_base32("s")),
    "hash": lambda: F.hash("i", "s", "xs"),
    "is_valid_utf8": lambda: F.is_valid_utf8("s"),
    "make_valid_utf8": lambda: F.make_valid_utf8("s"),
    "mask": lambda: F.mask("s", F.lit("Y"), otherChar=F.lit("-")),
    "parse_url": lambda: F.parse_url(F.lit("http://a.b/c?k=1"), F.lit("QUERY"), F.lit("k")),
    "quote": lambda: F.quote("s"),
    "randstr": lambda: F.randstr(5, 3),
    "sentences": lambda: F.sentences("s", F.lit("en"), F.lit("US")),
    "session_user": F.session_user,
    "shuffle": lambda: F.shuffle("xs", 5),
    "soundex": lambda: F.soundex("s"),
    "to_base32": lambda: F.to_base32("s"),
    "to_char": lambda: F.to_char("i", F.lit("S99")),
    "to_number": lambda: F.to_number(F.lit("$12"), F.lit("$99")),
    "to_varchar": lambda: F.to_varchar("i", F.lit("99")),
    "try_parse_url": lambda: F.try_parse_url("s", F.lit("HOST")),
    "try_to_number": lambda: F.try_to_number("n", F.lit("99")),
    "try_validate_utf8": lambda: F.try_validate_utf8("s"),
    "uniform": lambda: F.uniform(1, 5, 7),
    "user": F.user,
    "validate_utf8": lambda: F.validate_utf8("s"),
    "version": F.version,
    "json_tuple": lambda: F.json_tuple("j", "c"),
    "hmac": lambda: F.hmac(F.lit("k"), "s"),
    "histogram_numeric": lambda: F.histogram_numeric("i", F.lit(3)),
    "bitmap_bit_position": lambda: F.bitmap_bit_position("l"),
    "bitmap_bucket_number": lambda: F.bitmap_bucket_number("l"),
    "bitmap_construct_agg": lambda: F.bitmap_construct_agg(F.bitmap_bit_position(F.abs("i"))),
    "bitmap_count": lambda: F.bitmap_count(F.lit(b"\x07")),
    "bitmap_or_agg": lambda: F.bitmap_or_agg(F.lit(b"\x07")),
    "bitmap_and_agg": lambda: F.bitmap_and_agg(F.lit(b"\x07")),
    "vector_cosine_similarity": lambda: F.vector_cosine_similarity(VECTOR, VECTOR),
    "vector_inner_product": lambda: F.vector_inner_product(VECTOR, VECTOR),
    "vector_l2_distance": lambda: F.vector_l2_distance(VECTOR, VECTOR),
    "vector_norm": lambda: F.vector_norm(VECTOR),
    "vector_normalize": lambda: F.vector_normalize(VECTOR, F.lit(1.0).cast("float")),
    "vector_avg": lambda: F.vector_avg(VECTOR),
    "vector_sum": lambda: F.vector_sum(VECTOR),
    "collect_union": lambda: F.collect_union("xs"),
    "count_min_sketch": lambda: F.count_min_sketch("id", 0.5, 0.5, 7),
    "from_csv": lambda: F.from_csv(F.lit("1,x"), "a INT, b STRING", {"sep": ","}),
    "from_xml": lambda: F.from_xml(F.lit("<p><a>1</a></p>"), "a INT"),
    "schema_of_csv": lambda: F.schema_of_csv("1,x"),
    "schema_of_json": lambda: F.schema_of_json('{"a": 1}'),
    "schema_of_xml": lambda: F.schema_of_xml("<p><a>1</a></p>"),
    "to_csv": lambda: F.to_csv("st"),
    "to_xml": lambda: F.to_xml("st", {"rowTag": "r"}),
    "xpath": lambda: F.xpath(XML, F.lit("p/a/text()")),
    "xpath_boolean": lambda: F.xpath_boolean(XML, F.lit("p/a")),
    "xpath_double": lambda: F.xpath_double(XML, F.lit("p/a")),
    "xpath_float": lambda: F.xpath_float(XML, F.lit("p/a")),
    "xpath_int": lambda: F.xpath_int(XML, F.lit("p/a")),
    "xpath_long": lambda: F.xpath_long(XML, F.lit("p/a")),
    "xpath_number": lambda: F.xpath_number(XML, F.lit("p/a")),
    "xpath_short": lambda: F.xpath_short(XML, F.lit("p/a")),
    "xpath_string": lambda: F.xpath_string(XML, F.lit("p/a")),
    "xxhash64": lambda: F.xxhash64("i", "st"),
}


def _hll() -> Any:
    return F.hll_sketch_agg("i", 10)


def _theta() -> Any:
    return F.theta_sketch_agg("i", 10)


def _numbers(kind: str) -> Any:
    return getattr(F, f"kll_sketch_agg_{kind}")("i", 100)


def _pairs(kind: str) -> Any:
    return getattr(F, f"tuple_sketch_agg_{kind}")("i", "id", 10, "max")


def _sketch_calls() -> dict[str, Callable[[], Any]]:
    made: dict[str, Callable[[], Any]] = {
        "hll_sketch_agg": _hll,
        "hll_sketch_estimate": lambda: F.hll_sketch_estimate(_hll()),
        "hll_union": lambda: F.hll_union(_hll(), _hll(), False),
        "hll_union_agg": lambda: F.hll_union_agg(F.lit(HLL), True),
        "theta_sketch_agg": _theta,
        "theta_sketch_estimate": lambda: F.theta_sketch_estimate(_theta()),
        "theta_union": lambda: F.theta_union(_theta(), _theta(), 12),
        "theta_intersection": lambda: F.theta_intersection(_theta(), _theta()),
        "theta_difference": lambda: F.theta_difference(_theta(), _theta()),
        "theta_union_agg": lambda: F.theta_union_agg(F.lit(THETA), 12),
        "theta_intersection_agg": lambda: F.theta_intersection_agg(F.lit(THETA)),
    }
    for kind in ("bigint", "float", "double"):
        made |= _of_numbers(kind)
    for kind in ("double", "integer"):
        made |= _of_pairs(kind)
    return made


def _of_numbers(kind: str) -> dict[str, Callable[[], Any]]:
    def asked(name: str, *more: Any) -> Callable[[], Any]:
        return lambda: getattr(F, f"{name}_{kind}")(_numbers(kind), *more)

    return {
        f"kll_sketch_agg_{kind}": lambda: _numbers(kind),
        f"kll_merge_agg_{kind}": lambda: getattr(F, f"kll_merge_agg_{kind}")(F.lit(None).cast("binary")),
        f"kll_sketch_merge_{kind}": lambda: getattr(F, f"kll_sketch_merge_{kind}")(
            _numbers(kind), _numbers(kind)
        ),
        f"kll_sketch_to_string_{kind}": asked("kll_sketch_to_string"),
        f"kll_sketch_get_n_{kind}": asked("kll_sketch_get_n"),
        f"kll_sketch_get_quantile_{kind}": asked("kll_sketch_get_quantile", F.lit(0.5)),
        f"kll_sketch_get_rank_{kind}": asked("kll_sketch_get_rank", F.lit(3)),
    }


def _of_pairs(kind: str) -> dict[str, Callable[[], Any]]:
    def of_one(name: str, *more: Any) -> Callable[[], Any]:
        return lambda: getattr(F, f"{name}_{kind}")(_pairs(kind), *more)

    made = {f"tuple_sketch_{name}_{kind}": of_one(f"tuple_sketch_{name}") for name in ("estimate", "theta")}
    made[f"tuple_sketch_summary_{kind}"] = of_one("tuple_sketch_summary", "min")
    made[f"tuple_sketch_agg_{kind}"] = lambda: _pairs(kind)
    for name in ("tuple_union", "tuple_intersection", "tuple_difference"):
        made[f"{name}_{kind}"] = _joined(f"{name}_{kind}", kind)
        made[f"{name}_theta_{kind}"] = _joined_with_theta(f"{name}_theta_{kind}", kind)
    for name in (f"tuple_union_agg_{kind}", f"tuple_intersection_agg_{kind}"):
        made[name] = _of_nothing(name)
    return made


def _joined(name: str, kind: str) -> Callable[[], Any]:
    return lambda: getattr(F, name)(_pairs(kind), _pairs(kind))


def _joined_with_theta(name: str, kind: str) -> Callable[[], Any]:
    return lambda: getattr(F, name)(_pairs(kind), _theta())


def _of_nothing(name: str) -> Callable[[], Any]:
    return lambda: getattr(F, name)(F.lit(None).cast("binary"))


HLL = bytes.fromhex("0201070a030001082bf2fb0600000000000000000000000000000000000000000000000000000000")
THETA = bytes.fromhex("01030300001ecc93")
NEEDS: dict[str, str] = {
    "aes_encrypt": "cryptography", "aes_decrypt": "cryptography", "try_aes_decrypt": "cryptography",
    **dict.fromkeys(_sketch_calls(), "datasketches"),
}  # fmt: skip
"""Functions -> the package of an extra without which they refuse."""

CALLS |= {
    **_sketch_calls(),
    "aes_encrypt": lambda: F.aes_encrypt("s", KEY),
    "aes_decrypt": lambda: F.aes_decrypt(F.aes_encrypt("s", KEY), KEY),
    "try_aes_decrypt": lambda: F.try_aes_decrypt(F.aes_encrypt("s", KEY), KEY, F.lit("GCM")),
}

VARIANT = F.parse_json(F.lit('{"a": [1, null]}'))
CALLS |= {
    "parse_json": lambda: F.parse_json(F.lit("1")),
    "try_parse_json": lambda: F.try_parse_json("s"),
    "to_variant_object": lambda: F.to_variant_object("xs"),
    "is_variant_null": lambda: F.is_variant_null(VARIANT),
    "is_valid_variant": lambda: F.is_valid_variant(VARIANT),
    "schema_of_variant": lambda: F.schema_of_variant(VARIANT),
    "schema_of_variant_agg": lambda: F.schema_of_variant_agg(VARIANT),
    "variant_get": lambda: F.variant_get(VARIANT, "$.a[0]", "int"),
    "try_variant_get": lambda: F.try_variant_get(VARIANT, "$.a", "int"),
    "variant_set": lambda: F.variant_set(VARIANT, "$.b", "i", False),
    "try_variant_set": lambda: F.try_variant_set(VARIANT, "$.a.b", "i"),
    "variant_insert": lambda: F.variant_insert(VARIANT, "$.b", "i"),
    "try_variant_insert": lambda: F.try_variant_insert(VARIANT, "$.a", "i"),
    "variant_array_append": lambda: F.variant_array_append(VARIANT, "$.a", "i"),
    "try_variant_array_append": lambda: F.try_variant_array_append(VARIANT, "$", "i"),
    "variant_delete": lambda: F.variant_delete(VARIANT, "$.a"),
    "variant_strip_nulls": lambda: F.variant_strip_nulls(VARIANT),
}
