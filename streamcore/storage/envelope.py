"""The three lines of a JSON file that must not be trusted unseen: a header, the body, and a checksum of both.

streamcore offsets 2
{"batch_id":0,...}
sha256 5f8a...
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable


class NotWhole(ValueError):
    """A file that was truncated, edited or damaged; the message says how it shows."""


def seal(header: str, body: str) -> bytes:
    """The bytes of a file with this header and a one-line body.

    >>> print(seal("streamcore offsets 2", "{}").decode(), end="")
    streamcore offsets 2
    {}
    sha256 ed3d59bc41fe0a3fc294983f0fd7fffccd83ccdc32e5f4383d7c8f01141bd638
    """
    text = f"{header}\n{body}\n"
    return f"{text}sha256 {hashlib.sha256(text.encode()).hexdigest()}\n".encode()


def unseal(data: bytes, check_header: Callable[[str], None]) -> str:
    """The body inside `data`; NotWhole when it is not what was sealed.

    `check_header` sees the first line before the others are looked at, and raises when it does not fit.
    """
    if not data:
        raise NotWhole("it is empty")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise NotWhole("it is not text") from None
    lines = text.split("\n")
    check_header(lines[0])
    if len(lines) != 4 or lines[3]:
        raise NotWhole("it does not have its three lines: it was truncated or edited")
    if data != seal(lines[0], lines[1]):
        raise NotWhole("its checksum does not fit its content: it was edited or damaged")
    return lines[1]
