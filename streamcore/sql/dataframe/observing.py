"""observe: aggregates of a DataFrame's rows, taken while something else is computed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.sql.arguments import require_kind
from streamcore.sql.column import Column
from streamcore.sql.dataframe.core import FrameCore
from streamcore.sql.expressions import expression_of
from streamcore.sql.observation import Observation

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


class Observing(FrameCore):
    """observe."""

    def observe(self, observation: Observation | str, *exprs: Column) -> DataFrame:
        """The same rows; whatever reads them computes these aggregates of them in the same pass.

        An `Observation` takes them from the first action over a batch DataFrame.  Under a name, a streaming
        query reports them for every micro-batch in `observedMetrics` of its progress; in a batch query
        nothing reads a name, and nothing is computed for it.  An expression is made of aggregates and
        constants; a column stands inside an aggregate only.  A batch query is computed in one part then.

        >>> from streamcore import Session
        >>> from streamcore.sql import Observation, functions as F
        >>> seen = Observation()
        >>> Session.builder.getOrCreate().range(4).observe(seen, F.sum("id")).where("id > 2").collect()
        [Row(id=3)]
        >>> seen.get
        {'sum(id)': 6}
        """
        from streamcore.plan.observing import observe_rows

        if not exprs:
            raise IllegalArgumentException("[CANNOT_BE_EMPTY] At least one exprs must be specified.")
        if not all(isinstance(column, Column) for column in exprs):
            raise ArgumentTypeError(
                f"[NOT_EXPECTED_TYPE] Argument `exprs` should be list[Column], got {type(exprs).__name__}."
            )
        require_kind(observation, "observation", (Observation, str), "Observation or str")
        expressions = [expression_of(column) for column in exprs]
        if isinstance(observation, str):
            return self._derive(observe_rows(self._plan, observation, expressions, self._settings))
        if self.isStreaming:
            raise IllegalArgumentException(
                "Observation does not support streaming Datasets. This is because there will be multiple "
                "observed metrics as microbatches are constructed. Give observe(...) a name, and read the "
                "metrics of each microbatch from QueryProgressEvent.progress of a StreamingQueryListener, "
                "query.lastProgress or query.recentProgress."
            )
        observation.attach()
        return self._derive(
            observe_rows(self._plan, observation.name, expressions, self._settings, observation)
        )
