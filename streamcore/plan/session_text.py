"""The SQL that joins session windows: gaps and islands over the rows of equal keys."""

from __future__ import annotations

from collections.abc import Sequence

from streamcore.duck.quoting import identifier
from streamcore.plan.select_text import Item, Select, passed

_OWN, _BEGINS, _NUMBER = "~own", "~begins", "~session"
_START, _END = (f"{identifier(_OWN)}['{bound}']" for bound in ("start", "end"))


def with_sessions(rows: Select, kept: Sequence[str], keys: Sequence[str], own: str, name: str) -> Select:
    """The rows with the session of each.

    Parameters
    ----------
    rows
        A SELECT with the columns `kept`.
    keys, own
        Expressions over them: what tells sessions apart, and a row's own window (start and end).
    name
        The column that the session becomes, behind those kept.  Rows without an own window are dropped.
    """
    key_items = [Item(text, f"~key{place}") for place, text in enumerate(keys)]
    group = [identifier(item.name) for item in key_items]
    carried = [passed(column) for column in (*kept, *(item.name for item in key_items), _OWN)]
    rows = rows.listing([*map(passed, kept), *key_items, Item(own, _OWN)])
    rows = Select(f"({rows.text})").where_also(f"{_START} < {_END}").listing(carried)
    in_order = f"{_partition(group)}ORDER BY {_START}, {_END}"
    latest = f"max({_END}) OVER ({in_order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    begins = Item(f"CASE WHEN {_START} <= {latest} THEN 0 ELSE 1 END", _BEGINS)
    rows = Select(f"({rows.text})").listing([*carried, begins])
    number = f"sum({identifier(_BEGINS)}) OVER ({in_order} ROWS UNBOUNDED PRECEDING)"
    rows = Select(f"({rows.text})").listing([*carried, Item(number, _NUMBER)])
    session = _partition([*group, identifier(_NUMBER)])
    joined = f'struct_pack("start" := min({_START}) OVER ({session}), "end" := max({_END}) OVER ({session}))'
    return Select(f"({rows.text})").listing([*map(passed, kept), Item(joined, name)])


def _partition(by: Sequence[str]) -> str:
    return f"PARTITION BY {', '.join(by)} " if by else ""
