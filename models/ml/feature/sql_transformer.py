"""A SELECT over the dataset."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from streamcore.models.ml.base import Transformer
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

THIS = "__THIS__"
"""What a statement calls the dataset."""


class SQLTransformer(Transformer, Saved):
    """Makes of the dataset what a SELECT makes of the table `__THIS__`.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(1, 2.0)], ["a", "b"])
    >>> SQLTransformer(statement="SELECT *, a + b AS c FROM __THIS__").transform(df).collect()
    [Row(a=1, b=2.0, c=3.0)]
    """

    statement: Param[str] = Param(
        Params._dummy(), "statement", "the SELECT, over the table __THIS__.", TypeConverters.toString
    )

    @keyword_only
    def __init__(self, *, statement: str | None = None) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, statement: str | None = None) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setStatement(self, value: str) -> Self:
        """Set `statement`."""
        return self._set(statement=value)

    def getStatement(self) -> str:
        """The value of `statement`."""
        return self.getOrDefault(self.statement)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        statement = self.getStatement()
        view = f"{type(self).__name__}_{uuid.uuid4().hex}"
        dataset.createOrReplaceTempView(view)
        try:
            return dataset.session.sql(statement.replace(THIS, view))
        finally:
            dataset.session.catalog.dropTempView(view)
