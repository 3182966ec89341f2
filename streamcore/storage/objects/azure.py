"""Settings of Azure Blob Storage: Hadoop's `fs.azure.*`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from streamcore.storage.objects.place import ObjectPlace
from streamcore.storage.objects.words import Known

_BEGINNING: Final = "fs.azure."
_PUBLIC: Final = re.compile(r"[^.]+\.(dfs|blob)\.(core\.windows\.net|fabric\.microsoft\.com)")
_KEY_OF: Final = re.compile(r"account\.key\.([^.]+)(\..*)?")
_TENANT: Final = re.compile(r"https?://[^/]+/([^/]+)/oauth2(/v2\.0)?/token")
_AUTH: Final = ("SharedKey", "OAuth", "SAS")
_CLIENT_CREDENTIALS: Final = "ClientCredsTokenProvider"
_MANAGED: Final = ("MsiTokenProvider", "WorkloadIdentityTokenProvider")
_NO_EFFECT: Final = (
    "impl", "account.", "sas.", "io.", "read.", "write.", "readahead", "block.", "enable.", "always.",
    "list.", "user.agent",
    "createRemoteFileSystemDuringInitialization", "skipUserGroupMetadataDuringInitialization",
)  # fmt: skip


def options(place: ObjectPlace, settings: Mapping[str, str]) -> dict[str, str]:
    """The keys for a container; a setting that ends in the account's host goes before one without."""
    known = Known(settings, _BEGINNING)
    account = place.account or _account_in_environment() or _only_account(known)
    read = _Of(known, account, place.host)
    found: dict[str, str | None] = {
        "azure_storage_account_name": account,
        "azure_storage_account_key": read.text("account.key"),
        "azure_storage_sas_key": _sas(known, read, place.bucket, account),
        **_oauth(known, read),
    }
    _check_kind(known, read)
    endpoint = os.environ.get("AZURE_STORAGE_ENDPOINT") or os.environ.get("AZURE_ENDPOINT") or ""
    if place.host is not None and "." in place.host and not _PUBLIC.fullmatch(place.host):
        found["azure_storage_endpoint"] = f"https://{place.host}"
    elif endpoint.startswith("http://") or os.environ.get("AZURE_STORAGE_USE_EMULATOR", "").lower() == "true":
        found["allow_http"] = "true"
    known.finish(_NO_EFFECT)
    return {key: value for key, value in found.items() if value is not None}


class _Of:
    """Settings of one account."""

    def __init__(self, known: Known, account: str | None, host: str | None) -> None:
        self._known = known
        hosts = [f"{account}.{kind}.core.windows.net" for kind in ("dfs", "blob")]
        self._endings = [f".{ending}" for ending in (host, *(hosts if account else ()), account) if ending]

    def text(self, name: str) -> str | None:
        found = [self._known.text(name + ending) for ending in (*self._endings, "")]
        return next((value for value in found if value is not None), None)


def _account_in_environment() -> str | None:
    return os.environ.get("AZURE_STORAGE_ACCOUNT_NAME") or os.environ.get("AZURE_STORAGE_ACCOUNT") or None


def _only_account(known: Known) -> str | None:
    """The account of `az://CONTAINER/...` when there are keys of one account alone."""
    accounts = {found[1] for name in known.names() if (found := _KEY_OF.fullmatch(name))}
    return accounts.pop() if len(accounts) == 1 else None


def _sas(known: Known, read: _Of, container: str, account: str | None) -> str | None:
    of_container = known.text(f"sas.{container}.{account}.blob.core.windows.net")
    return read.text("sas.fixed.token") or of_container


def _oauth(known: Known, read: _Of) -> dict[str, str | None]:
    name = "account.oauth.provider.type"
    provider = read.text(name)
    short = (provider or "").rpartition(".")[2]
    if provider is not None and short not in (_CLIENT_CREDENTIALS, *_MANAGED):
        raise known.refuse(
            name, provider, f"streamcore honours {', '.join((_CLIENT_CREDENTIALS, *_MANAGED))}"
        )
    endpoint = read.text("account.oauth2.client.endpoint")
    tenant = _TENANT.fullmatch(endpoint) if endpoint else None
    if endpoint is not None and tenant is None:
        raise known.refuse(
            "account.oauth2.client.endpoint", endpoint, "It should be https://HOST/TENANT/oauth2/token"
        )
    return {
        "azure_storage_client_id": read.text("account.oauth2.client.id"),
        "azure_storage_client_secret": read.text("account.oauth2.client.secret"),
        "azure_storage_tenant_id": tenant[1] if tenant else read.text("account.oauth2.msi.tenant"),
    }


def _check_kind(known: Known, read: _Of) -> None:
    name = "account.auth.type"
    kind = read.text(name)
    if kind is not None and kind.lower() not in {known_kind.lower() for known_kind in _AUTH}:
        raise known.refuse(name, kind, f"streamcore honours {', '.join(_AUTH)}")
