"""Arrays of words without the words that say little."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import UnsupportedOperationException
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns
from streamcore.models.ml.feature.inputs import STRINGS, holds_strings, require
from streamcore.models.ml.feature.terms import lists
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

LANGUAGES = (
    "french", "spanish", "german", "finnish", "russian", "norwegian", "dutch", "danish", "hungarian",
    "italian", "swedish", "portuguese", "turkish", "english",
)  # fmt: skip
_LOCALE = re.compile(r"(?P<language>[a-z]{2})(_[A-Z]{2}|_\d{3})?")
_KNOWN = frozenset({  # ISO 639-1
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bh", "bi",
    "bm", "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv",
    "dz", "ee", "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd",
    "gl", "gn", "gu", "gv", "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig",
    "ii", "ik", "io", "is", "it", "iu", "iw", "ja", "ji", "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km",
    "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky", "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv",
    "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my", "na", "nb", "nd", "ne", "ng", "nl", "nn",
    "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os", "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn",
    "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk", "sl", "sm", "sn", "so", "sq", "sr", "ss",
    "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl", "tn", "to", "tr", "ts", "tt", "tw",
    "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi", "yo", "za", "zh", "zu",
})  # fmt: skip
_DOTLESS = frozenset({"az", "tr"})
_UNLIKE_ALL = frozenset({"lt"})


@dataclass(frozen=True)
class WithoutStopWords:
    """Arrays of words without some words, for each column alike."""

    columns: tuple[str, ...]
    stop_words: frozenset[str]
    case_sensitive: bool
    locale: str

    def __call__(self, rows: pa.Table) -> Computed:
        """The words that stay."""
        return Computed([self._filtered(rows.column(at), name) for at, name in enumerate(self.columns)])

    def _filtered(self, column: pa.ChunkedArray, name: str) -> pa.ListArray:
        found = lists(column, name, "StopWordsRemover")
        return found.where(self._stay(found.values)).to_arrow()

    def _stay(self, words: pa.Array) -> npt.NDArray[np.bool_]:
        coded = words.dictionary_encode()
        fold = str if self.case_sensitive else lower_in(self.locale)
        stops = self.stop_words if self.case_sensitive else frozenset(map(fold, self.stop_words))
        stay = np.array([fold(word) not in stops for word in coded.dictionary.to_pylist()], np.bool_)
        codes = pc.fill_null(coded.indices, len(stay)).to_numpy(zero_copy_only=False)
        kept: npt.NDArray[np.bool_] = np.append(stay, np.True_)[codes]
        return kept


class StopWordsRemover(OneOrSeveralColumns, Transformer, Saved):
    """Takes stop words out of arrays of words; nulls among the words stay.

    Without `stopWords` it has those of English; `loadDefaultStopWords` has other languages'.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([(["The", "fox"],)], "words array<string>")
    >>> StopWordsRemover(inputCol="words", outputCol="rest").transform(rows).head().rest
    ['fox']
    """

    stopWords: Param[list[str]] = Param(
        Params._dummy(), "stopWords", "the words that are taken out", TypeConverters.toListString
    )
    caseSensitive: Param[bool] = Param(
        Params._dummy(), "caseSensitive", "whether words are compared as they are written",
        TypeConverters.toBoolean,
    )  # fmt: skip
    locale: Param[str] = Param(
        Params._dummy(), "locale", "by whose rules words become lower case when case does not count",
        TypeConverters.toString, lambda value: _language(value) in _KNOWN,
    )  # fmt: skip

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        stopWords: list[str] | None = None,
        caseSensitive: bool = False,
        locale: str | None = None,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(stopWords=self.loadDefaultStopWords("english"), caseSensitive=False, locale="en_US")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        stopWords: list[str] | None = None,
        caseSensitive: bool = False,
        locale: str | None = None,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setStopWords(self, value: list[str]) -> Self:
        """Set `stopWords`."""
        return self._set(stopWords=value)

    def getStopWords(self) -> list[str]:
        """The words that are taken out."""
        return self.getOrDefault(self.stopWords)

    def setCaseSensitive(self, value: bool) -> Self:
        """Set `caseSensitive`."""
        return self._set(caseSensitive=value)

    def getCaseSensitive(self) -> bool:
        """Whether words are compared as they are written."""
        return self.getOrDefault(self.caseSensitive)

    def setLocale(self, value: str) -> Self:
        """Set `locale`."""
        return self._set(locale=value)

    def getLocale(self) -> str:
        """By whose rules words become lower case."""
        return self.getOrDefault(self.locale)

    @staticmethod
    def loadDefaultStopWords(language: str) -> list[str]:
        """The stop words of a language: one of `LANGUAGES`, by its English name.

        >>> StopWordsRemover.loadDefaultStopWords("danish")[:3]
        ['og', 'i', 'jeg']
        """
        require(
            language in LANGUAGES,
            f"{language} is not in the supported language list: {', '.join(LANGUAGES)}.",
        )
        folder = resources.files("streamcore.models.ml.feature") / "stopwords"
        return (folder / f"{language}.txt").read_text(encoding="utf-8").split()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        pairs = self._pairs()
        for name, _ in pairs:
            kind = field_of(dataset.schema, name).dataType
            require(holds_strings(kind), f"Input type must be array<string> but got {kind.simpleString()}.")
        inputs = [name for name, _ in pairs]
        function = WithoutStopWords(
            tuple(inputs), frozenset(self.getStopWords()), self.getCaseSensitive(), self.getLocale()
        )
        return computed(dataset, inputs, [StructField(name, STRINGS) for _, name in pairs], function)


def lower_in(locale: str) -> Callable[[str], str]:
    r"""The function that makes a word lower case in a locale such as `tr` or `en_US`.

    >>> lower_in("tr")("I") == "\N{LATIN SMALL LETTER DOTLESS I}", lower_in("en")("I")
    (True, 'i')
    """
    language = _language(locale)
    if language in _UNLIKE_ALL:
        raise UnsupportedOperationException(
            f"StopWordsRemover does not know the lower case of the locale {locale!r}: set caseSensitive=True"
        )
    return _lower_dotless if language in _DOTLESS else str.lower


def _language(locale: str) -> str | None:
    match = _LOCALE.fullmatch(locale)
    return match["language"] if match else None


def _lower_dotless(word: str) -> str:
    dotted = word.replace("I\u0307", "i").replace("\u0130", "i")
    return dotted.replace("I", "\N{LATIN SMALL LETTER DOTLESS I}").lower()
