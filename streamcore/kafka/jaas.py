"""User and password out of the text of `sasl.jaas.config`, read as Kafka's Java clients read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streamcore.errors import UnsupportedOperationException

_MODULES: Final = ("PlainLoginModule", "ScramLoginModule")

# Java's StreamTokenizer: quotes of both kinds with backslash escapes that end with their line, comments,
# words, and single characters.
_TOKEN: Final = re.compile(
    r"""(?P<blank>[\x00-\x20]+|//[^\n]*|/\*.*?\*/)
      | "(?P<double>(?:\\.|[^"\\\n])*)"
      | '(?P<single>(?:\\.|[^'\\\n])*)'
      | (?P<word>[\w.$\-]+)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\([0-3][0-7]{0,2}|[4-7][0-7]?|.)", re.DOTALL)
_CONTROL: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def credentials(text: str) -> tuple[str, str]:
    r"""User and password in a JAAS text for PLAIN or SCRAM; the text itself is in no message.

    >>> credentials('org...PlainLoginModule required username="u" password="it\'s; mine";')
    ('u', "it's; mine")
    """
    entry = list(_tokens(text))
    if len(entry) < 3 or not entry[0].text.endswith(_MODULES) or entry[-1] != _END or _END in entry[:-1]:
        raise _not_understood()
    options = entry[2:-1]
    names, signs, values = options[::3], options[1::3], options[2::3]
    if len(options) % 3 or any(sign != _EQUALS for sign in signs):
        raise _not_understood()
    if any(token.is_sign for token in [*names, *values]):
        raise _not_understood()
    found = {name.text: value.text for name, value in zip(names, values, strict=True)}
    if not {"username", "password"} <= found.keys():
        raise _not_understood()
    return found["username"], found["password"]


@dataclass(frozen=True)
class _Token:
    """A text; or a sign, which means nothing but itself."""

    text: str
    is_sign: bool = False


_END: Final = _Token(";", is_sign=True)
_EQUALS: Final = _Token("=", is_sign=True)


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        if kind == "sign":
            yield _Token(found[kind], is_sign=True)
        elif kind == "word":
            yield _Token(found[kind])
        elif kind != "blank":
            yield _Token(_ESCAPE.sub(_unescaped, found[kind]))


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code, 8)) if code.isdigit() and code < "8" else _CONTROL.get(code, code)


def _not_understood() -> UnsupportedOperationException:
    return UnsupportedOperationException(
        "the option kafka.sasl.jaas.config is understood when it is '...PlainLoginModule required "
        'username="..." password="...";\' (or ScramLoginModule), as Java clients write it: a quote or a '
        "backslash within a value stands after a backslash; for others set librdkafka's kafka.sasl.* options"
    )
