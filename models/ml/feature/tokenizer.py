"""Text as words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.inputs import STRINGS, require
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.patterns import found, java_pattern, split
from streamcore.models.ml.feature.terms import Lists, lists, lowered, texts
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import StringType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_SPACE = r"[ \t\n\x0b\f\r]"


@dataclass(frozen=True)
class Words:
    """Text in lower case, cut at every single white space of ASCII."""

    column: str

    def __call__(self, rows: pa.Table) -> Computed:
        """The words of each row."""
        text = lowered(texts(rows.column(0), self.column, "Tokenizer"))
        cut = lists(pc.split_pattern_regex(text, _SPACE), self.column, "Tokenizer")
        return Computed([_without_empty_ends(cut).to_arrow()])


@dataclass(frozen=True)
class Matches:
    """Text cut at the matches of a pattern, or the matches themselves."""

    column: str
    pattern: str
    gaps: bool
    shortest: int
    in_lower_case: bool

    def __call__(self, rows: pa.Table) -> Computed:
        """The tokens of each row, without those that are too short."""
        text = texts(rows.column(0), self.column, "RegexTokenizer")
        pattern, cut = java_pattern(self.pattern), split if self.gaps else found
        whole = (lowered(text) if self.in_lower_case else text).to_pylist()
        tokens = [[token for token in cut(pattern, one) if _length(token) >= self.shortest] for one in whole]
        return Computed([pa.array(tokens, pa.list_(pa.string()))])


class _OfText(OneColumn, Transformer, Saved):
    """What the tokenizers share: text comes in, arrays of text go out."""

    def _tokenized(self, dataset: DataFrame, function: Words | Matches) -> DataFrame:
        kind = field_of(dataset.schema, self.getInputCol()).dataType
        require(
            isinstance(kind, StringType), f"Input type must be string type but got {kind.simpleString()}."
        )
        output = StructField(self.getOutputCol(), STRINGS)
        return computed(dataset, [self.getInputCol()], [output], function)


class Tokenizer(_OfText):
    """Makes text lower case and cuts it at white space; two spaces give an empty word between them.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([("A  b",)], "text string")
    >>> Tokenizer(inputCol="text", outputCol="words").transform(rows).head().words
    ['a', '', 'b']
    """

    @keyword_only
    def __init__(self, *, inputCol: str | None = None, outputCol: str | None = None) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, inputCol: str | None = None, outputCol: str | None = None) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._tokenized(dataset, Words(self.getInputCol()))


class RegexTokenizer(_OfText):
    """Cuts text at the matches of a regular expression, or takes the matches as tokens (`gaps=False`).

    The pattern is one of Java's. What Python's module `re` reads in another way is refused.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([("A, b,,c",)], "text string")
    >>> RegexTokenizer(inputCol="text", outputCol="words", pattern=",[ ]*").transform(rows).head().words
    ['a', 'b', 'c']
    """

    minTokenLength: Param[int] = Param(
        Params._dummy(), "minTokenLength", "the shortest token that is kept, in UTF-16 units (>= 0)",
        TypeConverters.toInt, at_least(0),
    )  # fmt: skip
    gaps: Param[bool] = Param(
        Params._dummy(), "gaps", "whether the pattern matches what is between tokens, and not the tokens",
        TypeConverters.toBoolean,
    )  # fmt: skip
    pattern: Param[str] = Param(
        Params._dummy(), "pattern", "the regular expression, in Java's syntax", TypeConverters.toString
    )
    toLowercase: Param[bool] = Param(
        Params._dummy(), "toLowercase", "whether text is made lower case first", TypeConverters.toBoolean
    )

    @keyword_only
    def __init__(
        self,
        *,
        minTokenLength: int = 1,
        gaps: bool = True,
        pattern: str = "\\s+",
        inputCol: str | None = None,
        outputCol: str | None = None,
        toLowercase: bool = True,
    ) -> None:
        super().__init__()
        self._setDefault(minTokenLength=1, gaps=True, pattern="\\s+", toLowercase=True)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        minTokenLength: int = 1,
        gaps: bool = True,
        pattern: str = "\\s+",
        inputCol: str | None = None,
        outputCol: str | None = None,
        toLowercase: bool = True,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setMinTokenLength(self, value: int) -> Self:
        """Set `minTokenLength`."""
        return self._set(minTokenLength=value)

    def getMinTokenLength(self) -> int:
        """The shortest token that is kept."""
        return self.getOrDefault(self.minTokenLength)

    def setGaps(self, value: bool) -> Self:
        """Set `gaps`."""
        return self._set(gaps=value)

    def getGaps(self) -> bool:
        """Whether the pattern matches what is between tokens."""
        return self.getOrDefault(self.gaps)

    def setPattern(self, value: str) -> Self:
        """Set `pattern`."""
        return self._set(pattern=value)

    def getPattern(self) -> str:
        """The regular expression."""
        return self.getOrDefault(self.pattern)

    def setToLowercase(self, value: bool) -> Self:
        """Set `toLowercase`."""
        return self._set(toLowercase=value)

    def getToLowercase(self) -> bool:
        """Whether text is made lower case first."""
        return self.getOrDefault(self.toLowercase)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        java_pattern(self.getPattern())
        function = Matches(
            self.getInputCol(),
            self.getPattern(),
            self.getGaps(),
            self.getMinTokenLength(),
            self.getToLowercase(),
        )
        return self._tokenized(dataset, function)


def _without_empty_ends(cut: Lists) -> Lists:
    """Without the empty words at the end of a row, unless nothing was cut there."""
    lengths: Any = pc.binary_length(cut.values).to_numpy(zero_copy_only=False)
    places = np.arange(len(lengths))
    last_word = np.maximum.accumulate(np.where(lengths > 0, places, -1))
    rows = cut.rows
    row_end = cut.offsets[rows + 1] - 1
    behind = places > last_word[row_end] if len(places) else places > 0
    return cut.where(~(behind & (cut.lengths[rows] > 1)))


def _length(token: str) -> int:
    return len(token) if token.isascii() else len(token.encode("utf-16-le")) // 2
