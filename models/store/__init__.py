"""Versions of models: what is kept, under which names, and who may see it.

>>> from streamcore.models.store import ModelStore
>>> ModelStore("memory://doc-models").versions()
[]
"""

from __future__ import annotations

from streamcore.models.store.artefact import read_artefact, write_artefact
from streamcore.models.store.follower import Follower
from streamcore.models.store.manifest import Manifest, StoredFile
from streamcore.models.store.store import ModelStore

__all__ = ["Follower", "Manifest", "ModelStore", "StoredFile", "read_artefact", "write_artefact"]
