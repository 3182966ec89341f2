"""Clients of obstore: one that tries again by itself, and one that sends each request once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streamcore.distribution import install_command
from streamcore.storage.errors import StorageRefused
from streamcore.storage.objects.place import ObjectPlace, Store
from streamcore.storage.objects.profiles import profile_credentials

if TYPE_CHECKING:
    from obstore.store import AzureStore, GCSStore, S3Store

    ObjectStore = AzureStore | GCSStore | S3Store

_OF_THE_CLIENT: Final = ("allow_http", "connect_timeout", "proxy_url", "timeout")
_RETRIES: Final = 5
_RETRY_TIMEOUT: Final = timedelta(seconds=60)


def client_of(place: ObjectPlace, options: Mapping[str, str], *, retries: bool) -> ObjectStore:
    """A client for the folder of `place`; `options` are those of `object_store_options`.

    Without `retries` every request is sent once, so that whoever asks knows what an answer means.  Raises
    StorageRefused when obstore is missing or the options make no client.
    """
    try:
        import obstore.exceptions
        import obstore.store
    except ImportError:
        way_out = install_command("objects")
        raise StorageRefused(
            f"{place.uri} is on {place.store.value}, for which obstore is missing: {way_out}"
        ) from None
    config: Any = {key: value for key, value in options.items() if key not in _OF_THE_CLIENT}
    common: dict[str, Any] = {
        "prefix": place.prefix or None,
        "client_options": _client_options(options),
        "retry_config": {"max_retries": _RETRIES if retries else 0, "retry_timeout": _RETRY_TIMEOUT},
    }
    try:
        match place.store:
            case Store.S3:
                config["aws_copy_if_not_exists"] = "multipart"
                common["config"] = _s3(config, common)
                return obstore.store.S3Store(place.bucket, **common)
            case Store.AZURE:
                _check_account(config, place)
                return obstore.store.AzureStore(place.bucket, config=config, **common)
            case Store.GCS:
                return obstore.store.GCSStore(place.bucket, config=config, **common)
    except (obstore.exceptions.BaseError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise StorageRefused(f"{place.uri} cannot be reached: {reason}") from None


def _client_options(options: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: options[key] for key in _OF_THE_CLIENT if key in options}
    found["allow_http"] = options.get("allow_http") == "true"
    return {"timeout": "60s", "connect_timeout": "10s", **found}


def _s3(config: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """With the keys of the shared profiles where neither settings nor the environment have any."""
    if "aws_access_key_id" in config or "aws_skip_signature" in config:
        return config
    profile = profile_credentials(os.environ, Path.home())
    if profile is None:
        return config
    common["credential_provider"] = profile
    return {**({"aws_region": profile.region} if profile.region else {}), **config}


def _check_account(config: dict[str, Any], place: ObjectPlace) -> None:
    emulated = os.environ.get("AZURE_STORAGE_USE_EMULATOR", "").lower() == "true"
    if "azure_storage_account_name" not in config and not emulated:
        raise StorageRefused(
            f"{place.uri} names no storage account: write "
            "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH, or set AZURE_STORAGE_ACCOUNT_NAME in the "
            "environment"
        )
