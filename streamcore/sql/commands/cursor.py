"""A statement read from left to right."""

from __future__ import annotations

from collections.abc import Sequence

from streamcore.errors import ParseException
from streamcore.plan.expressions import parse_expression
from streamcore.sql.commands.words import Kind, Word, words_of

_OPENING = {"(": ")", "[": "]", "{": "}"}
_OF_TYPES = ("array", "map", "struct", "table")


class Cursor:
    """The words of a statement, and how far it has been read.

    Keywords compare without case; names in backticks and literals are no keywords.  Whoever reads a
    statement says `end()` when nothing may follow.
    """

    def __init__(self, text: str, words: Sequence[Word] | None = None) -> None:
        self.text = text
        self._words = words_of(text) if words is None else words
        self._at = 0
        while self._words and self._words[-1].text == ";":
            self._words = self._words[:-1]

    # ---- keywords --------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether everything has been read."""
        return self._at == len(self._words)

    def sees(self, phrase: str) -> bool:
        """Whether these keywords or signs, parted by spaces, come next."""
        wanted = phrase.split()
        found = self._words[self._at : self._at + len(wanted)]
        return [_keyword(word) for word in found] == wanted

    def has(self, keyword: str) -> bool:
        """Whether a keyword stands somewhere in what is left."""
        return any(_keyword(word) == keyword for word in self._words[self._at :])

    def take(self, phrase: str) -> bool:
        """Reads these keywords if they come next; whether they did."""
        is_next = self.sees(phrase)
        if is_next:
            self._at += len(phrase.split())
        return is_next

    def take_one(self, *phrases: str) -> str | None:
        """Reads the first of the phrases that comes next; None when none does."""
        return next((phrase for phrase in phrases if self.take(phrase)), None)

    def expect(self, *phrases: str) -> str:
        """Reads one of the phrases; raises ParseException for anything else."""
        found = self.take_one(*phrases)
        if found is None:
            raise self.error(f"expected {' or '.join(phrase.upper() for phrase in phrases)}")
        return found

    def end(self) -> None:
        """Raises ParseException when anything is left to read."""
        if not self.is_done:
            raise self.error("expected the end of the statement")

    # ---- names and values ------------------------------------------------------------------------

    def identifier(self) -> str:
        """One part of a name."""
        word = self._next("a name", Kind.WORD, Kind.QUOTED)
        return word.text[1:-1].replace("``", "`") if word.kind is Kind.QUOTED else word.text

    def name(self) -> list[str]:
        """The parts of a name."""
        parts = [self.identifier()]
        while self.take("."):
            parts.append(self.identifier())
        return parts

    def string(self) -> str:
        """The value of a literal in quotes."""
        word = self._next("a literal in quotes", Kind.STRING)
        first = self._at - 1
        while not self.is_done and self._words[self._at].kind is Kind.STRING:
            word = self._next("", Kind.STRING)
        return self._value(self._words[first].start, word.end)

    def literal(self) -> str:
        """The value of one literal in quotes, whatever stands behind it."""
        word = self._next("a literal in quotes", Kind.STRING)
        return self._value(word.start, word.end)

    def _value(self, start: int, end: int) -> str:
        value: str = parse_expression(self.text[start:end]).name
        return value

    def sees_string(self) -> bool:
        """Whether a literal in quotes comes next."""
        return not self.is_done and self._words[self._at].kind is Kind.STRING

    def whole_number(self) -> int:
        """A number without a sign."""
        word = self._next("a whole number", Kind.NUMBER)
        if not word.text.isdigit():
            raise self.error(f"{word.text} is no whole number")
        return int(word.text)

    # ---- pieces of text --------------------------------------------------------------------------

    def rest(self) -> str:
        """What is left, as it is written; raises ParseException when nothing is."""
        found = self.until()
        if not found:
            raise self.error("expected more")
        return found

    def until(self, *phrases: str) -> str:
        """What stands before the first of the phrases that is in no brackets, or everything that is left."""
        first = self._at
        while not self.is_done and not any(map(self.sees, phrases)):
            self._skip()
        return self.text[self._words[first].start : self._words[self._at - 1].end] if first < self._at else ""

    def peek_rest(self) -> str:
        """What is left, as it is written, without reading it."""
        return self.text[self._words[self._at].start : self._words[-1].end] if not self.is_done else ""

    def inside(self) -> str:
        """The text in the brackets that come next, which are read too."""
        if not self.sees("("):
            raise self.error("expected (")
        first = self._words[self._at]
        self._skip()
        return self.text[first.end : self._words[self._at - 1].start]

    def upto(self, *phrases: str) -> Cursor:
        """A cursor over what stands before the first of the phrases that is in no brackets."""
        first = self._at
        self.until(*phrases)
        return Cursor(self.text, self._words[first : self._at])

    def items(self) -> list[Cursor]:
        """What the commas part in the brackets that come next, which are read too."""
        if not self.sees("("):
            raise self.error("expected (")
        first = self._at + 1
        self._skip()
        inner = Cursor(self.text, self._words[first : self._at - 1])
        return inner.parts()

    def parts(self) -> list[Cursor]:
        """What the commas part in all that is left."""
        found = []
        while not self.is_done:
            first = self._at
            while not self.sees(",") and not self.is_done:
                self._skip()
            found.append(Cursor(self.text, self._words[first : self._at]))
            if self.take(",") and self.is_done:
                raise self.error("expected more behind the comma")
        return found

    def error(self, what: str) -> ParseException:
        """That the text does not read on, with what was expected."""
        near = "end of input" if self.is_done else f"'{self._words[self._at].text}'"
        start = len(self.text) if self.is_done else self._words[self._at].start
        line, before = self.text.count("\n", 0, start) + 1, self.text[:start].rpartition("\n")[2]
        return ParseException(
            f"[PARSE_SYNTAX_ERROR] Syntax error at or near {near}: {what}. SQLSTATE: 42601 (line {line}, "
            f"pos {len(before)})\n\n== SQL ==\n{self.text}"
        )

    # ---- steps -----------------------------------------------------------------------------------

    def _next(self, what: str, *kinds: Kind) -> Word:
        if self.is_done or self._words[self._at].kind not in kinds:
            raise self.error(f"expected {what}")
        self._at += 1
        return self._words[self._at - 1]

    def _skip(self) -> None:
        """Passes one word, or everything from an opening bracket to its closing one."""
        text = _keyword(self._words[self._at])
        is_of_type = text in _OF_TYPES and self._sees_after("<")
        self._at += 1
        if is_of_type:
            self._skip_to(">")
        elif text in _OPENING:
            self._at -= 1
            self._skip_to(_OPENING[text])

    def _sees_after(self, sign: str) -> bool:
        return self._at + 1 < len(self._words) and _keyword(self._words[self._at + 1]) == sign

    def _skip_to(self, closing: str) -> None:
        opening, self._at = self._words[self._at].text, self._at + 1
        while not self.is_done and not self.sees(closing):
            self._skip()
        if not self.take(closing):
            raise self.error(f"{opening} has no {closing}")


def _keyword(word: Word) -> str:
    return word.text.lower() if word.kind in (Kind.WORD, Kind.SIGN) else ""
