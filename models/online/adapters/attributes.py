"""What a fitted estimator has learnt, as arrays: numbers as they are, small values as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from streamcore.models.online.base import Arrays
from streamcore.spi.models import State

_ARRAY, _GENERATOR, _PLAIN = "array.", "generator.", "plain"


class NotArrays(TypeError):
    """An attribute that is neither numbers nor plain values."""


def as_state(attributes: Mapping[str, Any]) -> Arrays:
    """The attributes as arrays; NotArrays, naming the attribute, when one cannot be.

    Two names of one array are kept as that: what is learnt through the one is seen through the other.
    """
    state: Arrays = {}
    plain: dict[str, Any] = {}
    owners: dict[int, str] = {}
    for name in sorted(attributes):
        value = attributes[name]
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
            owner = owners.setdefault(id(value), name)
            if owner == name:
                state[_ARRAY + name] = value.copy()
            else:
                plain[name] = {"same": owner}
        elif isinstance(value, np.random.RandomState):
            state[_GENERATOR + name], plain[name] = _of_generator(value)
        else:
            plain[name] = {"value": _as_plain(value, name)}
    text = json.dumps(plain, sort_keys=True).encode()
    return {**state, _PLAIN: np.frombuffer(text, dtype=np.uint8)}


def of_state(state: State) -> dict[str, Any]:
    """The attributes of which `as_state` made the arrays."""
    plain = json.loads(state[_PLAIN].tobytes())
    found: dict[str, Any] = {
        name.removeprefix(_ARRAY): array.copy() for name, array in state.items() if name.startswith(_ARRAY)
    }
    for name, entry in plain.items():
        if "generator" in entry:
            found[name] = _as_generator(state[_GENERATOR + name], entry["generator"])
        elif "same" in entry:
            found[name] = found[entry["same"]]
        else:
            found[name] = _of_plain(entry["value"])
    return found


def _as_plain(value: Any, name: str) -> Any:
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return {"scalar": value.item(), "type": value.dtype.str}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_as_plain(item, name) for item in value]}
    raise NotArrays(f"{name} is of {type(value).__name__}")


def _of_plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "scalar" in value:
        return np.dtype(value["type"]).type(value["scalar"])
    if "tuple" in value:
        return tuple(_of_plain(item) for item in value["tuple"])
    return [_of_plain(item) for item in value["list"]]


def _of_generator(generator: np.random.RandomState) -> tuple[Any, dict[str, Any]]:
    state: Any = generator.get_state(legacy=False)
    inner = state["state"]
    rest = [state["bit_generator"], int(inner["pos"]), int(state["has_gauss"]), float(state["gauss"])]
    return inner["key"].copy(), {"generator": rest}


def _as_generator(key: Any, rest: list[Any]) -> np.random.RandomState:
    kind, place, has_gauss, gauss = rest
    generator = np.random.RandomState()
    inner = {"key": key, "pos": place}
    generator.set_state({"bit_generator": kind, "state": inner, "has_gauss": has_gauss, "gauss": gauss})
    return generator
