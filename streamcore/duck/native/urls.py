"""Parts of URLs, as Java's `URI` takes them apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException

_WHOLE = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.DOTALL
)
_UNRESERVED = r"A-Za-z0-9\-_.!~*'()"
# Beyond ASCII everything but blanks and control characters may stand in any part.
_OTHER = r"\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\U0010ffff"
_ESCAPED = r"%[0-9A-Fa-f]{2}"


def _made_of(characters: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[{_UNRESERVED}{_OTHER}{characters}]|{_ESCAPED})*\Z")


_PATH = _made_of(r"/;:@&=+$,")
_QUERY = _made_of(r"/;:@&=+$,?\[\]")
_REGISTRY = _made_of(r"$,;:@&=+\[\]")
_USER = _made_of(r";:&=+$,")
_HOST = re.compile(
    r"(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?"
    r"|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+(?:%\w+)?\])\Z"
)
_SERVER = re.compile(r"(?:([^@]*)@)?(\[[^\]]*\]|[^:@]*)(?::(\d*))?\Z")


@dataclass(frozen=True)
class _Uri:
    scheme: str | None
    authority: str | None
    path: str | None
    query: str | None
    fragment: str | None

    @property
    def server(self) -> re.Match[str] | None:
        """User and host of an authority that names a server."""
        found = None if self.authority is None else _SERVER.match(self.authority)
        if found is None or not _HOST.match(found[2]) or not _USER.match(found[1] or ""):
            return None
        return found


def _parsed(text: str) -> _Uri | None:
    """The parts of a URI; None of a text that is none."""
    found = _WHOLE.match(text)
    if found is None:
        return None
    scheme, authority, path, query, fragment = found.groups()
    if scheme is None and ":" in re.split("[/?#]", text, maxsplit=1)[0]:
        return None
    if not _QUERY.match(fragment or "") or (authority == "" and not path):
        return None
    if scheme is not None and authority is None and not path.startswith("/"):
        rest = path if query is None else f"{path}?{query}"
        return _Uri(scheme, None, None, None, fragment) if rest and _QUERY.match(rest) else None
    well_made = _PATH.match(path) and _QUERY.match(query or "") and _REGISTRY.match(authority or "")
    return _Uri(scheme, authority or None, path, query, fragment) if well_made else None


def _file(uri: _Uri) -> str | None:
    return uri.path if uri.query is None else f"{uri.path}?{uri.query}"


def _host(uri: _Uri) -> str | None:
    return uri.server[2] if uri.server else None


def _user(uri: _Uri) -> str | None:
    return uri.server[1] if uri.server else None


_PARTS: dict[str, Callable[[_Uri], str | None]] = {
    "HOST": _host,
    "PATH": lambda uri: uri.path,
    "QUERY": lambda uri: uri.query,
    "REF": lambda uri: uri.fragment,
    "PROTOCOL": lambda uri: uri.scheme,
    "FILE": _file,
    "AUTHORITY": lambda uri: uri.authority,
    "USERINFO": _user,
}


@by_value
def parse_url(url: str, part: str, key: str | None = None, *, fails: bool) -> str | None:
    """A part of a URL, or what a key of its query is set to.

    >>> parse_url("http://u@a.b:80/p?k=1&l=2#r", "QUERY", "l", fails=True)
    '2'
    """
    uri = _parsed(url)
    if uri is None:
        if not fails:
            return None
        raise IllegalArgumentException(
            f"[INVALID_URL] The url is invalid: {url}. Use `try_parse_url` to tolerate invalid URL and "
            "return "
            "NULL instead. SQLSTATE: 22P02"
        )
    if key is not None:
        return _of_key(uri.query, key) if part == "QUERY" else None
    return _PARTS[part](uri) if part in _PARTS else None


def _of_key(query: str | None, key: str) -> str | None:
    found = None if query is None else re.search(f"(&|^){key}=([^&]*)", query)
    return found[2] if found else None
