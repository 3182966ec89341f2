"""What went wrong at an object store, in words that hold no key.

obstore's errors carry the whole request, whose URL may hold a signature: they are neither shown nor chained.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from streamcore.storage.errors import StorageError, StorageFull

_FINAL: Final = (
    "InvalidPathError", "NotSupportedError", "PermissionDeniedError", "UnauthenticatedError",
    "UnknownConfigurationKeyError",
)  # fmt: skip
_PASSING: Final = ("408", "409", "425", "429")
_CODE: Final = re.compile(r"<Code>([^<]*)</Code>\s*<Message>([^<]*)</Message>")
_STATUS: Final = re.compile(r"status code: (\d+ [A-Za-z ]+)")
_QUERY: Final = re.compile(r"\?[^\s)]*")
_FULL: Final = re.compile(r"status code: 507|QuotaExceeded|InsufficientStorage|StorageFull")
_ELSEWHERE: Final = re.compile(r"status code: 30[17]|PermanentRedirect|AuthorizationHeaderMalformed")


def kinds_of_failure() -> tuple[type[Exception], ...]:
    """What obstore raises, but for FileNotFoundError."""
    from obstore.exceptions import BaseError

    return (BaseError, OSError, ValueError)


@contextlib.contextmanager
def named_failures(act: str, path: str, location: str) -> Iterator[None]:
    """Raises StorageError, worded by `object_error`, for what obstore raises inside.

    FileNotFoundError, which names `path`, is for readers only; to others it says that there is no bucket.
    """
    try:
        yield
    except FileNotFoundError as error:
        if act != "read":
            raise object_error(act, path, location, error) from None
        raise FileNotFoundError(f"{path} under {location}") from None
    except kinds_of_failure() as error:
        raise object_error(act, path, location, error) from None


def is_final(error: BaseException) -> bool:
    """Whether the same request would fail again."""
    if type(error).__name__ in _FINAL or isinstance(error, FileNotFoundError):
        return True
    status = _STATUS.search(str(error))
    return status is not None and status[1].startswith("4") and status[1][:3] not in _PASSING


def reason_of(error: BaseException) -> str:
    """The reason on one line: the store's own words where it sent some.

    >>> reason_of(RuntimeError("PUT http://h/b?sig=k - Server returned non-2xx status code: 403 Forbidden"))
    '403 Forbidden'
    >>> reason_of(RuntimeError("error sending request for url (http://h/b?sig=k): refused"))
    'error sending request for url (http://h/b): refused'
    """
    text = str(error).partition("\n\nDebug source")[0]
    if _ELSEWHERE.search(text):
        return "the bucket is in another region: set spark.hadoop.fs.s3a.endpoint.region, or AWS_REGION"
    code, status = _CODE.search(text), _STATUS.search(text)
    if code:
        return f"{code[2]} ({code[1]})".strip()
    if status:
        return status[1].strip()
    return _QUERY.sub("", text.partition("\n")[0])


def object_error(act: str, path: str, location: str, error: BaseException) -> StorageError:
    """The error to raise for `error`, met while doing `act` ("write", "read", "list", "remove")."""
    kind = StorageFull if _FULL.search(str(error)) else StorageError
    return kind(f"cannot {act} {path!r} under {location}: {reason_of(error)}")
