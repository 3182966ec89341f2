"""From a location and settings in Hadoop's names to the keys of the Rust crate `object_store`.

obstore and deltalake take the same keys.  What a setting does not say is found by them, and by us, in the
environment (`AWS_ACCESS_KEY_ID`, `AZURE_STORAGE_ACCOUNT_KEY`, `GOOGLE_APPLICATION_CREDENTIALS`, ...) and
with the services that give a machine its identity.
"""

from __future__ import annotations

from collections.abc import Mapping

from streamcore.storage.objects import azure, gcs, s3
from streamcore.storage.objects.given import given, store_settings
from streamcore.storage.objects.place import Store, place_of


def object_store_options(uri: str, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The keys for the store at `uri`; without `settings`, those of this process.

    Raises StorageRefused for a location that is none, and IllegalArgumentException, which names the
    setting, for one that asks for what is not done.  The result holds secrets: it must not be shown.

    >>> object_store_options("s3a://b/x", {"fs.s3a.endpoint": "http://127.0.0.1:9000"})["aws_endpoint"]
    'http://127.0.0.1:9000'
    """
    place = place_of(uri)
    known = given() if settings is None else store_settings(settings)
    match place.store:
        case Store.S3:
            return s3.options(place, known)
        case Store.AZURE:
            return azure.options(place, known)
        case Store.GCS:
            return gcs.options(known)
