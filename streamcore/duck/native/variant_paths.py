"""Paths into variants (`$.a[0]['b c']`): what stands there, and what takes its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException
from streamcore.spi.variant.encoding import Tree, decoded, encoded

Step: TypeAlias = "str | int"
INVALID_GET_PATH = (
    "[INVALID_VARIANT_GET_PATH] The path `{path}` is not a valid variant extraction path in ``{name}``. A "
    "valid path should start with `$` and is followed by zero or more segments like `[123]`, `.name`, "
    "`['name']`, or `[\"name\"]`. SQLSTATE: 22023"
)
_INVALID_TARGET = (
    "[INVALID_VARIANT_PATH] The path '{path}' is not a valid `{name}` target. A valid path should start with "
    "`$` and is followed by segments like `[123]`, `.name`, `['name']`, or `[\"name\"]`. SQLSTATE: 22023"
)
_STEP = re.compile(r"""\[(\d+)\]|\.([^.\[]+)|\['([^']+)'\]|\["([^"]+)"\]""")
_MOST_ITEMS = 1 << 24


def steps_of(path: str, name: str, refused: str) -> list[Step]:
    """The keys and indexes of a path; `refused` is the message for what is none.

    >>> steps_of("$.a[0]['b c']", "variant_get", INVALID_GET_PATH)
    ['a', 0, 'b c']
    """
    found: list[Step] = []
    at = 1 if path.startswith("$") else -1
    while 0 <= at < len(path):
        step = _STEP.match(path, at)
        if step is None or (step[1] is not None and int(step[1]) >= 1 << 31):
            at = -1
            break
        found.append(int(step[1]) if step[1] is not None else step[2] or step[3] or step[4])
        at = step.end()
    if at < 0:
        raise IllegalArgumentException(refused.format(path=path, name=name))
    return found


def taken(tree: Tree, steps: Sequence[Step]) -> list[Tree]:
    """What stands at the steps, in a list; nothing in it where nothing stands there."""
    for step in steps:
        if not _leads_on(tree, step) or not _has(tree, step):
            return []
        tree = tree[step]
    return [tree]


def _leads_on(tree: Tree, step: Step) -> bool:
    return isinstance(tree, dict if isinstance(step, str) else list)


def _has(tree: Tree, step: Step) -> bool:
    return step in tree if isinstance(tree, dict) else int(step) < len(tree)


class _Refused(IllegalArgumentException):
    """A change that the variant does not take, for which the functions that try give null."""


def _mismatch(path: str, steps: Sequence[Step], name: str) -> _Refused:
    place = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return _Refused(
        f"[VARIANT_PATH_TYPE_MISMATCH] The path '{path}' is incompatible with the variant value at "
        f"'{place}' in `{name}`. SQLSTATE: 22023"
    )


Stored: TypeAlias = dict[str, bytes]
_Change = Callable[[Tree, Step], None]


def _tree(variant: Stored) -> Tree:
    return decoded(variant["value"], variant["metadata"])


def _stored(tree: Tree) -> Stored:
    value, metadata = encoded(tree)
    return {"value": value, "metadata": metadata}


def _changed(
    variant: Stored, path: str, name: str, change: _Change, *, fails: bool, creates: bool
) -> Stored | None:
    """The variant after `change` of the container that holds the last step."""
    whole = _tree(variant)
    steps = steps_of(path, name, _INVALID_TARGET)
    if not steps:
        raise IllegalArgumentException(_INVALID_TARGET.format(path=path, name=name))
    full, tree = name if fails else f"try_{name}", whole
    try:
        for depth, step in enumerate(steps):
            if not _leads_on(tree, step):
                raise _mismatch(path, steps[:depth], full)
            if depth == len(steps) - 1:
                change(tree, step)
            elif not _has(tree, step):
                if not creates:
                    return variant
                _put(tree, step, {} if isinstance(steps[depth + 1], str) else [])
                tree = tree[step]
            else:
                tree = tree[step]
    except _Refused:
        if fails:
            raise
        return None
    return _stored(whole)


def _put(tree: Tree, step: Step, value: Tree) -> None:
    if isinstance(tree, list):
        _fill(tree, int(step) + 1)
    tree[step] = value


def _fill(tree: list[Tree], length: int) -> None:
    """Puts nulls behind the elements until there are as many."""
    if length > _MOST_ITEMS:
        raise IllegalArgumentException(
            f"[VARIANT_SIZE_LIMIT] Cannot build a variant with an array of {length} elements. SQLSTATE: 22023"
        )
    tree.extend([None] * (length - len(tree)))


@by_value
def variant_set(variant: Stored, path: str, value: Stored, *, fails: bool, creates: bool) -> Stored | None:
    """The variant with another value at the path."""
    tree = _tree(value)

    def change(container: Tree, step: Step) -> None:
        if creates or _has(container, step):
            _put(container, step, tree)

    return _changed(variant, path, "variant_set", change, fails=fails, creates=creates)


@by_value
def variant_insert(variant: Stored, path: str, value: Stored, *, fails: bool) -> Stored | None:
    """The variant with one more field, or element, at the path."""
    tree = _tree(value)

    def change(container: Tree, step: Step) -> None:
        if isinstance(container, list) and int(step) < len(container):
            container.insert(int(step), tree)
        elif isinstance(container, dict) and step in container:
            raise _Refused(
                f"[VARIANT_DUPLICATE_KEY] Failed to build variant because of a duplicate object key "
                f"`{step}`. SQLSTATE: 22023"
            )
        else:
            _put(container, step, tree)

    return _changed(variant, path, "variant_insert", change, fails=fails, creates=True)


@by_value
def variant_array_append(variant: Stored, path: str, value: Stored, *, fails: bool) -> Stored | None:
    """The variant with one more element at the end of the array at the path."""
    name = "variant_array_append"
    steps = steps_of(path, name, _INVALID_TARGET)
    whole = tree = _tree(variant)
    full = name if fails else f"try_{name}"
    try:
        for depth, step in enumerate(steps):
            if not _leads_on(tree, step):
                raise _mismatch(path, steps[:depth], full)
            if not _has(tree, step):
                return variant
            tree = tree[step]
        if not isinstance(tree, list):
            raise _mismatch(path, steps, full)
    except _Refused:
        if fails:
            raise
        return None
    tree.append(_tree(value))
    return _stored(whole)


@by_value
def variant_delete(variant: Stored, paths: Sequence[str | None]) -> Stored:
    """The variant without what stands at the paths; one after the other, nulls passed over."""
    whole = _tree(variant)
    for path in paths:
        if path is None:
            continue
        steps = steps_of(path, "variant_delete", _INVALID_TARGET)
        if not steps:
            raise IllegalArgumentException(_INVALID_TARGET.format(path=path, name="variant_delete"))
        for container in taken(whole, steps[:-1]):
            if _leads_on(container, steps[-1]) and _has(container, steps[-1]):
                del container[steps[-1]]
    return _stored(whole)


@by_value
def variant_strip_nulls(variant: Stored, of_arrays: bool) -> Stored:
    """The variant without fields, and elements where asked, that are null."""
    return _stored(_stripped(_tree(variant), of_arrays=of_arrays))


def _stripped(tree: Tree, *, of_arrays: bool) -> Tree:
    if isinstance(tree, dict):
        return {k: _stripped(item, of_arrays=of_arrays) for k, item in tree.items() if item is not None}
    if isinstance(tree, list):
        kept = [item for item in tree if item is not None or not of_arrays]
        return [_stripped(item, of_arrays=of_arrays) for item in kept]
    return tree
