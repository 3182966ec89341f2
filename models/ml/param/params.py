"""Things that have parameters."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self, TypeAlias, TypeVar, overload

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.identity import Identifiable
from streamcore.models.ml.param.param import UNDEFINED, Param
from streamcore.spi.cast_text import double_text

T = TypeVar("T")
P = TypeVar("P", bound="Params")
ParamMap: TypeAlias = "dict[Param[Any], Any]"


class Params(Identifiable):
    """Something with parameters: every Param that its class declares becomes one of the object's own.

    >>> from streamcore.models.ml.param.shared import HasMaxIter
    >>> class Thing(HasMaxIter):
    ...     pass
    >>> thing = Thing()._set(maxIter=3)
    >>> thing.getMaxIter(), thing.hasDefault("maxIter"), [param.name for param in thing.params]
    (3, False, ['maxIter'])
    """

    _input_kwargs: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self._paramMap: ParamMap = {}
        self._defaultParamMap: ParamMap = {}
        self._params: list[Param[Any]] | None = None
        self._copy_params()

    def _copy_params(self) -> None:
        for name, declared in _declared(type(self)):
            setattr(self, name, declared._copy_new_parent(self))

    @property
    def params(self) -> list[Param[Any]]:
        """All parameters, by name."""
        if self._params is None:
            own = {name: value for name, value in vars(self).items() if isinstance(value, Param)}
            self._params = [own[name] for name in sorted(own)]
        return self._params

    def explainParam(self, param: str | Param[Any]) -> str:
        """One parameter: its name, what it means, its default and its value."""
        param = self._resolveParam(param)
        values = []
        if param in self._defaultParamMap:
            values.append(f"default: {self._defaultParamMap[param]}")
        if param in self._paramMap:
            values.append(f"current: {self._paramMap[param]}")
        return f"{param.name}: {param.doc} ({', '.join(values) or 'undefined'})"

    def explainParams(self) -> str:
        """All parameters, a line for each."""
        return "\n".join(self.explainParam(param) for param in self.params)

    def getParam(self, paramName: str) -> Param[Any]:
        """The parameter of a name."""
        param = getattr(self, paramName)
        if not isinstance(param, Param):
            raise ValueError(f"Cannot find param with name {paramName}.")  # noqa: TRY004 - as PySpark
        return param

    def isSet(self, param: str | Param[Any]) -> bool:
        """Whether it was given a value."""
        return self._resolveParam(param) in self._paramMap

    def hasDefault(self, param: str | Param[Any]) -> bool:
        """Whether it has a default."""
        return self._resolveParam(param) in self._defaultParamMap

    def isDefined(self, param: str | Param[Any]) -> bool:
        """Whether it has a value or a default."""
        return self.isSet(param) or self.hasDefault(param)

    def hasParam(self, paramName: str) -> bool:
        """Whether there is a parameter of this name."""
        if not isinstance(paramName, str):
            raise TypeError("hasParam(): paramName must be a string")
        return isinstance(getattr(self, paramName, None), Param)

    @overload
    def getOrDefault(self, param: str) -> Any: ...

    @overload
    def getOrDefault(self, param: Param[T]) -> T: ...

    def getOrDefault(self, param: str | Param[Any]) -> Any:
        """Its value, or its default; KeyError when it has neither."""
        param = self._resolveParam(param)
        return self._paramMap[param] if param in self._paramMap else self._defaultParamMap[param]

    def extractParamMap(self, extra: ParamMap | None = None) -> ParamMap:
        """Every defined parameter with its value; `extra` counts before values, values before defaults."""
        return {**self._defaultParamMap, **self._paramMap, **(extra or {})}

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy with the same uid, in which the parameters of `extra` have other values."""
        that = copy.copy(self)
        that._paramMap = {}
        that._defaultParamMap = {}
        return self._copyValues(that, extra or {})

    def set(self, param: Param[T], value: T) -> None:
        """Give a parameter of this object a value."""
        self._shouldOwn(param)
        try:
            self._paramMap[param] = param.typeConverter(value)
        except ValueError as error:
            raise ValueError(f'Invalid param value given for param "{param.name}". {error}') from error

    def clear(self, param: Param[Any]) -> None:
        """Take a parameter's value away; its default counts again."""
        if self.isSet(param):
            del self._paramMap[param]

    def _shouldOwn(self, param: Param[Any]) -> None:
        if not self._testOwnParam(param.parent, param.name):
            raise ValueError(f"Param {param!r} does not belong to {self!r}.")

    def _testOwnParam(self, param_parent: str, param_name: str) -> bool:
        return self.uid == param_parent and self.hasParam(param_name)

    def _resolveParam(self, param: str | Param[Any]) -> Param[Any]:
        if isinstance(param, Param):
            self._shouldOwn(param)
            return param
        if isinstance(param, str):
            return self.getParam(param)
        raise TypeError(f"Cannot resolve {param!r} as a param.")

    @staticmethod
    def _dummy() -> Params:
        dummy = Params()
        dummy.uid = UNDEFINED
        return dummy

    def _set(self, **kwargs: Any) -> Self:
        for name, value in kwargs.items():
            param: Param[Any] = getattr(self, name)
            self._paramMap[param] = _converted(param, value, "param value")
        return self

    def _setDefault(self, **kwargs: Any) -> Self:
        for name, value in kwargs.items():
            param: Param[Any] = getattr(self, name)
            self._defaultParamMap[param] = _converted(param, value, "default param value")
        return self

    def _copyValues(self, to: P, extra: ParamMap | None = None) -> P:
        if extra is not None and not isinstance(extra, dict):
            raise TypeError(f"Expecting a dict, but received an object of type {type(extra)}.")
        for param in extra or {}:
            if not isinstance(param, Param):
                raise TypeError(f"Expecting a valid instance of Param, but received: {param}")
        values = {**self._paramMap, **(extra or {})}
        for param in self.params:
            if not to.hasParam(param.name):
                continue
            if param in self._defaultParamMap:
                to._defaultParamMap[to.getParam(param.name)] = self._defaultParamMap[param]
            if param in values:
                to._set(**{param.name: values[param]})
        return to

    def _resetUid(self, newUid: Any) -> Self:
        uid = str(newUid)
        self.uid = uid
        self._defaultParamMap = _moved(self._defaultParamMap, uid)
        self._paramMap = _moved(self._paramMap, uid)
        for name, param in list(vars(self).items()):
            if isinstance(param, Param):
                setattr(self, name, param._of(uid))
        self._params = None
        return self

    def _require_valid(self) -> None:
        """IllegalArgumentException, as Spark words it, for a value outside its parameter's domain."""
        for param, value in self.extractParamMap().items():
            if value is not None and param.isValid is not None and not param.isValid(value):
                raise IllegalArgumentException(
                    f"{self.uid} parameter {param.name} given invalid value {shown(value)}."
                )


def shown(value: Any) -> str:
    """A value as Spark writes it.

    >>> shown(True), shown([1, [0.5, float("inf")]])
    ('true', '[1,[0.5,Infinity]]')
    """
    if isinstance(value, list | tuple):
        return f"[{','.join(map(shown, value))}]"
    if isinstance(value, float):
        return double_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _declared(owner: type) -> list[tuple[str, Param[Any]]]:
    found: Mapping[str, Any] = {
        name: value for base in reversed(owner.__mro__) for name, value in vars(base).items()
    }
    return [(name, value) for name, value in found.items() if isinstance(value, Param)]


def _converted(param: Param[Any], value: Any, what: str) -> Any:
    if value is None:
        return None
    try:
        return param.typeConverter(value)
    except TypeError as error:
        raise TypeError(f'Invalid {what} given for param "{param.name}". {error}') from error


def _moved(values: ParamMap, uid: str) -> ParamMap:
    return {param._of(uid): value for param, value in values.items()}
