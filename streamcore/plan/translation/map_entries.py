"""Maps made of entries, and what becomes of a key that occurs twice."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.plan.translation.core import TranslationContext


def map_of_entries(entries: str, key: str, context: TranslationContext) -> str:
    """SQL of the map of a list of structs whose first field is `key`.

    A key that occurs twice is an error, or its last value is kept (`spark.sql.mapKeyDedupPolicy`), at the
    place of its first.
    """
    if not context.modes.last_key_wins:
        return f"map_from_entries({entries})"

    def kept(e: str) -> str:
        keys = f"list_transform({e}, lambda one: one.{key})"
        is_first = f"list_position({keys}, entry.{key}) = place"
        last = f"list_filter({e}, lambda other: other.{key} = entry.{key})[-1]"
        firsts = f"list_filter({e}, lambda entry, place: {is_first})"
        return f"map_from_entries(list_transform({firsts}, lambda entry: {last}))"

    return let(entries, kept)
