"""How our own estimators, transformers and models are saved: parameters, and a table where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.param import Params
from streamcore.models.ml.persistence import read_metadata, read_table, write_table
from streamcore.models.ml.util import (
    DefaultParamsReader,
    DefaultParamsWriter,
    GeneralMLWriter,
    MLReadable,
    MLReader,
    MLWritable,
    require_class,
)
from streamcore.storage.locations import local_folder

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa


class Saved(Params, MLReadable[Any], MLWritable):
    """Can be saved as Spark saves it, and loaded from what Spark or streamcore saved.

    A model that holds more than parameters says it as a table: `_data()` and, to come back, `_of_data()`.
    Vectors and matrices in that table are in the storage of their types (`matrices.vectors_of`). One that
    keeps several tables, or other models, overrides `_save_parts` and `_load_parts`.
    """

    def write(self) -> GeneralMLWriter:
        """The writer."""
        return SavedWriter(self)

    @classmethod
    def read(cls) -> MLReader[Self]:
        """The reader."""
        return SavedReader(cls)

    @classmethod
    def load(cls, path: str) -> Self:
        """`read().load(path)`."""
        return cls.read().load(path)

    def _data(self) -> pa.Table | None:
        """What a model holds beside its parameters."""
        return None

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        """The model that holds what `_data` said; its parameters and uid are set afterwards."""
        raise NotImplementedError(f"{cls.__name__} was saved with data, and does not read them")

    def _extra_metadata(self) -> dict[str, Any]:
        """Further keys of the metadata."""
        return {}

    def _json_params(self) -> dict[str, Any] | None:
        """The parameters set, as JSON, where they are not the values themselves."""
        return None

    def _save_parts(self, folder: Path) -> None:
        """Write what is beside the metadata."""
        data = self._data()
        if data is not None:
            write_table(folder, data)

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        """What is beside the metadata, as an object whose parameters are set afterwards."""
        if (folder / "data").is_dir():
            return cls._of_data(metadata["uid"], read_table(folder))
        return cls()

    def _set_saved(self, metadata: Mapping[str, Any]) -> None:
        """Take over the parameters of the metadata."""
        DefaultParamsReader.getAndSetParams(self, metadata)


class SavedWriter(GeneralMLWriter):
    """Writes a Saved."""

    def __init__(self, instance: Saved) -> None:
        super().__init__()
        self.instance = instance

    def saveImpl(self, path: str) -> None:
        """Write the metadata, and what is beside them."""
        DefaultParamsWriter.saveMetadata(
            self.instance,
            path,
            self._sparkSession,
            self.instance._extra_metadata(),
            self.instance._json_params(),
        )
        self.instance._save_parts(Path(path))


class SavedReader(MLReader[Any]):
    """Reads a Saved."""

    def __init__(self, cls: type[Saved]) -> None:
        super().__init__()
        self.cls = cls

    def load(self, path: str) -> Any:
        """What was saved at `path`."""
        metadata = read_metadata(path)
        require_class(metadata, self.cls, path)
        instance = self.cls._load_parts(local_folder(path), metadata)
        instance._resetUid(metadata["uid"])
        instance._set_saved(metadata)
        return instance
