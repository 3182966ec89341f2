"""Numbers in text by a format (`to_number`, `to_char`) and in any base (`conv`)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal

from streamcore.duck.native.registry import by_value
from streamcore.errors import AnalysisException, ArithmeticException, IllegalArgumentException

_FORMAT = re.compile(r"(MI|S)?(\$)?([09G,]*)(?:([.D])([09G,]*))?(\$)?(MI|S|PR)?")
_TOKENS = re.compile(r"PR|MI|[S$.D]|[09G,]+|.", re.DOTALL)
_WHAT = {".": ". or D", "D": ". or D"}


@dataclass(frozen=True)
class NumberFormat:
    """A format such as `$9,999.00S`, taken apart.

    Parameters
    ----------
    groups
        The digits before the point: how many each group has, and whether exactly so many.
    fraction
        How many digits behind the point.
    """

    text: str
    first_sign: str
    dollar: str
    groups: tuple[tuple[int, bool], ...]
    point: str
    fraction: int
    last_sign: str

    @property
    def whole(self) -> int:
        """How many digits before the point."""
        return sum(count for count, _ in self.groups)

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches a number so written; its groups of digits are counted apart."""
        sign = {"S": "(?P<sign>[+-])?", "MI": "(?P<sign>-)?"}
        brackets = self.last_sign == "PR"
        return re.compile(
            ("(?P<open><)?" if brackets else "")
            + sign.get(self.first_sign, "")
            + re.escape(self.dollar)
            + (r"(?P<whole>[\d,\s]*)" if self.groups else "(?P<whole>)")
            + (rf"(?:\.(?P<part>[\d\s]{'*' if self.fraction else '{0}'}))?" if self.point else "(?P<part>)")
            + sign.get(self.last_sign, "")
            + ("(?(open)>)" if brackets else "")
        )


def number_format(text: str) -> NumberFormat:
    """The format that `text` writes.  Raises AnalysisException when it is none."""
    given = text.upper()
    if not given:
        raise _invalid("EMPTY", given, "The number format string cannot be empty.")
    if not re.search("[09]", given):
        raise _invalid("WRONG_NUM_DIGIT", given, "The format string requires at least one number digit.")
    _check_dollar(given)
    _check_separators(given)
    _check_once(given)
    found = _FORMAT.fullmatch(given)
    if found is None or found[6]:
        raise _unexpected(given)
    first, dollar, whole, point, part, _, last = (group or "" for group in found.groups())
    groups = tuple((len(g), g.startswith("0")) for g in re.split("[G,]", whole)) if whole else ()
    return NumberFormat(given, first, dollar, groups, point, len(part), last)


def _check_dollar(text: str) -> None:
    first_digit = min(at for at in (text.find("0"), text.find("9")) if at >= 0)
    if text.find("$") > first_digit:
        raise _invalid("CUR_MUST_BEFORE_DIGIT", text, "Currency characters must appear before any digits.")


def _check_separators(text: str) -> None:
    before, _, after = re.sub("D", ".", text).partition(".")
    for digits in re.findall("[09G,]+", before):
        if "" in re.split("[G,]", digits):
            raise _invalid(
                "CONT_THOUSANDS_SEPS", text,
                "Thousands separators (, or G) must have digits in between them.",
            )  # fmt: skip
    if re.search("[G,]", after):
        raise _invalid(
            "THOUSANDS_SEPS_MUST_BEFORE_DEC", text,
            "Thousands separators (, or G) may not appear after the decimal point in the number format.",
        )  # fmt: skip


def _check_once(text: str) -> None:
    tokens = _TOKENS.findall(text.replace("D", "."))
    for mark in (".", "S", "MI", "$", "PR"):
        if tokens.count(mark) > 1:
            raise _invalid("WRONG_NUM_TOKEN", text, f"At most one {_WHAT.get(mark, mark)} is allowed.")


def _unexpected(text: str) -> AnalysisException:
    """The first token from which on the text is no format."""
    end = 0
    for token in _TOKENS.finditer(text):
        if not _could_begin(text[: token.end()]):
            break
        end = token.end()
    wrong = _TOKENS.match(text, end)
    shown = "" if wrong is None else wrong[0]
    if not re.fullmatch(r"PR|MI|[S$.D]|[09G,]+", shown):
        shown = f"character '{shown}''"
    elif re.fullmatch("[09G,]+", shown):
        shown = "digit sequence"
    return _invalid(
        "UNEXPECTED_TOKEN", text,
        f"Found the unexpected {_WHAT.get(shown, shown)} in the format string; the structure of the format "
        "string must match: `[MI|S]` `[$]` `[0|9|G|,]*` `[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`.",
    )  # fmt: skip


def _could_begin(text: str) -> bool:
    return _FORMAT.fullmatch(text) is not None


def _invalid(kind: str, text: str, why: str) -> AnalysisException:
    return AnalysisException(
        f"[INVALID_FORMAT.{kind}] The format is invalid: '{text}'. {why} SQLSTATE: 42601"
    )


_format = functools.lru_cache(number_format)


@by_value
def to_number(text: str, *, form: str, fails: bool) -> Decimal | None:
    """The number that text writes by a format; an error, or null, when it does not.

    >>> to_number("12,454.8-", form="99,999.9S", fails=True)
    Decimal('-12454.8')
    """
    number = _number(text, _format(form))
    if number is None and fails:
        raise IllegalArgumentException(
            f'[INVALID_FORMAT.MISMATCH_INPUT] The format is invalid: {form}. The input "STRING" {text} '
            "does not "
            "match the format. SQLSTATE: 42601"
        )
    return number


def _number(text: str, form: NumberFormat) -> Decimal | None:
    found = form.pattern.fullmatch(text)
    if found is None:
        return None
    named = found.groupdict()
    whole, part = (re.sub(r"\s", "", named[name] or "") for name in ("whole", "part"))
    counts = [len(group) for group in whole.split(",")]
    if len(part) > form.fraction or not (whole.replace(",", "") or part) or not _fits(counts, form.groups):
        return None
    negative = named.get("sign") == "-" or named.get("open") is not None
    return Decimal(f"{'-' if negative else ''}{whole.replace(',', '')}.{part.ljust(form.fraction, '0')}")


def _fits(counts: list[int], groups: tuple[tuple[int, bool], ...]) -> bool:
    """Whether groups of so many digits are those of the format, seen from the point."""
    if not groups:
        return counts == [0]
    if len(counts) > len(groups):
        return False
    padded = [0] * (len(groups) - len(counts)) + counts
    return all(n == m if exactly else n <= m for n, (m, exactly) in zip(padded, groups, strict=True))


@by_value
def to_char(number: Decimal, *, form: str) -> str:
    """A number as a format writes it; `#` for digits that have no room.

    >>> to_char(Decimal("-12454.8"), form="99G999D9S")
    '12,454.8-'
    """
    found = _format(form)
    before, _, after = f"{abs(number):f}".partition(".")
    before, after = before.lstrip("0"), after.rstrip("0")
    if len(before) > found.whole or len(after) > found.fraction:
        before, after = "#" * found.whole, "#" * found.fraction
    is_negative = number < 0
    text = "<" if found.last_sign == "PR" and is_negative else ""
    text = _with_sign(text, found.first_sign, is_negative) + found.dollar
    text = _with_digits(text, before.rjust(found.whole), found.groups)
    if found.point:
        text = (text[:-1] + "0" if text.endswith(" ") else text) + "." + after.ljust(found.fraction, "0")
    text = _without_lone_point(_with_sign(text, found.last_sign, is_negative))
    return "0" if text in ("", "+", "-") else text


def _with_sign(text: str, sign: str, is_negative: bool) -> str:
    if sign == "":
        return text
    if not is_negative and sign != "S":
        # The room that the sign of a negative number would take.
        return _without_lone_point(text) + "  " if sign == "PR" else text + " "
    text = _without_lone_point(text)
    written = ">" if sign == "PR" else "-" if is_negative else "+"
    digits = text.rstrip(" ")
    return digits + written + text[len(digits) :]


def _without_lone_point(text: str) -> str:
    return re.sub(r"\.(?= |\Z)", " ", text, count=1) if "." in text else text


def _with_digits(text: str, digits: str, groups: tuple[tuple[int, bool], ...]) -> str:
    at = 0
    for place, (count, exactly) in enumerate(groups):
        if place:
            text = text + "," if text[-1:].isdigit() else _with_space(text)
        for digit in digits[at : at + count]:
            if digit == " ":
                text = text + "0" if exactly else _with_space(text)
            else:
                text += digit
        at += count
    return text


def _with_space(text: str) -> str:
    """A space in front of the sign that the text ends with."""
    before = text.rstrip("+-<")
    return before + " " + text[len(before) :]


# ---- bases ---------------------------------------------------------------------------------------

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNSIGNED = 1 << 64


@by_value
def conv(text: str, source: int, target: int, *, fails: bool) -> str | None:
    """A number from one base to another; a negative target shows a signed number.

    >>> conv("100", 2, 10, fails=True), conv("-10", 16, -10, fails=True)
    ('4', '-16')
    """
    if not (2 <= source <= 36 and 2 <= abs(target) <= 36) or not text.strip(" "):
        return None
    text = text.strip(" ").lower()
    is_negative = text.startswith("-")
    digits = text[1:] if is_negative else text
    allowed = _DIGITS[:source]
    known = next((at for at, digit in enumerate(digits) if digit not in allowed), len(digits))
    value = int(digits[:known] or "0", source)
    if value >= _UNSIGNED:
        if fails:
            raise ArithmeticException(
                "[ARITHMETIC_OVERFLOW] Overflow in function conv(). If necessary set "
                '"spark.sql.ansi.enabled" to '
                '"false" to bypass this error. SQLSTATE: 22003'
            )
        value = _UNSIGNED - 1
    return _in_base(_as_shown(value, is_negative, signed=target < 0), abs(target))


def _as_shown(value: int, is_negative: bool, *, signed: bool) -> int:
    if is_negative:
        # A number that 63 bits cannot hold counts as the largest unsigned one.
        value = -value % _UNSIGNED if value < _UNSIGNED // 2 or signed else _UNSIGNED - 1
    return value - _UNSIGNED if signed and value >= _UNSIGNED // 2 else value


def _in_base(value: int, base: int) -> str:
    left, digits = abs(value), ""
    while left:
        left, digit = divmod(left, base)
        digits = _DIGITS[digit].upper() + digits
    return ("-" if value < 0 else "") + (digits or "0")
