"""Models of a store over DataFrames: a stream is predicted by the version that a name stands for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.errors import ModelStoreError
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.matrices import named
from streamcore.models.store import ModelStore
from streamcore.plan.training import MODEL_VERSION
from streamcore.spi.models import model_of
from streamcore.spi.types import LongType, StructField, from_arrow_type, to_arrow_schema

if TYPE_CHECKING:
    from streamcore.spi.models import OnlineModel, State
    from streamcore.spi.specifications import Description
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class StoredModel:
    """The online model that a store has under a name: an alias, a tag, "latest", or the number of a version.

    Over a batch DataFrame `transform` predicts by the version that the name stands for when it is called.
    Over a stream every micro-batch asks anew, and logs the version before it runs: all its rows are predicted
    by this one, and so they are when the batch runs again.  `model_version` says which it was.

    >>> from streamcore import Session
    >>> from streamcore.models import LinearRegression
    >>> model = LinearRegression(featuresCol="x", labelCol="y")
    >>> made = ModelStore("memory://doc-serving").publish(model.initial_state(), model=model)
    >>> rows = Session.builder.getOrCreate().createDataFrame([(1.0,)], "x double")
    >>> StoredModel("memory://doc-serving", "latest").transform(rows).collect()
    [Row(x=1.0, prediction=0.0, model_version=1)]
    """

    store: str | Path
    reference: str | int = "champion"
    allow_pickle: bool = False

    def transform(self, dataset: DataFrame) -> DataFrame:
        """The rows of `dataset` with the columns that the model predicts, and `model_version`.

        Raises ModelNotFound while the name stands for nothing, ModelStoreError for a version that is no
        online model, and, for a column that is missing or that the model cannot read, what models raise.
        """
        # Where tasks run a relative path may lead elsewhere.
        following = FollowedModel(ModelStore(self.store).location, self.reference, self.allow_pickle)
        version = following.newest()
        model = model_of(_loaded(following.store, int(version)).description, self.allow_pickle)
        function = following if dataset.isStreaming else following.at(version)
        predicted = (StructField(f.name, from_arrow_type(f.type), f.nullable) for f in model.output_fields)
        fields = (*predicted, StructField(MODEL_VERSION, LongType(), nullable=False))
        names = model.inputs.to_predict()
        read = dataset.select(*(named(dataset, name).alias(name) for name in names))
        model.check(to_arrow_schema(read.schema), learns=False)
        return computed(dataset, names, fields, replace(function, model=model, outputs=fields))


@dataclass(frozen=True)
class _Loaded:
    description: Description
    state: State


def _loaded(store: str, version: int) -> _Loaded:
    """A version with its arrays, which are read once in each process."""
    found = ModelStore(store)
    files = found.describe(version).files
    return _read(store, version, tuple(file.digest for file in files.values()))


@lru_cache(maxsize=16)
def _read(store: str, version: int, digests: tuple[str, ...]) -> _Loaded:  # noqa: ARG001
    """By the digests, too: another store may stand where one was."""
    manifest, state = ModelStore(store).load(version)
    return _Loaded(manifest.model, state)


@dataclass(frozen=True)
class _OfStore:
    """What both functions know: the store, and the model with which the query was started.

    It travels with them: what a program has registered itself is not known where tasks run.
    """

    store: str
    reference: str | int
    allow_pickle: bool
    model: OnlineModel | None = None
    outputs: tuple[StructField, ...] = ()


@dataclass(frozen=True)
class ModelVersion(_OfStore):
    """One version."""

    def __call__(self, rows: pa.Table) -> Computed:
        """See `ColumnsFunction`."""
        number = int(self.reference)
        loaded = _loaded(self.store, number)
        model = self._checked(loaded)
        predictions = model.predict(loaded.state, rows.rename_columns(list(model.inputs.to_predict())))
        columns = [predictions[field.name] for field in self.outputs[:-1]]
        return Computed([*columns, pa.array(np.full(rows.num_rows, number, dtype=np.int64))])

    def _checked(self, loaded: _Loaded) -> OnlineModel:
        """The model; ModelStoreError when it reads or predicts other columns than the query has."""
        assert self.model is not None
        if loaded.description == self.model.describe():
            return self.model
        model = model_of(loaded.description, self.allow_pickle)
        expected, found = (
            (one.inputs.to_predict(), {f.name: f.type for f in one.output_fields})
            for one in (self.model, model)
        )
        if found != expected:
            raise ModelStoreError(
                f"version {self.reference} of {self.store} reads {', '.join(found[0])} and predicts "
                f"{', '.join(found[1])}; the query was started with one that reads {', '.join(expected[0])} "
                f"and predicts {', '.join(expected[1])}: start it again to serve this"
            )
        return model


@dataclass(frozen=True)
class FollowedModel(_OfStore):
    """The version that a name stands for, chosen anew for each batch (see `FollowsVersions`)."""

    def __call__(self, rows: pa.Table) -> Computed:
        """Not called: whoever runs batches asks for a version of it."""
        raise TypeError(f"which version of {self.followed} is meant?")

    @property
    def followed(self) -> str:
        """See `FollowsVersions`."""
        return f"{self.reference} of {self.store}"

    def newest(self) -> str:
        """See `FollowsVersions`."""
        return str(ModelStore(self.store).resolve(self.reference))

    def hold(self, holder: str) -> str:
        """See `FollowsVersions`."""
        return str(ModelStore(self.store).hold(self.reference, self._as_holder(holder)))

    def release(self, holder: str, keep: Collection[str]) -> None:
        """See `FollowsVersions`."""
        ModelStore(self.store).release(self._as_holder(holder), {int(version) for version in keep})

    def at(self, version: str) -> ModelVersion:
        """See `FollowsVersions`."""
        return ModelVersion(self.store, int(version), self.allow_pickle, self.model, self.outputs)

    def _as_holder(self, query: str) -> str:
        """A query may follow several names of a store: what one of them lets go, another may need."""
        return f"{query}.{self.reference}"
