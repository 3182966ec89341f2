"""A model as a training query's checkpoint holds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.checkpoint.reading import CommittedBatches
from streamcore.errors import CheckpointMismatch
from streamcore.plan.describing import describe_model
from streamcore.spi.options import Options
from streamcore.streaming.state_reading.options import state_options
from streamcore.streaming.state_reading.place import find_store, operators_of
from streamcore.streaming.state_reading.rows import state_rows

if TYPE_CHECKING:
    from streamcore.spi.models import OnlineModel


@dataclass(frozen=True)
class TrainedModel:
    """What a query had trained after a batch: arrays as `streamcore.storage.tensors` encodes them."""

    query_id: str
    batch_id: int
    arrays: bytes


def trained_model(
    checkpoint: str | Path, model: OnlineModel, batch: int | None, operator: str
) -> TrainedModel:
    """What `model` had become in an operator of a query after a retained batch (None: the newest).

    Raises CheckpointMismatch when that operator trains another model or has learned nothing by then, and
    QueryExecutionException when there is no such batch or operator.
    """
    batches = CommittedBatches(checkpoint)
    wanted = {} if batch is None else {"batchId": str(batch)}
    options = Options({"path": str(checkpoint), "operatorId": operator, **wanted})
    place = find_store(batches, state_options(options))
    kept = operators_of(batches, place.last)[place.operator]
    for said, ours in describe_model(model).items():
        if kept[said] != ours:
            raise CheckpointMismatch(
                f"the operator {place.operator} of {checkpoint} is another one than {model!r}: its {said} is "
                f"{kept[said]}, not {ours}. Name what the query trains, as it was given to it"
            )
    for partition in range(batches.offsets(place.last).operators[place.operator].partitions):
        for rows in state_rows(batches, place, partition):
            for row in rows.column("value").to_pylist():
                return TrainedModel(batches.commit(place.last).query_id, place.last, row["arrays"])
    raise CheckpointMismatch(f"the query of {checkpoint} has taught its model nothing by batch {place.last}")
