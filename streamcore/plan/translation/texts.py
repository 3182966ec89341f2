"""Text by functions that are written in Python: codes, masks, URLs, UTF-8."""

from __future__ import annotations

from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BINARY, BOOLEAN, STRING
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import cast_arguments, native, natively
from streamcore.spi.types import ArrayType

natively("soundex", "s", STRING, "texts.soundex")
natively("luhn_check", "s", BOOLEAN, "texts.luhn_check", nullable=True)
natively("quote", "s", STRING, "texts.quote", nullable=True)
natively("to_base32", "x", STRING, "texts.to_base32")
natively("from_base32", "s", BINARY, "texts.from_base32")
# Text may hold bytes that are not UTF-8 only where it was made of binary.
natively("is_valid_utf8", "x", BOOLEAN, "texts.is_valid_utf8", nullable=True)
natively("make_valid_utf8", "x", STRING, "texts.make_valid_utf8", nullable=True)
natively("validate_utf8", "x", STRING, "texts.validate_utf8", nullable=True, fails=True)
natively("try_validate_utf8", "x", STRING, "texts.validate_utf8", nullable=True, fails=False)


@function("parse_url", "try_parse_url", takes="url, partToExtract, key?")
def _parse_url(call: Call) -> Compiled:
    fails = call.context.ansi and call.name == "parse_url"
    arguments = cast_arguments(call, "ss", optional="s")
    return native("urls.parse_url", arguments, STRING, {"fails": fails}, nullable=True)


_MASKS = ("X", "x", "n", None)


@function(
    "mask",
    takes="str, upperChar = 'X', lowerChar = 'x', digitChar = 'n', otherChar = NULL",
    takes_names=True,
)
def _mask(call: Call) -> Compiled:
    call.expect(1, 5)
    masks = [_mask_character(call, at, default) for at, default in enumerate(_MASKS, start=1)]
    text = cast(call.arg(0), STRING, call.context)
    return native("texts.mask", [text], STRING, dict(zip(_MASK_NAMES, masks, strict=True)), nullable=True)


_MASK_NAMES = ("upper", "lower", "digit", "other")


def _mask_character(call: Call, at: int, default: str | None) -> str | None:
    found = call.constant(at, default)
    if found is not None and (not isinstance(found, str) or len(found) != 1):
        raise call.error(f"argument {at + 1} must be one character")
    return found


@function("sentences", takes="str, lang = '', country = ''")
def _sentences(call: Call) -> Compiled:
    call.expect(1, 3)
    # The words of every language are told apart by the same rules.
    for at in range(1, len(call.nodes)):
        call.arg(at)
    text = cast(call.arg(0), STRING, call.context)
    words = ArrayType(ArrayType(STRING, containsNull=False), containsNull=False)
    return native("sentences.sentences", [text], words, nullable=True)
