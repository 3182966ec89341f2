"""What a driver thread says about the jobs that it starts: group, description, tags, properties."""

from __future__ import annotations

import threading

GROUP = "spark.jobGroup.id"
DESCRIPTION = "spark.job.description"
TAGS = "spark.job.tags"
INTERRUPT = "spark.job.interruptOnCancel"


class LocalProperties(threading.local):
    """Text by name, of one thread.

    >>> local = LocalProperties()
    >>> local.set("a", "1")
    >>> local.set("b", None)
    >>> local.get("a"), local.get("b")
    ('1', None)
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Return the value of `key`, or None."""
        return self._values.get(key)

    def set(self, key: str, value: str | None) -> None:
        """Set `key`; None removes it."""
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value

    def all(self) -> dict[str, str]:
        """Return a copy of everything."""
        return dict(self._values)

    def tags(self) -> frozenset[str]:
        """Return the job tags."""
        return frozenset(filter(None, self._values.get(TAGS, "").split(",")))

    def set_tags(self, tags: frozenset[str]) -> None:
        """Set the job tags."""
        self.set(TAGS, ",".join(sorted(tags)) or None)


def check_tag(tag: str) -> str:
    """Return `tag`; ValueError when it is empty or has a comma."""
    if not tag or "," in tag:
        raise ValueError(f"a job tag must not be empty or contain a comma: {tag!r}")
    return tag
