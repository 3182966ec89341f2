"""The state of a query in another number of partitions."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from streamcore.execution.stores.repartitioning import repartitioned

if TYPE_CHECKING:
    from streamcore.checkpoint.state_access import StateAccess
    from streamcore.execution.stores.warm import StoreRef
    from streamcore.streaming.micro_batch import Stores
    from streamcore.streaming.stateful.operator import StatefulOperator

_log = logging.getLogger("streamcore.streaming")


def split_anew(
    stores: Stores, operators: Mapping[str, StatefulOperator], partitions: int, files: StateAccess
) -> dict[str, list[dict[str, StoreRef]]]:
    """The rows of all stores of all operators in `partitions` partitions, written to files of their own.

    It takes the time to read and write the whole state; nothing of what was is changed.
    """
    found = {}
    for id_, refs in stores.items():
        started = perf_counter()
        found[id_] = _split(refs, operators[id_], partitions, files)
        seconds = perf_counter() - started
        _log.warning(
            "the state of %s goes from %d to %d partitions (%.1f s)", id_, len(refs), partitions, seconds
        )
    return found


def _split(
    refs: Sequence[Mapping[str, StoreRef]],
    operator: StatefulOperator,
    partitions: int,
    files: StateAccess,
) -> list[dict[str, StoreRef]]:
    stores = {}
    for name, layout in operator.stores.items():
        old = [stores_of_one[name] for stores_of_one in refs]
        stores[name] = repartitioned(
            old, layout, partitions, partial(files.partition, operator.name, store=name)
        )
    return [{name: new[number] for name, new in stores.items()} for number in range(partitions)]
