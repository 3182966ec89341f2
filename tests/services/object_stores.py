"""Object stores on loopback, from programs that the registries of Go and npm have."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.services.packages import go_program, npm_package
from tests.services.readiness import free_port
from tests.services.server import ProcessServer
from tests.services.supervised import SupervisedProcess

VERSITYGW: Final = ("github.com/versity/versitygw/cmd/versitygw", "v1.8.0")
AZURITE: Final = ("azurite", "3.37.0")
# Known to everybody: the emulator's own.
_AZURITE_KEY: Final = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
_KEY, _SECRET = "streamcore-tests", "not-so-secret-key"


class ObjectStore:
    """A store as its clients see it.

    `settings` are those of a session that reaches it, under Hadoop's names; `environment` is what else a
    client needs.
    """

    description: str
    settings: dict[str, str]
    environment: dict[str, str]

    def new_folder(self) -> str:
        """The URI of a folder in which there is nothing."""
        raise NotImplementedError


class VersityGateway(ObjectStore, ProcessServer):
    """Amazon S3's protocol over a folder of this machine; objects keep their metadata."""

    def __init__(self) -> None:
        self._port = free_port()
        ProcessServer.__init__(self)
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self.description = f"versitygw {VERSITYGW[1]} (S3)"
        self.settings = {
            "fs.s3a.endpoint": self.endpoint,
            "fs.s3a.access.key": _KEY,
            "fs.s3a.secret.key": _SECRET,
            "fs.s3a.path.style.access": "true",
        }
        self.environment = {}

    @property
    def buckets(self) -> Path:
        """The folder of this machine in which the objects are, as files."""
        return self.home / "buckets"

    def launch(self) -> SupervisedProcess:
        (self.buckets / "tests").mkdir(parents=True, exist_ok=True)
        program = str(go_program(*VERSITYGW))
        options = ["--port", f"127.0.0.1:{self._port}", "--access", _KEY, "--secret", _SECRET]
        more = ["--quiet", "--keep-alive", "posix", str(self.buckets)]
        return SupervisedProcess([program, *options, *more], self.home)

    def answers(self) -> bool:
        return _answers(self.endpoint)

    def new_folder(self) -> str:
        return f"s3://tests/{uuid4().hex[:12]}"


class Azurite(ObjectStore, ProcessServer):
    """Azure Blob Storage's emulator, blobs alone."""

    def __init__(self) -> None:
        self._port = free_port()
        ProcessServer.__init__(self)
        self.description = f"Azurite {AZURITE[1]}"
        self.settings = {"fs.azure.account.key.devstoreaccount1": _AZURITE_KEY}
        self.environment = {
            "AZURE_STORAGE_ACCOUNT_NAME": "devstoreaccount1",
            "AZURE_STORAGE_ENDPOINT": f"http://127.0.0.1:{self._port}/devstoreaccount1",
        }

    def launch(self) -> SupervisedProcess:
        script = npm_package(*AZURITE) / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
        options = ["--blobHost", "127.0.0.1", "--blobPort", str(self._port), "--location", str(self.home)]
        more = ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        return SupervisedProcess([str(shutil.which("node")), str(script), *options, *more], self.home)

    def answers(self) -> bool:
        return _answers(f"http://127.0.0.1:{self._port}/")

    def start(self) -> None:
        ProcessServer.start(self)
        self._make_container()

    def new_folder(self) -> str:
        return f"az://tests/{uuid4().hex[:12]}"

    def _make_container(self) -> None:
        """Done by a request that is signed by hand: obstore makes no containers."""
        import base64
        import hashlib
        import hmac
        from email.utils import formatdate

        date, version = formatdate(usegmt=True), "2021-12-02"
        headers = f"x-ms-date:{date}\nx-ms-version:{version}\n"
        resource = "/devstoreaccount1/devstoreaccount1/tests\nrestype:container"
        text = f"PUT\n\n\n\n\n\n\n\n\n\n\n\n{headers}{resource}"
        key = base64.b64decode(_AZURITE_KEY)
        signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/devstoreaccount1/tests?restype=container",
            method="PUT",
            headers={
                "x-ms-date": date,
                "x-ms-version": version,
                "Authorization": f"SharedKey devstoreaccount1:{signature}",
                "Content-Length": "0",
            },
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise


class GivenStore(ObjectStore):
    """A folder that somebody has named in the environment, with the keys there, too."""

    def __init__(self, uri: str, variable: str) -> None:
        self._uri = uri.rstrip("/")
        self.description = f"{uri.partition(':')[0]} at {variable}"
        self.settings = {}
        self.environment = {}

    def new_folder(self) -> str:
        return f"{self._uri}/{uuid4().hex[:12]}"


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=1).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
