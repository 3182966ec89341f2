"""Settings of Google Cloud Storage: the connector's `fs.gs.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streamcore.storage.objects.words import Known

_BEGINNING: Final = "fs.gs."
_KEYFILE: Final = "SERVICE_ACCOUNT_JSON_KEYFILE"
_ANONYMOUS: Final = "UNAUTHENTICATED"
_AUTH: Final = (_KEYFILE, _ANONYMOUS, "APPLICATION_DEFAULT", "COMPUTE_ENGINE")
_NO_EFFECT: Final = (
    "impl", "auth.service.account.enable", "project.id", "block.", "copy.", "create.", "glob.", "grpc.",
    "hierarchical.", "http.", "implicit.", "inputstream.", "list.", "max.", "outputstream.", "performance.",
    "reported.", "rewrite.", "status.", "working.", "application.name", "batch.", "bucket.", "cooperative.",
)  # fmt: skip


def options(settings: Mapping[str, str]) -> dict[str, str]:
    """The keys for any bucket."""
    known = Known(settings, _BEGINNING)
    kind = known.text("auth.type")
    if kind is not None and kind.upper() not in _AUTH:
        raise known.refuse("auth.type", kind, f"streamcore honours {', '.join(_AUTH)}")
    found = {
        "google_service_account": known.text("auth.service.account.json.keyfile"),
        "google_base_url": known.text("storage.root.url"),
        "google_skip_signature": "true" if kind is not None and kind.upper() == _ANONYMOUS else None,
    }
    if (found["google_base_url"] or "").startswith("http://"):
        found["allow_http"] = "true"
    known.finish(_NO_EFFECT)
    return {key: value.rstrip("/") for key, value in found.items() if value is not None}
