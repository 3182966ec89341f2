"""A call of each function whose answers stand in the corpus of SQL queries, through its Python face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamcore.sql import functions as F

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
    "xxhash64": lambda: F.xxhash64("i", "st"),
}
