"""Online models over streaming DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.plan.training import train_model
from streamcore.sql.dataframe.core import frame_of

if TYPE_CHECKING:
    from streamcore.spi.models import OnlineModel
    from streamcore.sql.dataframe import DataFrame


def fit_stream(dataset: DataFrame, model: OnlineModel) -> DataFrame:
    """The rows of `dataset` with what `model` says of each before it learns from them (prequential).

    A lazy DataFrame, as every transformation: the query that writes it trains the model.  In batch N all rows
    are predicted by the model as it stood after the batch before, then it learns from them in the order of
    the sources' partitions and of their rows; its state is committed with the batch.  Behind the columns
    of `dataset` come those that the model predicts, and `model_version`: the batch that the model had last
    learned from, -1 when it had seen none.  The model belongs to the query's checkpoint: a start with the
    same checkpoint goes on with it, and one with another specification of the model is refused.

    Raises AnalysisException for a column that is missing or of another type, IllegalArgumentException
    for an output column that is there already, UnsupportedOperationException for a batch DataFrame.
    """
    session = dataset.session
    return frame_of(train_model(dataset.plan, model, session.analysis_settings), session)
