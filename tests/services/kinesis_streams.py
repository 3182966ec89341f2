"""Amazon Kinesis as the tests reach it: streams of any server, and a server of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from tests.services.packages import npm_package
from tests.services.readiness import free_port, wait_until_ready
from tests.services.server import ProcessServer
from tests.services.supervised import SupervisedProcess

KINESIS: Final = ("kinesis-local", "0.6.2")
_HERE = Path(__file__).parent


class KinesisStreams:
    """A server as its clients see it; `endpoint` is its address."""

    def __init__(self, endpoint: str, description: str) -> None:
        self.endpoint = endpoint
        self.description = description

    @property
    def options(self) -> dict[str, str]:
        """What a source or a sink needs to reach it, with short waits."""
        return {
            "kinesis.endpointUrl": self.endpoint,
            "kinesis.region": "us-east-1",
            "kinesis.awsAccessKeyId": "tests",
            "kinesis.awsSecretKey": "not-so-secret",
            "kinesis.clientRetryIntervalsMs": "50",
        }

    @cached_property
    def client(self) -> Any:
        import boto3

        return boto3.client(
            "kinesis",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="tests",
            aws_secret_access_key="not-so-secret",
        )

    def new_stream(self, shards: int = 1) -> str:
        """Create a stream under a name of its own and return the name."""
        name = f"test-{uuid4().hex[:12]}"
        self.client.create_stream(StreamName=name, ShardCount=shards)
        self._await_active(name)
        return name

    def put(self, stream: str, records: Sequence[tuple[str, bytes]]) -> None:
        """Write records (partition key, data) in order, as one request."""
        entries = [{"PartitionKey": key, "Data": data} for key, data in records]
        answer = self.client.put_records(StreamName=stream, Records=entries)
        assert answer["FailedRecordCount"] == 0

    def split(self, stream: str, shard: int = 0) -> None:
        """Split an open shard, by its place, in the middle."""
        found = self.open_shards(stream)[shard]
        begin, end = (int(found["HashKeyRange"][key]) for key in ("StartingHashKey", "EndingHashKey"))
        self.client.split_shard(
            StreamName=stream, ShardToSplit=found["ShardId"], NewStartingHashKey=str((begin + end) // 2)
        )
        self._await_active(stream)

    def merge(self, stream: str) -> None:
        """Merge the first two open shards."""
        one, other = (shard["ShardId"] for shard in self.open_shards(stream)[:2])
        self.client.merge_shards(StreamName=stream, ShardToMerge=one, AdjacentShardToMerge=other)
        self._await_active(stream)

    def open_shards(self, stream: str) -> list[Any]:
        """The shards that take records, by hash key."""
        listed = self.client.list_shards(StreamName=stream)["Shards"]
        is_open = [one for one in listed if "EndingSequenceNumber" not in one["SequenceNumberRange"]]
        return sorted(is_open, key=lambda one: int(one["HashKeyRange"]["StartingHashKey"]))

    def records(self, stream: str) -> list[dict[str, Any]]:
        """Everything that is in a stream, shard after shard."""
        found: list[dict[str, Any]] = []
        for shard in self.client.list_shards(StreamName=stream)["Shards"]:
            at = {"StreamName": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = self.client.get_shard_iterator(**at)["ShardIterator"]
            while iterator:
                answer = self.client.get_records(ShardIterator=iterator)
                found += answer["Records"]
                iterator = answer.get("NextShardIterator") if answer["Records"] else None
        return found

    def _await_active(self, stream: str) -> None:
        def is_active() -> bool:
            summary = self.client.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
            return bool(summary["StreamStatus"] == "ACTIVE")

        wait_until_ready(f"the stream {stream}", is_active)


class KinesisServer(KinesisStreams, ProcessServer):
    """kinesis-local, on loopback.

    With `keeps_data` it has its data again after `stop` and `start`; to stop takes it half a minute then.
    """

    def __init__(self, *, keeps_data: bool = False) -> None:
        self._keeps_data = keeps_data
        self._port = free_port()
        ProcessServer.__init__(self)
        KinesisStreams.__init__(self, f"http://127.0.0.1:{self._port}", f"kinesis-local {KINESIS[1]} (npm)")

    def launch(self) -> SupervisedProcess:
        package = npm_package(*KINESIS) / "node_modules" / KINESIS[0]
        durations = ("CREATE_STREAM", "DELETE_STREAM", "SPLIT_SHARD", "MERGE_SHARDS", "UPDATE_SHARD_COUNT")
        settings = {
            "KINESIS_MOCK_PLAIN_PORT": str(self._port),
            "KINESIS_MOCK_TLS_PORT": str(free_port()),
            "KINESIS_MOCK_CERT_PATH": str(package / "server.json"),
            "SHARD_LIMIT": "1000",
            "LOG_LEVEL": "ERROR",
            "SHOULD_PERSIST_DATA": str(self._keeps_data).lower(),
            "PERSIST_PATH": str(self.home),
            "PERSIST_INTERVAL": "100ms",
            **{f"{name}_DURATION": "5ms" for name in durations},
        }
        node = [str(shutil.which("node")), "--require", str(_HERE / "loopback.js"), str(package / "main.js")]
        given = [f"{name}={value}" for name, value in settings.items()]
        return SupervisedProcess([str(shutil.which("env")), *given, *node], self.home)

    def answers(self) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client.list_streams(Limit=1)
        except (BotoCoreError, ClientError):
            return False
        return True
