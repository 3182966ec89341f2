"""Text as words: what a kernel reads, and what it refuses."""

from __future__ import annotations

import pyarrow as pa
import pytest

from streamcore.errors import IllegalArgumentException, QueryExecutionException, UnsupportedOperationException
from streamcore.models.ml.feature import HashingTF, StopWordsRemover
from streamcore.models.ml.feature.hashing import TermCounts
from streamcore.models.ml.feature.ngram import Runs
from streamcore.models.ml.feature.patterns import found, java_pattern, split
from streamcore.models.ml.feature.stop_words import WithoutStopWords, lower_in
from streamcore.models.ml.feature.tokenizer import Words


def test_a_null_is_refused_by_the_name_of_its_column() -> None:
    with pytest.raises(QueryExecutionException, match="Tokenizer found a null in the column `text`"):
        Words("text")(pa.table({"text": pa.array(["a", None])}))


@pytest.mark.parametrize("kernel", [Runs("w", 2), TermCounts("w", 8, binary=False)])
def test_a_part_of_a_column_gives_what_it_gives_alone(kernel) -> None:
    rows = pa.table({"w": [["a", "b"], ["c", "d", "e"], [], ["f", "b"]]})
    whole = kernel(rows).columns[0].to_pylist()
    assert kernel(rows.slice(1, 2)).columns[0].to_pylist() == whole[1:3]
    assert kernel(rows.slice(0, 0)).columns[0].to_pylist() == []
    chunked = pa.concat_tables([rows.slice(0, 1), rows.slice(1)])
    assert kernel(chunked).columns[0].to_pylist() == whole


def test_nulls_among_words_are_no_stop_words() -> None:
    kernel = WithoutStopWords(("w",), frozenset({"a"}), case_sensitive=False, locale="en")
    assert kernel(pa.table({"w": [["A", None, "b"]]})).columns[0].to_pylist() == [[None, "b"]]


@pytest.mark.parametrize(
    ("pattern", "text", "parts"),
    [
        (",", "a,,b,,", ["a", "", "b"]), (",", "", [""]), (",", ",", []), ("", "ab", ["a", "b"]),
        (r"[\p{Punct}&]", "a&b.c", ["a", "b", "c"]), (r"\P{Alpha}+", "ab12cd", ["ab", "cd"]),
        (r"(?<=\d),", "1,x,2,", ["1", "x,2"]), (r"\s", "a\u00a0b", ["a\u00a0b"]),
    ],
)  # fmt: skip
def test_text_is_cut_as_java_cuts_it(pattern, text, parts) -> None:
    assert split(java_pattern(pattern), text) == parts


def test_matches_of_nothing_are_matches() -> None:
    assert found(java_pattern("x*"), "axb") == ["", "x", "", ""]


@pytest.mark.parametrize("pattern", [r"[a-z&&[^b]]", r"\p{L}+", r"\Qa.b\E", r"\h"])
def test_what_python_reads_in_another_way_is_refused(pattern) -> None:
    with pytest.raises(UnsupportedOperationException, match="not offered"):
        java_pattern(pattern)


def test_a_pattern_with_a_mistake_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match=r"in the regular expression \("):
        java_pattern("(")


def test_a_locale_that_is_not_known_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="parameter locale given invalid value xx_YY"):
        StopWordsRemover(inputCol="w", outputCol="o", locale="xx_YY")._require_valid()
    with pytest.raises(UnsupportedOperationException, match="caseSensitive"):
        lower_in("lt")


def test_a_term_of_a_type_without_a_hash_is_refused() -> None:
    with pytest.raises(TypeError, match="date32"):
        TermCounts("w", 8, binary=False)(pa.table({"w": pa.array([[1]], pa.list_(pa.date32()))}))
    assert HashingTF(numFeatures=8).indexOf(None) == 42 % 8
