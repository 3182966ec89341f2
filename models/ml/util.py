"""Saving and loading."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.models.ml.identity import Identifiable
from streamcore.models.ml.names import class_of, spark_class_of
from streamcore.models.ml.param import Params
from streamcore.models.ml.persistence import (
    decoded,
    encoded,
    metadata_of,
    read_metadata,
    staged,
    write_metadata,
)

if TYPE_CHECKING:
    from typing import Self

    from streamcore.context import Context
    from streamcore.sql.session import Session

__all__ = [
    "BaseReadWrite",
    "DefaultParamsReadable",
    "DefaultParamsReader",
    "DefaultParamsWritable",
    "DefaultParamsWriter",
    "GeneralMLWriter",
    "HasTrainingSummary",
    "Identifiable",
    "MLReadable",
    "MLReader",
    "MLWritable",
    "MLWriter",
]

RL = TypeVar("RL")
T = TypeVar("T")


class BaseReadWrite:
    """What readers and writers share: the session that they work in."""

    def __init__(self) -> None:
        self._sparkSession: Session | None = None

    def session(self, sparkSession: Session) -> Self:
        """Work in this session, and not in the active one."""
        self._sparkSession = sparkSession
        return self

    @property
    def sparkSession(self) -> Session:
        """The session given, or else the active one."""
        from streamcore.sql.session import Session

        if self._sparkSession is None:
            self._sparkSession = Session.active()
        return self._sparkSession

    @property
    def sc(self) -> Context:
        """The session's context."""
        return self.sparkSession.sparkContext


class MLWriter(BaseReadWrite):
    """Writes something into a folder."""

    def __init__(self) -> None:
        super().__init__()
        self.shouldOverwrite = False

    def save(self, path: str) -> None:
        """Write to `path`, which appears when all is written; an error when it is there already."""
        with staged(path, overwrite=self.shouldOverwrite) as folder:
            self.saveImpl(str(folder))

    def saveImpl(self, path: str) -> None:
        """Write to a folder that is new and empty; `save` calls it."""
        raise NotImplementedError(f"MLWriter is not yet implemented for type: {type(self)}")

    def overwrite(self) -> Self:
        """Take the place of what is at the path, if there is something."""
        self.shouldOverwrite = True
        return self

    def option(self, key: str, value: Any) -> Self:
        """Refused: no writer of streamcore has options."""
        raise UnsupportedOperationException(f"Saving takes no option {key!r}: it has none")


class GeneralMLWriter(MLWriter):
    """A writer of several formats, of which streamcore has one."""

    def format(self, source: str) -> Self:
        """The format: `internal`, the one there is."""
        if source != "internal":
            raise UnsupportedOperationException(
                f"Models are saved in the format 'internal', not in {source!r}"
            )
        return self


class MLWritable:
    """Something that can be saved."""

    def write(self) -> MLWriter:
        """The writer."""
        raise NotImplementedError(f"MLWritable is not yet implemented for type: {type(self)!r}")

    def save(self, path: str) -> None:
        """`write().save(path)`."""
        self.write().save(path)


class MLReader(BaseReadWrite, Generic[RL]):
    """Reads something from a folder."""

    def load(self, path: str) -> RL:
        """What was saved at `path`."""
        raise NotImplementedError(f"MLReader is not yet implemented for type: {type(self)}")


class MLReadable(Generic[RL]):
    """Something that can be loaded."""

    @classmethod
    def read(cls) -> MLReader[RL]:
        """The reader."""
        raise NotImplementedError(f"MLReadable.read() not implemented for type: {cls!r}")

    @classmethod
    def load(cls, path: str) -> RL:
        """`read().load(path)`."""
        return cls.read().load(path)


class DefaultParamsWritable(MLWritable):
    """Mixed into a Params, makes it save its parameters."""

    def write(self) -> MLWriter:
        """The writer."""
        if not isinstance(self, Params):
            raise TypeError(
                f"Cannot use DefaultParamsWritable with type {type(self)} because it does not extend Params."
            )
        return DefaultParamsWriter(self)


class DefaultParamsWriter(MLWriter):
    """Writes the parameters of a Params."""

    def __init__(self, instance: Params) -> None:
        super().__init__()
        self.instance = instance

    def saveImpl(self, path: str) -> None:
        """Write the metadata."""
        DefaultParamsWriter.saveMetadata(self.instance, path, self._sparkSession)

    @staticmethod
    def extractJsonParams(instance: Params, skipParams: Sequence[str]) -> dict[str, Any]:
        """The parameters by name, but for some."""
        return {
            param.name: value
            for param, value in instance.extractParamMap().items()
            if param.name not in skipParams
        }

    @staticmethod
    def saveMetadata(
        instance: Params,
        path: str,
        sc: Session | Context | None,
        extraMetadata: dict[str, Any] | None = None,
        paramMap: dict[str, Any] | None = None,
    ) -> None:
        """Write `metadata/` below `path`, with more keys if given, and `paramMap` for the parameters set."""
        text = DefaultParamsWriter._get_metadata_to_save(instance, sc, extraMetadata, paramMap)
        write_metadata(Path(path), json.loads(text))

    @staticmethod
    def _get_metadata_to_save(
        instance: Params,
        sc: Session | Context | None,  # noqa: ARG004 - PySpark's signature
        extraMetadata: dict[str, Any] | None = None,
        paramMap: dict[str, Any] | None = None,
    ) -> str:
        params = named_values(instance._paramMap) if paramMap is None else paramMap
        defaults = named_values(instance._defaultParamMap)
        metadata = metadata_of(
            spark_class_of(type(instance)), instance.uid, params, defaults, extraMetadata or {}
        )
        return json.dumps(metadata, separators=(",", ":"))


class DefaultParamsReadable(MLReadable[RL]):
    """Mixed into a Params, makes it load what DefaultParamsWritable saved."""

    @classmethod
    def read(cls) -> MLReader[RL]:
        """The reader."""
        return DefaultParamsReader(cls)


class DefaultParamsReader(MLReader[RL]):
    """Reads the parameters of a Params."""

    def __init__(self, cls: type[Any]) -> None:
        super().__init__()
        self.cls = cls

    def load(self, path: str) -> RL:
        """What was saved at `path`."""
        metadata = read_metadata(path)
        require_class(metadata, self.cls, path)
        instance = self.cls()
        instance._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(instance, metadata)
        return cast("RL", instance)

    @staticmethod
    def loadMetadata(
        path: str,
        sc: Session | Context | None,  # noqa: ARG004 - PySpark's signature
        expectedClassName: str = "",
    ) -> dict[str, Any]:
        """What `metadata/` below `path` tells; AssertionError when it is of another class than expected."""
        return DefaultParamsReader._parseMetaData(json.dumps(read_metadata(path)), expectedClassName)

    @staticmethod
    def _parseMetaData(metadataStr: str, expectedClassName: str = "") -> dict[str, Any]:
        metadata: dict[str, Any] = json.loads(metadataStr)
        found = metadata["class"]
        if expectedClassName and found != expectedClassName:
            raise AssertionError(
                "Error loading metadata: Expected class name "
                f"{expectedClassName} but found class name {found}"
            )
        return metadata

    @staticmethod
    def getAndSetParams(
        instance: Any, metadata: Mapping[str, Any], skipParams: Sequence[str] | None = None
    ) -> None:
        """Give `instance` the parameters that the metadata tell."""
        for name, value in metadata["paramMap"].items():
            if name not in (skipParams or ()):
                param = _known(instance, name)
                instance.set(param, decoded(param, value))
        for name, value in metadata.get("defaultParamMap", {}).items():
            instance._setDefault(**{name: decoded(_known(instance, name), value)})

    @staticmethod
    def isPythonParamsInstance(metadata: Mapping[str, Any]) -> bool:
        """Whether it was saved by PySpark's Python side."""
        return str(metadata["class"]).startswith("pyspark.ml.")

    @staticmethod
    def loadParamsInstance(
        path: str,
        sc: Session | Context | None,  # noqa: ARG004 - PySpark's signature
    ) -> Any:
        """What was saved at `path`, of whatever class it is."""
        owner = class_of(read_metadata(path)["class"])
        if not (isinstance(owner, type) and issubclass(owner, Params) and issubclass(owner, MLReadable)):
            raise IllegalArgumentException(f"{path} names {owner!r}, which cannot be loaded")
        return owner.load(path)


class HasTrainingSummary(Generic[T]):
    """A model that remembers how its training went, until it is saved and loaded again."""

    _summary: T | None = None

    @property
    def hasSummary(self) -> bool:
        """Whether the training's summary is there."""
        return self._summary is not None

    @property
    def summary(self) -> T:
        """The training's summary; RuntimeError when it is not there."""
        if self._summary is None:
            raise RuntimeError(f"No training summary available for this {type(self).__name__}")
        return self._summary


def named_values(params: Mapping[Any, Any]) -> dict[str, Any]:
    """Parameters as metadata hold them: by name, as JSON; those without a value are left out."""
    return {param.name: encoded(value) for param, value in params.items() if value is not None}


def require_class(metadata: Mapping[str, Any], expected: type, path: str) -> None:
    """IllegalArgumentException when something else was saved at `path`."""
    if metadata["class"] != spark_class_of(expected) and class_of(metadata["class"]) is not expected:
        raise IllegalArgumentException(
            f"Error loading metadata: Expected class name {spark_class_of(expected)} but found class name "
            f"{metadata['class']} at {path}"
        )


def _known(instance: Params, name: str) -> Any:
    if not instance.hasParam(name):
        raise IllegalArgumentException(f"{type(instance).__name__} has no param {name!r}, which was saved")
    return instance.getParam(name)
