"""The session's settings of object stores as pyiceberg's properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streamcore.errors import IllegalArgumentException
from streamcore.storage.objects.options import object_store_options
from streamcore.storage.objects.place import is_object_uri

_NAMES: Final = {
    "aws_access_key_id": "s3.access-key-id",
    "aws_secret_access_key": "s3.secret-access-key",
    "aws_session_token": "s3.session-token",
    "aws_endpoint": "s3.endpoint",
    "aws_region": "s3.region",
    "aws_virtual_hosted_style_request": "s3.force-virtual-addressing",
    "aws_skip_signature": "s3.anonymous",
    "proxy_url": "s3.proxy-uri",
    "azure_storage_account_name": "adls.account-name",
    "azure_storage_account_key": "adls.account-key",
    "azure_storage_sas_key": "adls.sas-token",
    "google_base_url": "gcs.service.host",
}
# What the scheme of an endpoint says, and how long a request may take, is left to pyiceberg.
_LEFT_OUT: Final = ("allow_http", "timeout", "connect_timeout")


def store_properties(location: str | None) -> dict[str, str]:
    """The properties for files at a location; none for one on a disk.

    Raises IllegalArgumentException for a setting that pyiceberg has no word for. They hold secrets.
    """
    if location is None or not is_object_uri(location):
        return {}
    return as_properties(object_store_options(location))


def as_properties(keys: Mapping[str, str]) -> dict[str, str]:
    """Keys of the Rust crate `object_store` as pyiceberg's properties.

    >>> as_properties({"aws_region": "eu-west-1", "allow_http": "true"})
    {'s3.region': 'eu-west-1'}
    """
    unknown = sorted(key for key in keys if key not in _NAMES and key not in _LEFT_OUT)
    if unknown:
        raise IllegalArgumentException(
            f"Iceberg tables on an object store cannot take over {', '.join(unknown)} from the session's "
            "settings: say it in pyiceberg's words, spark.sql.catalog.<name>.s3.* (adls.*, gcs.*), and leave "
            "the setting out"
        )
    return {_NAMES[key]: value for key, value in keys.items() if key in _NAMES}
