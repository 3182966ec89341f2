"""XPath 1.0: paths, predicates, operators, and the functions that are asked of values."""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from streamcore.duck.native.registry import by_value
from streamcore.duck.native.xml_trees import MalformedXml, Node, Text, parsed
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

Nodes: TypeAlias = "list[Node | Text]"
Value: TypeAlias = "Nodes | str | float | bool"
Evaluate: TypeAlias = "Callable[[_Context], Value]"

_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?|\.\d+)|(\"[^\"]*\"|'[^']*')|(//|\.\.|::|!=|<=|>=|[/.@*|+\-=<>()\[\],])"
    r"|([A-Za-z_][\w.\-]*(?::[A-Za-z_][\w.\-]*)?))"
)


@dataclass(frozen=True)
class _Context:
    node: Node | Text
    position: int
    size: int


# ---- values --------------------------------------------------------------------------------------


def _text(value: Value) -> str:
    if isinstance(value, list):
        return value[0].text if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value) if not math.isnan(value) else "NaN"
    return value


def _number(value: Value) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    text = _text(value).strip()
    return float(text) if re.fullmatch(r"-?(\d+(\.\d*)?|\.\d+)", text) else math.nan


def _truth(value: Value) -> bool:
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    return bool(value)


def _compared(compare: Callable[[Any, Any], bool], left: Value, right: Value) -> bool:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, list) and not isinstance(other, bool):
            against = compare if one is left else lambda a, b: compare(b, a)
            return any(_compared(against, node.text, other) for node in one)
    if isinstance(left, bool) or isinstance(right, bool):
        return compare(_truth(left), _truth(right))
    if isinstance(left, float) or isinstance(right, float) or compare not in (operator.eq, operator.ne):
        return compare(_number(left), _number(right))
    return compare(_text(left), _text(right))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "count": lambda nodes: float(len(nodes)),
    "sum": lambda nodes: float(sum(_number(node.text) for node in nodes)),
    "string": _text,
    "number": _number,
    "boolean": _truth,
    "not": lambda value: not _truth(value),
    "true": lambda: True,
    "false": lambda: False,
    "concat": lambda *values: "".join(map(_text, values)),
    "contains": lambda text, part: _text(part) in _text(text),
    "starts-with": lambda text, part: _text(text).startswith(_text(part)),
    "string-length": lambda text: float(len(_text(text))),
    "normalize-space": lambda text: " ".join(_text(text).split()),
    "floor": lambda value: float(math.floor(_number(value))),
    "ceiling": lambda value: float(math.ceil(_number(value))),
    "round": lambda value: float(math.floor(_number(value) + 0.5)),
    "name": lambda nodes: nodes[0].name if nodes else "",
    "local-name": lambda nodes: nodes[0].name.rpartition(":")[2] if nodes else "",
}


# ---- expressions ---------------------------------------------------------------------------------


class _Parser:
    """Reads one expression; each rule gives a function of the context."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self._wrong()
            kind = ("number", "literal", "sign", "name")[(found.lastindex or 1) - 1]
            self._tokens.append((kind, found[found.lastindex or 1]))
            at = found.end()
        self._at = 0

    def whole(self) -> Evaluate:
        made = self._binary(0)
        if self._at < len(self._tokens):
            raise self._wrong()
        return made

    def _wrong(self) -> IllegalArgumentException:
        return IllegalArgumentException(f"Invalid XPath '{self._text}'")

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "")

    def _take(self, *signs: str) -> str | None:
        kind, text = self._peek()
        if kind in ("sign", "name") and text in signs:
            self._at += 1
            return text
        return None

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            raise self._wrong()

    def _binary(self, level: int) -> Evaluate:
        if level == len(_LEVELS):
            return self._negated()
        left = self._binary(level + 1)
        while (sign := self._take(*_LEVELS[level])) is not None:
            left = functools.partial(_applied, _LEVELS[level][sign], left, self._binary(level + 1))
        return left

    def _negated(self) -> Evaluate:
        if self._take("-"):
            inner = self._negated()
            return lambda context: -_number(inner(context))
        left = self._path()
        while self._take("|"):
            left = functools.partial(_united, left, self._path())
        return left

    def _path(self) -> Evaluate:
        kind, text = self._peek()
        if kind in ("number", "literal") or text == "(" or (kind == "name" and self._is_call()):
            start = self._primary()
            if self._peek()[1] not in ("/", "//", "["):
                return start
            start = self._with_predicates(start)
            return self._steps(start) if self._peek()[1] in ("/", "//") else start
        if text in ("/", "//"):
            return self._steps(_root)
        return self._steps(self._step(_here))

    def _is_call(self) -> bool:
        return self._peek(1)[1] == "(" and self._peek()[1] not in ("text", "node", "comment")

    def _primary(self) -> Evaluate:
        kind, text = self._peek()
        self._at += 1
        if kind == "number":
            return functools.partial(_constant, float(text))
        if kind == "literal":
            return functools.partial(_constant, text[1:-1])
        if text == "(":
            inner = self._binary(0)
            self._expect(")")
            return inner
        self._expect("(")
        return functools.partial(_called, self._text, text, self._arguments())

    def _arguments(self) -> list[Evaluate]:
        found: list[Evaluate] = []
        while not self._take(")"):
            if found:
                self._expect(",")
            found.append(self._binary(0))
        return found

    def _steps(self, start: Evaluate) -> Evaluate:
        made = start
        while (sign := self._take("/", "//")) is not None:
            if sign == "//":
                made = functools.partial(_descendants, made)
            elif made is _root and self._peek()[0] == "end":
                return made
            made = self._step(made)
        return made

    def _step(self, start: Evaluate) -> Evaluate:
        if self._take("."):
            return start
        if self._take(".."):
            return functools.partial(_parents, start)
        axis = "@" if self._take("@") else ""
        kind, text = self._peek()
        if self._peek(1)[1] == "::":
            raise UnsupportedOperationException(
                f"The XPath {self._text!r} names an axis, which is not offered."
            )
        if kind != "name" and text != "*":
            raise self._wrong()
        self._at += 1
        if self._take("("):
            self._expect(")")
            text += "()"
        return self._with_predicates(functools.partial(_stepped, start, axis + text))

    def _with_predicates(self, made: Evaluate) -> Evaluate:
        while self._take("["):
            made = functools.partial(_kept, made, self._binary(0))
            self._expect("]")
        return made


def _applied(
    apply: Callable[[Value, Value], Value], left: Evaluate, right: Evaluate, context: _Context
) -> Value:
    return apply(left(context), right(context))


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[[Value, Value], Value]:
    return lambda left, right: _compared(compare, left, right)


def _arithmetic(reckon: Callable[[float, float], float]) -> Callable[[Value, Value], Value]:
    return lambda left, right: reckon(_number(left), _number(right))


def _divided(left: float, right: float) -> float:
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
    return left / right


_LEVELS: list[dict[str, Callable[[Value, Value], Value]]] = [
    {"or": lambda left, right: _truth(left) or _truth(right)},
    {"and": lambda left, right: _truth(left) and _truth(right)},
    {"=": _comparison(operator.eq), "!=": _comparison(operator.ne)},
    {"<": _comparison(operator.lt), "<=": _comparison(operator.le),
     ">": _comparison(operator.gt), ">=": _comparison(operator.ge)},
    {"+": _arithmetic(operator.add), "-": _arithmetic(operator.sub)},
    {"*": _arithmetic(operator.mul), "div": _arithmetic(_divided), "mod": _arithmetic(math.fmod)},
]  # fmt: skip


def _constant(value: Value, _: _Context) -> Value:
    return value


def _called(path: str, name: str, arguments: list[Evaluate], context: _Context) -> Value:
    if name in ("position", "last") and not arguments:
        return float(context.position if name == "position" else context.size)
    function = _FUNCTIONS.get(name)
    if function is None:
        raise UnsupportedOperationException(f"The XPath {path!r} calls {name}(), which is not offered.")
    return function(*(argument(context) for argument in arguments))


def _here(context: _Context) -> Value:
    return [context.node]


def _root(context: _Context) -> Value:
    node: Node | Text = context.node
    while node.parent is not None:
        node = node.parent
    return [node]


def _nodes(value: Value) -> Nodes:
    return value if isinstance(value, list) else []


def _united(left: Evaluate, right: Evaluate, context: _Context) -> Value:
    first = _nodes(left(context))
    return first + [node for node in _nodes(right(context)) if node not in first]


def _descendants(start: Evaluate, context: _Context) -> Value:
    found: dict[int, Node | Text] = {}
    for node in _nodes(start(context)):
        for inner in node.walk() if isinstance(node, Node) else ():
            found.setdefault(id(inner), inner)
    return list(found.values())


def _parents(start: Evaluate, context: _Context) -> Value:
    found = {id(node.parent): node.parent for node in _nodes(start(context)) if node.parent is not None}
    return list(found.values())


def _stepped(start: Evaluate, test: str, context: _Context) -> Value:
    return [
        found for node in _nodes(start(context)) if isinstance(node, Node) for found in _tested(node, test)
    ]


def _tested(node: Node, test: str) -> Nodes:
    if test.startswith("@"):
        pairs = node.attributes.items()
        return [Text(value, node, name) for name, value in pairs if test in ("@*", f"@{name}")]
    if test == "text()":
        return [child for child in node.children if isinstance(child, Text)]
    if test == "node()":
        return list(node.children)
    return [child for child in node.elements if test in ("*", child.name)]


def _kept(start: Evaluate, predicate: Evaluate, context: _Context) -> Value:
    groups: dict[int, Nodes] = {}
    for node in _nodes(start(context)):
        groups.setdefault(id(node.parent), []).append(node)
    kept: Nodes = []
    for nodes in groups.values():
        for position, node in enumerate(nodes, 1):
            value = predicate(_Context(node, position, len(nodes)))
            is_wanted = value == position if isinstance(value, float) else _truth(value)
            kept += [node] if is_wanted else []
    return kept


# ---- functions -----------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _compiled(path: str) -> Evaluate:
    return _Parser(path).whole()


def _found(xml: str, path: str) -> Value:
    evaluate = _compiled(path)
    try:
        return evaluate(_Context(parsed(xml), 1, 1))
    except MalformedXml as error:
        raise IllegalArgumentException(f"Error loading expression '{path}': {error}") from error


@by_value
def xpath(xml: str, path: str) -> Sequence[str | None]:
    """The values of the nodes at a path; those of elements are null.

    >>> xpath("<a><b>1</b><b>2</b></a>", "a/b/text()")
    ['1', '2']
    """
    return [node.value for node in _nodes(_found(xml, path))]


@by_value
def xpath_boolean(xml: str, path: str) -> bool:
    """Whether something is at a path, or the truth of an expression."""
    return _truth(_found(xml, path))


@by_value
def xpath_number(xml: str, path: str) -> float:
    """The number at a path; NaN where there is none."""
    return _number(_found(xml, path))


@by_value
def xpath_whole_number(xml: str, path: str, *, bits: int) -> int:
    """The whole number at a path; 0 where there is none."""
    found = _number(_found(xml, path))
    if math.isnan(found):
        return 0
    largest = 1 << (max(bits, 32) - 1)
    number = largest - 1 if found >= largest else -largest if found <= -largest else int(found)
    return (number + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))


@by_value
def xpath_string(xml: str, path: str) -> str:
    """The text at a path."""
    return _text(_found(xml, path))
