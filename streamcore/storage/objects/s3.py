"""Settings of Amazon S3 and of what speaks its protocol: Hadoop's `fs.s3a.*`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from streamcore.storage.objects.place import ObjectPlace
from streamcore.storage.objects.words import Known

_BEGINNING: Final = "fs.s3a."
_AMAZON: Final = re.compile(r"(https?://)?s3(?:[.-](?P<region>[a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?/?")
_ANONYMOUS: Final = ("AnonymousAWSCredentialsProvider", "AnonymousCredentialsProvider")
_BY_KEY: Final = ("SimpleAWSCredentialsProvider", "TemporaryAWSCredentialsProvider")
_CHAIN: Final = (
    "EnvironmentVariableCredentialsProvider", "IAMInstanceCredentialsProvider",
    "InstanceProfileCredentialsProvider", "EC2ContainerCredentialsProviderWrapper",
    "ContainerCredentialsProvider", "WebIdentityTokenCredentialsProvider",
    "WebIdentityTokenFileCredentialsProvider", "DefaultAWSCredentialsProviderChain",
    "DefaultCredentialsProvider", "ProfileCredentialsProvider", "ProfileAWSCredentialsProvider",
)  # fmt: skip
_ENCRYPTION: Final = {"AES256": "AES256", "SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}
_NO_EFFECT: Final = (
    "impl", "attempts.", "block.size", "buffer.dir", "committer.", "connection.maximum", "create.",
    "directory.marker", "downgrade.", "etag.", "executor.", "experimental.", "fast.upload", "list.",
    "max.total.tasks", "multiobjectdelete.", "multipart.", "optimized.copy", "paging.", "performance.",
    "readahead.", "retry.", "select.", "socket.", "threads.", "user.agent.", "vectored.", "input.fadvise",
)  # fmt: skip
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def options(place: ObjectPlace, settings: Mapping[str, str]) -> dict[str, str]:
    """The keys for a bucket; `fs.s3a.bucket.NAME.*` goes before `fs.s3a.*`."""
    known = Known(_of_bucket(place.bucket, settings), _BEGINNING)
    found = {
        "aws_access_key_id": known.text("access.key"),
        "aws_secret_access_key": known.text("secret.key"),
        "aws_session_token": known.text("session.token"),
        "aws_region": known.text("endpoint.region"),
        "timeout": known.seconds("connection.timeout"),
        "connect_timeout": known.seconds("connection.establish.timeout"),
        **_credentials(known),
        **_encryption(known),
        **_proxy(known),
    }
    if known.flag("requester.pays.enabled"):
        found["aws_request_payer"] = "true"
    found |= _address(place.bucket, known, found["aws_region"])
    known.finish(_NO_EFFECT)
    return {key: value for key, value in found.items() if value is not None}


def _of_bucket(bucket: str, settings: Mapping[str, str]) -> dict[str, str]:
    own = f"{_BEGINNING}bucket.{bucket}."
    everybody = {k: v for k, v in settings.items() if not k.startswith(f"{_BEGINNING}bucket.")}
    of_own = {_BEGINNING + k.removeprefix(own): v for k, v in settings.items() if k.startswith(own)}
    return {**everybody, **of_own}


def _address(bucket: str, known: Known, region: str | None) -> dict[str, str | None]:
    endpoint, is_secure = known.text("endpoint"), known.flag("connection.ssl.enabled")
    path_style = known.flag("path.style.access")
    amazon = _AMAZON.fullmatch(endpoint) if endpoint else None
    if amazon:
        endpoint = None
    region = region or (amazon["region"] if amazon else None)
    found: dict[str, str | None] = {"aws_region": region}
    if endpoint is None and not amazon:
        from_environment = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), "")
        if from_environment.startswith("http://"):
            found["allow_http"] = "true"
    if endpoint is not None:
        if "://" not in endpoint:
            endpoint = f"{'http' if is_secure is False else 'https'}://{endpoint}"
        # Servers of one's own have no names for buckets, unless somebody says that they do.
        if path_style is False:
            endpoint = endpoint.replace("://", f"://{bucket}.", 1)
        if endpoint.startswith("http://"):
            found["allow_http"] = "true"
        found["aws_endpoint"] = endpoint.rstrip("/")
        found["aws_region"] = region or os.environ.get("AWS_REGION") or "us-east-1"
    if path_style is not None:
        found["aws_virtual_hosted_style_request"] = "false" if path_style else "true"
    return found


def _credentials(known: Known) -> dict[str, str]:
    name = "aws.credentials.provider"
    given = known.text(name)
    classes = [part.strip().rpartition(".")[2] for part in (given or "").split(",") if part.strip()]
    for one in classes:
        if one not in (*_ANONYMOUS, *_BY_KEY, *_CHAIN):
            raise known.refuse(
                name,
                str(given),
                "streamcore takes keys from settings, the environment, profiles and the identity of the "
                "machine, in this order; leave the setting out",
            )
    return {"aws_skip_signature": "true"} if classes and classes[0] in _ANONYMOUS else {}


def _encryption(known: Known) -> dict[str, str | None]:
    older = known.text("server-side-encryption-algorithm")
    algorithm = known.text("encryption.algorithm") or older
    older_key = known.text("server-side-encryption.key")
    key = known.text("encryption.key") or older_key
    if algorithm is None:
        return {}
    if algorithm not in _ENCRYPTION:
        listed = ", ".join(_ENCRYPTION)
        raise known.refuse("encryption.algorithm", algorithm, f"streamcore honours {listed}")
    return {"aws_server_side_encryption": _ENCRYPTION[algorithm], "aws_sse_kms_key_id": key}


def _proxy(known: Known) -> dict[str, str | None]:
    host, port = known.text("proxy.host"), known.text("proxy.port")
    if known.text("proxy.username") or known.text("proxy.password"):
        why = "set HTTPS_PROXY in the environment for a proxy that asks for a name"
        raise known.refuse("proxy.username", "...", why)
    return {"proxy_url": None if host is None else f"http://{host}:{port or 80}"}
