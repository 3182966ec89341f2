"""DataFrame: a plan and the session that can run it.  One file per family of operations."""

from __future__ import annotations

from streamcore.sql.dataframe.actions import Actions
from streamcore.sql.dataframe.comparing import Comparing
from streamcore.sql.dataframe.display import Display
from streamcore.sql.dataframe.missing_values import DataFrameNaFunctions, MissingValues
from streamcore.sql.dataframe.nearest import NearestJoins
from streamcore.sql.dataframe.not_offered import Gaps
from streamcore.sql.dataframe.observing import Observing
from streamcore.sql.dataframe.outlets import Outlets
from streamcore.sql.dataframe.projection import Projection
from streamcore.sql.dataframe.relational import Relational
from streamcore.sql.dataframe.repartitioning import Repartitioning
from streamcore.sql.dataframe.reshaping import Reshaping
from streamcore.sql.dataframe.statistics import DataFrameStatFunctions, Statistics
from streamcore.sql.dataframe.subqueries import Subqueries


class DataFrame(
    Projection,
    Relational,
    Repartitioning,
    Reshaping,
    NearestJoins,
    MissingValues,
    Statistics,
    Subqueries,
    Actions,
    Comparing,
    Display,
    Observing,
    Outlets,
    Gaps,
):
    """A distributed collection of rows under named columns, computed only when an action asks for it.

    Made by a Session (`createDataFrame`, `read`, `readStream`, `sql`, `range`, `table`) and by the
    methods of other DataFrames.  A DataFrame never changes.
    """


__all__ = ["DataFrame", "DataFrameNaFunctions", "DataFrameStatFunctions"]
