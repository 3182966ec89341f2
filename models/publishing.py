"""Into a model store and out of it: models that a query has trained, and models of the `ml` API."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException, ModelStoreError
from streamcore.models.store import ModelStore
from streamcore.models.store.manifest import FOLDER
from streamcore.spi.exactly_once import CommitRecord
from streamcore.storage.tensors import decode

if TYPE_CHECKING:
    from streamcore.models.ml.base import Transformer
    from streamcore.models.store.manifest import Manifest
    from streamcore.models.store.reading import Reference
    from streamcore.spi.models import OnlineModel


def publish_batch(
    store: ModelStore,
    checkpoint: str | Path,
    model: OnlineModel,
    batch: int | None = None,
    operator: str = "0",
    parent: Reference | None = None,
) -> Manifest:
    """Publishes the model that a query had trained after a retained batch (None: the newest).

    The query may run meanwhile.  `model` is what the query was given to train, and `operator` which of its
    operators, by number or id, where it has several.  Raises CheckpointMismatch when that operator trains
    another model or has learned nothing by then, and QueryExecutionException for a batch that is not
    retained.
    """
    from streamcore.models.trained import trained_model

    found = trained_model(checkpoint, model, batch, operator)
    return store.publish(
        found.arrays,
        model=model,
        schema=model.schema(),
        made_by=CommitRecord(found.query_id, found.batch_id, ""),
        metrics=model.metrics(decode(found.arrays)),
        parent=parent,
    )


def publish_model(
    store: ModelStore,
    model: Transformer,
    *,
    schema: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    parent: Reference | None = None,
) -> Manifest:
    """Publishes a fitted model of `streamcore.models.ml`, such as a PipelineModel, as it is saved."""
    from streamcore.models.ml.names import spark_class_of
    from streamcore.models.ml.util import MLWritable

    if not isinstance(model, MLWritable):
        raise IllegalArgumentException(f"{model!r} cannot be saved, so it cannot be published")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        model.save(str(path))
        described = {"name": spark_class_of(type(model)), "settings": {"uid": model.uid}}
        return store.publish_folder(path, model=described, schema=schema, metrics=metrics, parent=parent)


def load_model(store: ModelStore, reference: Reference) -> Any:
    """The fitted model of a version that `publish_model` has made; every digest is checked first.

    Raises ModelStoreError for a version that is the state of an online model.
    """
    from streamcore.models.ml.util import DefaultParamsReader

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        manifest = store.checkout(reference, path)
        if manifest.kind != FOLDER:
            raise ModelStoreError(
                f"version {manifest.version} of {store.location} is the state of an online model, "
                f"{manifest.name}: serve it by streamcore.models.serving.StoredModel"
            )
        return DefaultParamsReader.loadParamsInstance(str(path), None)
