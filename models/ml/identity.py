"""Things with a unique id."""

from __future__ import annotations

import uuid


class Identifiable:
    """Something with an id of its own, `uid`: the name of its class and 12 random digits."""

    def __init__(self) -> None:
        self.uid = self._randomUID()

    def __repr__(self) -> str:
        return self.uid

    @classmethod
    def _randomUID(cls) -> str:
        return f"{cls.__name__}_{uuid.uuid4().hex[-12:]}"
