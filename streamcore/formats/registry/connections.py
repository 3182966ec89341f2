"""Connections to registries: one for each in a process, with the schemas that it has seen."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.formats.malformed import Malformed
from streamcore.formats.needs import library
from streamcore.formats.registry.options import RegistryOptions

_NOT_FOUND = 404


@dataclass(frozen=True)
class FoundSchema:
    """A schema of a registry: its id and its text, which of a Protobuf file is its descriptor in base64."""

    id: int
    text: str
    references: tuple[tuple[str, FoundSchema], ...] = ()


class Connection:
    """Schemas of one registry, each asked for once: what has an id never changes."""

    def __init__(self, reference: str, client: Any) -> None:
        self.reference = reference
        self.client = client
        self._by_id: dict[tuple[int, str | None], FoundSchema] = {}
        self._lock = threading.Lock()

    def by_id(self, schema_id: int, form: str | None = None) -> FoundSchema:
        """The schema of an id.  Raises Malformed for one that the registry does not know."""
        known = self._by_id.get((schema_id, form))
        if known is not None:
            return known
        with self._lock:
            try:
                found = self.client.get_schema(schema_id, fmt=form)
            except Exception as error:
                if getattr(error, "http_status_code", None) == _NOT_FOUND:
                    raise Malformed(f"the schema registry has no schema of the id {schema_id}") from None
                raise QueryExecutionException(
                    f"The schema registry did not give the schema of the id {schema_id}: {error}"
                ) from error
            made = FoundSchema(schema_id, found.schema_str, self._references(found, form))
            return self._by_id.setdefault((schema_id, form), made)

    def latest(self, subject: str, form: str | None = None) -> FoundSchema:
        """The latest schema of a subject.  Raises AnalysisException where there is none."""
        found = self._asked(
            lambda: self.client.get_latest_version(subject, fmt=form), f"the subject {subject!r}"
        )
        return FoundSchema(found.schema_id, found.schema.schema_str, self._references(found.schema, form))

    def id_of(self, subject: str, text: str, kind: str, *, registers: bool) -> int:
        """The id of a schema in a subject, registered there if that is wished."""
        schema = library("confluent_kafka.schema_registry", "a schema registry", "registry").Schema(
            text, kind
        )
        if registers:
            return int(
                self._asked(lambda: self.client.register_schema(subject, schema), f"the subject {subject!r}")
            )
        what = (
            f"this schema in the subject {subject!r} (the option 'auto.register.schemas' registers one "
            "that is not there)"
        )
        return int(self._asked(lambda: self.client.lookup_schema(subject, schema), what).schema_id)

    def _references(self, schema: Any, form: str | None) -> tuple[tuple[str, FoundSchema], ...]:
        found = []
        for each in schema.references or ():
            ask = functools.partial(self.client.get_version, each.subject, each.version, fmt=form)
            of = self._asked(ask, f"the version {each.version} of {each.subject!r}")
            made = FoundSchema(of.schema_id, of.schema.schema_str, self._references(of.schema, form))
            found.append((each.name, made))
        return tuple(found)

    def _asked(self, ask: Callable[[], Any], what: str) -> Any:
        try:
            return ask()
        except Exception as error:
            if getattr(error, "http_status_code", None) == _NOT_FOUND:
                raise AnalysisException(f"The schema registry has not {what}.") from None
            raise QueryExecutionException(f"The schema registry did not give {what}: {error}") from error


_CONNECTIONS: dict[str, Connection] = {}
_SECRETS: dict[str, dict[str, str]] = {}
_LOCK = threading.Lock()


def connect(said: RegistryOptions) -> Connection:
    """The connection to a registry; of credentials the last that were given count."""
    reference, secrets = said.reference, dict(said.secrets)
    with _LOCK:
        if secrets != _SECRETS.get(reference, secrets):
            _CONNECTIONS.pop(reference, None)
        if secrets:
            _SECRETS[reference] = secrets
    return connection(reference)


def connection(reference: str) -> Connection:
    """The connection that a statement names.  Raises where its credentials were not given to this process."""
    with _LOCK:
        known = _CONNECTIONS.get(reference)
        if known is None:
            known = _CONNECTIONS[reference] = Connection(reference, _client(reference))
        return known


def _client(reference: str) -> Any:
    said = json.loads(reference)
    if said["as"] and reference not in _SECRETS:
        raise QueryExecutionException(
            f"The credentials of {said['as']} for the schema registry at {said['address']} are kept in "
            "the process that made the query, and are not sent to others: run the query with local[n]."
        )
    made = library("confluent_kafka.schema_registry", "a schema registry", "registry")
    settings = {"url": said["address"], **said["settings"], **_SECRETS.get(reference, {})}
    try:
        return made.SchemaRegistryClient.new_client(_typed(settings))
    except (ValueError, TypeError, OSError) as error:
        raise IllegalArgumentException(
            f"The settings of the schema registry at {said['address']} cannot be used: {error}"
        ) from error


def _typed(settings: Mapping[str, str]) -> dict[str, Any]:
    """The settings as the client takes them: numbers, and where a token comes from."""
    typed: dict[str, Any] = dict(settings)
    if "timeout" in typed:
        typed["timeout"] = float(typed["timeout"])
    if "max.retries" in typed:
        typed["max.retries"] = int(typed["max.retries"])
    if "bearer.auth.token" in typed:
        # Confluent's cloud asks for the cluster; others do not look at it.
        typed = {"bearer.auth.logical.cluster": "", **typed, "bearer.auth.credentials.source": "STATIC_TOKEN"}
    return typed
