from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from streamcore.conf import Conf
from streamcore.errors import IllegalArgumentException
from streamcore.spi.secrets import is_secret
from streamcore.sql.conf import RuntimeConfig
from streamcore.storage import StorageRefused
from streamcore.storage.objects.given import give, given, take_back
from streamcore.storage.objects.options import object_store_options
from streamcore.storage.objects.place import place_of
from streamcore.storage.objects.profiles import profile_credentials

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_REGION", "AZURE_STORAGE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)


def test_keys_and_address_of_a_server_of_ones_own() -> None:
    found = object_store_options(
        "s3a://b/x",
        {
            "spark.hadoop.fs.s3a.endpoint": "127.0.0.1:9000",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.access.key": "id",
            "spark.hadoop.fs.s3a.secret.key": "hidden",
            "spark.hadoop.fs.s3a.session.token": "lent",
        },
    )
    assert found == {
        "aws_access_key_id": "id",
        "aws_secret_access_key": "hidden",
        "aws_session_token": "lent",
        "aws_endpoint": "http://127.0.0.1:9000",
        "aws_region": "us-east-1",
        "aws_virtual_hosted_style_request": "false",
        "allow_http": "true",
    }


def test_amazons_own_endpoint_only_names_the_region() -> None:
    found = object_store_options("s3://b/x", {"fs.s3a.endpoint": "s3.eu-central-1.amazonaws.com"})
    assert found == {"aws_region": "eu-central-1"}


def test_settings_of_one_bucket_go_before_those_of_all() -> None:
    settings = {"fs.s3a.access.key": "all", "fs.s3a.bucket.mine.access.key": "own"}
    assert object_store_options("s3://mine", settings)["aws_access_key_id"] == "own"
    assert object_store_options("s3://other", settings)["aws_access_key_id"] == "all"


def test_a_host_per_bucket_where_that_is_asked_for() -> None:
    settings = {"fs.s3a.endpoint": "https://store.example", "fs.s3a.path.style.access": "false"}
    found = object_store_options("s3://mine/x", settings)
    assert found["aws_endpoint"] == "https://mine.store.example"
    assert found["aws_virtual_hosted_style_request"] == "true"


def test_a_bucket_open_to_everybody_is_read_without_keys() -> None:
    provider = "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
    found = object_store_options("s3://b", {"fs.s3a.aws.credentials.provider": provider})
    assert found == {"aws_skip_signature": "true"}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fs.s3a.aws.credentials.provider", "org.example.Own"),
        ("fs.s3a.encryption.algorithm", "CSE-KMS"),
        ("fs.s3a.path.style.access", "perhaps"),
        ("fs.s3a.connection.timeout", "soon"),
    ],
)
def test_a_setting_that_is_not_honoured_is_refused_by_name(setting: str, value: str) -> None:
    with pytest.raises(IllegalArgumentException, match=setting.replace(".", r"\.")):
        object_store_options("s3://b", {setting: value})


def test_a_setting_that_nobody_knows_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "streamcore.storage"):
        for _ in range(2):
            object_store_options("s3://b", {"fs.s3a.acces.key": "typo", "fs.s3a.threads.max": "9"})
    assert [record.getMessage() for record in caplog.records] == [
        "the setting fs.s3a.acces.key is not known, and has no effect on object stores"
    ]


def test_the_account_of_azure_is_in_the_location_or_in_its_key() -> None:
    settings = {"fs.azure.account.key.lake.dfs.core.windows.net": "hidden"}
    wanted = {"azure_storage_account_name": "lake", "azure_storage_account_key": "hidden"}
    assert object_store_options("abfss://c@lake.dfs.core.windows.net/x", settings) == wanted
    assert object_store_options("az://c/x", settings) == wanted


def test_azure_knows_a_client_by_its_secret() -> None:
    host = "lake.dfs.core.windows.net"
    found = object_store_options(
        f"abfss://c@{host}/x",
        {
            f"fs.azure.account.auth.type.{host}": "OAuth",
            f"fs.azure.account.oauth.provider.type.{host}": "x.oauth2.ClientCredsTokenProvider",
            f"fs.azure.account.oauth2.client.id.{host}": "id",
            f"fs.azure.account.oauth2.client.secret.{host}": "hidden",
            f"fs.azure.account.oauth2.client.endpoint.{host}": "https://login.example/tenant-1/oauth2/token",
        },
    )
    assert found == {
        "azure_storage_account_name": "lake",
        "azure_storage_client_id": "id",
        "azure_storage_client_secret": "hidden",
        "azure_storage_tenant_id": "tenant-1",
    }


def test_google_takes_a_key_file() -> None:
    found = object_store_options("gs://b/x", {"fs.gs.auth.service.account.json.keyfile": "/key.json"})
    assert found == {"google_service_account": "/key.json"}


@pytest.mark.parametrize("uri", ["s3://id:hidden@b/x", "s3://b/x?token=hidden", "abfss://b:hidden@h/x"])
def test_a_location_with_a_secret_is_refused_without_repeating_it(uri: str) -> None:
    with pytest.raises(StorageRefused) as refusal:
        place_of(uri)
    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize("uri", ["s3:///x", "s3://b/../x", "az:///x"])
def test_a_location_that_names_nothing_is_refused(uri: str) -> None:
    with pytest.raises(StorageRefused):
        place_of(uri)


def test_settings_of_the_process_hold_until_they_are_taken_back() -> None:
    before = given()
    settings = {"spark.hadoop.fs.s3a.access.key": "id", "spark.app.name": "other"}
    give(settings)
    assert given() == {**before, "fs.s3a.access.key": "id"}
    take_back(settings)
    assert given() == before


@pytest.mark.parametrize(
    "key",
    [
        "fs.s3a.secret.key",
        "fs.s3a.access.key",
        "fs.azure.account.key.lake",
        "fs.azure.sas.c.lake",
        "aws_session_token",
    ],
)
def test_keys_are_known_as_secrets(key: str) -> None:
    assert is_secret(key)


def test_the_keys_of_a_profile_are_found_where_the_environment_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("botocore")
    keys = tmp_path / "credentials"
    keys.write_text("[work]\naws_access_key_id = id\naws_secret_access_key = hidden\n")
    environment = {"AWS_PROFILE": "work", "AWS_SHARED_CREDENTIALS_FILE": str(keys)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    found = profile_credentials(environment, tmp_path)
    assert found is not None
    assert found()["access_key_id"] == "id"
    assert "hidden" not in repr(found)
    assert profile_credentials({**environment, "AWS_ACCESS_KEY_ID": "other"}, tmp_path) is None
    assert profile_credentials({}, tmp_path / "nobody") is None


def test_a_session_gives_its_settings_to_the_process() -> None:
    conf = RuntimeConfig(Conf(loadDefaults=False))
    before = given()
    conf.set("fs.azure.account.key.lake.dfs.core.windows.net", "hidden")
    assert given() != before
    conf.unset("fs.azure.account.key.lake.dfs.core.windows.net")
    assert given() == before
