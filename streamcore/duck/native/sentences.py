"""Words and sentences of text, as Java's `BreakIterator` parts them."""

from __future__ import annotations

import re

from streamcore.duck.native.registry import by_value

# A mark that ends a sentence, what may stand behind it, and a blank before what is not a small letter.
_SENTENCE = re.compile(r"[.?!]+[\"')\]}\u2019\u201d]*\s+(?=[^a-z])|[?!]+[\"')\]}]*\s+|\n\s*\n")
_WORD = re.compile(r"\w+(?:['\u2019.,\-](?=\w)\w+)*")


@by_value
def sentences(text: str) -> list[list[str]]:
    """The words of each sentence.

    >>> sentences("Hi there! Good morning.")
    [['Hi', 'there'], ['Good', 'morning']]
    """
    return [_WORD.findall(part) for part in _SENTENCE.split(text) if _WORD.search(part)]
