"""How models of mllib are saved: Spark's layout, metadata as JSON and numbers as Parquet."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.models.ml.persistence import staged, write_table
from streamcore.models.mllib.linalg import VectorUDT
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.spi.types import to_arrow_type
from streamcore.storage.locations import local_folder

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.context import Context

_PACKAGE = "org.apache.spark.mllib"


class Saveable(ABC):
    """A model that can be saved."""

    @abstractmethod
    def save(self, sc: Context, path: str) -> None:
        """Save to a folder that must not be there; it appears when all is written."""


class Loader(ABC):
    """A model that can be loaded."""

    @classmethod
    @abstractmethod
    def load(cls, sc: Context, path: str) -> Self:
        """The model that was saved to a folder."""


class SavedFolder(Saveable, Loader):
    """A model as a folder: metadata of Spark's keys, and what the model writes beside them."""

    _version = "1.0"

    @abstractmethod
    def _about(self) -> dict[str, Any]:
        """Further keys of the metadata."""

    @abstractmethod
    def _write(self, folder: Path) -> None:
        """Write what the model holds below a folder."""

    @classmethod
    @abstractmethod
    def _read(cls, sc: Context, metadata: dict[str, Any], folder: Path) -> Self:
        """The model of what was saved."""

    @classmethod
    def _class(cls) -> str:
        family = cls.__module__.partition(".mllib.")[2].partition(".")[0]
        return f"{_PACKAGE}.{family}.{cls.__name__}"

    def save(self, sc: Context, path: str) -> None:
        """Save to a folder that must not be there; it appears when all is written."""
        metadata = {"class": self._class(), "version": self._version, **self._about()}
        with staged(path, overwrite=False) as folder:
            (folder / "metadata").mkdir()
            (folder / "metadata" / "part-00000").write_text(json.dumps(metadata) + "\n", encoding="utf-8")
            (folder / "metadata" / "_SUCCESS").touch()
            self._write(folder)

    @classmethod
    def load(cls, sc: Context, path: str) -> Self:
        """The model that was saved to a folder; IllegalArgumentException for one of another class."""
        folder = local_folder(path)
        metadata = _metadata(folder)
        if metadata.get("class") != cls._class() or metadata.get("version") != cls._version:
            raise IllegalArgumentException(
                f"{path} holds a {metadata.get('class')} of version {metadata.get('version')}, and not a "
                f"{cls._class()} of version {cls._version}"
            )
        return cls._read(sc, metadata, folder)


class SavedModel(SavedFolder):
    """A model as a table."""

    _typed: tuple[str, ...] = ()
    """Which columns are vectors and matrices."""

    @abstractmethod
    def _table(self) -> pa.Table:
        """What the model holds."""

    @classmethod
    @abstractmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        """The model of what was saved."""

    def _write(self, folder: Path) -> None:
        write_table(folder, self._table(), older=self._typed)

    @classmethod
    def _read(cls, sc: Context, metadata: dict[str, Any], folder: Path) -> Self:
        import pyarrow.parquet as pq

        return cls._of(metadata, pq.read_table(folder / "data", partitioning=None))


def _metadata(folder: Path) -> dict[str, Any]:
    for part in sorted((folder / "metadata").glob("part-*")):
        found = json.loads(part.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    raise AnalysisException(f"[PATH_NOT_FOUND] Path does not exist: {folder / 'metadata'}. SQLSTATE: 42K03")


def _weights_cell(weights: Any) -> pa.Array:
    import pyarrow as pa

    kind = to_arrow_type(VectorUDT.sqlType())
    names = VectorUDT.sqlType().fieldNames()
    return pa.array([dict(zip(names, VectorUDT().serialize(weights), strict=True))], kind)


def _weights_at(table: pa.Table) -> Any:
    cell = table.column("weights")[0].as_py()
    return vector_of(VectorUDT().deserialize(tuple(cell[name] for name in VectorUDT.sqlType().fieldNames())))


class SavedLinear(SavedModel):
    """A model that is made of weights and an intercept."""

    _typed = ("weights",)
    weights: Any
    intercept: Any

    def _about(self) -> dict[str, Any]:
        return {"numFeatures": len(self.weights)}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        return pa.table({"weights": _weights_cell(self.weights), "intercept": [float(self.intercept)]})

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        make: Any = cls
        made: Self = make(_weights_at(table), table.column("intercept")[0].as_py())
        return made


class SavedClassifier(SavedModel):
    """A model that is made of weights, an intercept and a threshold; `_sizes` are what else makes it."""

    _typed = ("weights",)
    weights: Any
    intercept: Any
    _threshold: float | None

    @abstractmethod
    def setThreshold(self, value: float) -> None:
        """Predict 1 above this score."""

    @abstractmethod
    def clearThreshold(self) -> None:
        """Predict scores."""

    def _sizes(self) -> dict[str, int]:
        """The numbers of features and of classes."""
        return {"numFeatures": len(self.weights), "numClasses": 2}

    def _about(self) -> dict[str, Any]:
        return dict(self._sizes())

    def _table(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "weights": _weights_cell(self.weights),
                "intercept": [float(self.intercept)],
                "threshold": pa.array([self._threshold], pa.float64()),
            }
        )

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        made = cls._made(_weights_at(table), table.column("intercept")[0].as_py(), metadata)
        threshold = table.column("threshold")[0].as_py()
        if threshold is None:
            made.clearThreshold()
        else:
            made.setThreshold(threshold)
        return made

    @classmethod
    @abstractmethod
    def _made(cls, weights: Any, intercept: float, metadata: dict[str, Any]) -> Self:
        """The model of its weights, intercept and sizes."""


class SavedBayes(SavedModel):
    """A naive Bayes."""

    _version = "2.0"
    labels: np.ndarray
    pi: np.ndarray
    theta: np.ndarray

    def _about(self) -> dict[str, Any]:
        return {"numFeatures": int(self.theta.shape[1]), "numClasses": len(self.labels)}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "labels": [self.labels.tolist()],
                "pi": [self.pi.tolist()],
                "theta": [self.theta.tolist()],
                "modelType": ["multinomial"],
            }
        )

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        kind = table.column("modelType")[0].as_py()
        if kind != "multinomial":
            raise IllegalArgumentException(f"the model is a {kind} naive Bayes, not a multinomial one")
        make: Any = cls
        made: Self = make(*(np.array(table.column(name)[0].as_py()) for name in ("labels", "pi", "theta")))
        return made


class SavedIsotonic(SavedModel):
    """A monotone function."""

    boundaries: np.ndarray
    predictions: np.ndarray
    isotonic: bool

    def _about(self) -> dict[str, Any]:
        return {"isotonic": bool(self.isotonic)}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        return pa.table({"boundary": self.boundaries, "prediction": self.predictions})

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        rows = table.sort_by("boundary")
        make: Any = cls
        columns = (rows.column(name).to_numpy() for name in ("boundary", "prediction"))
        made: Self = make(*columns, metadata["isotonic"])
        return made
