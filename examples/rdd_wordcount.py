"""Count the words of text files with RDDs: `python examples/rdd_wordcount.py README.md --top 5`."""

from __future__ import annotations

import argparse
import re

from streamcore import Context


def words_of(line: str) -> list[str]:
    """Return the words of a line, in lower case."""
    return re.findall(r"[a-z']+", line.lower())


def main() -> None:
    """Print the most frequent words."""
    asked = _arguments()
    with Context("local[*]", "word count") as context:
        lines = context.textFile(asked.path)
        counts = (
            lines.flatMap(words_of).map(lambda word: (word, 1)).reduceByKey(lambda one, other: one + other)
        )
        for word, count in counts.takeOrdered(asked.top, key=lambda pair: (-pair[1], pair[0])):
            print(f"{count:8,}  {word}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="a file, a folder or a glob; gzip is read as well")
    parser.add_argument("--top", type=int, default=20, help="how many words to print; default 20")
    return parser.parse_args()


if __name__ == "__main__":
    main()
