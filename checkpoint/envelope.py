"""How a checkpoint's JSON files say what they are, and what is said of those that are not.

streamcore offsets 2
{"batch_id":0,...}
sha256 5f8a...
"""

from __future__ import annotations

from streamcore.errors import CheckpointCorrupted, CheckpointError
from streamcore.storage import envelope

FORMAT = 2
_WORD = "streamcore"


def seal(kind: str, body: str) -> bytes:
    """The bytes of a file of `kind` ("offsets", ...) with a one-line `body`.

    >>> print(seal("offsets", "{}").decode(), end="")
    streamcore offsets 2
    {}
    sha256 ed3d59bc41fe0a3fc294983f0fd7fffccd83ccdc32e5f4383d7c8f01141bd638
    """
    return envelope.seal(f"{_WORD} {kind} {FORMAT}", body)


def unseal(kind: str, data: bytes, file: str) -> str:
    """The body inside `data`; `file` names it in messages.

    Raises CheckpointCorrupted when it is truncated, edited or of another kind, and CheckpointError when
    Spark or another version of streamcore wrote it.
    """
    try:
        return envelope.unseal(data, lambda line: _check_header(line, kind, file))
    except envelope.NotWhole as error:
        raise damaged(file, str(error)) from error


def damaged(file: str, how: str) -> CheckpointCorrupted:
    """The error for a file of the checkpoint that cannot be trusted."""
    return CheckpointCorrupted(
        f"{file} is damaged: {how}. Restore this file from a backup, or go back to a batch before it with "
        "`streamcore rewind CHECKPOINT --to BATCH`"
    )


def _check_header(line: str, kind: str, file: str) -> None:
    words = line.split(" ")
    if written_by_spark(line):
        raise CheckpointError(
            f"{file} was written by Apache Spark, whose checkpoints are not continued in their place. Let "
            "`streamcore checkpoint adopt SPARK_CHECKPOINT TARGET` make one of ours that goes on where Spark "
            "has stopped, or choose a new, empty checkpoint location"
        )
    if len(words) != 3 or words[0] != _WORD or not words[2].isdigit():
        raise damaged(file, "its first line is not that of a checkpoint file")
    if words[1] != kind:
        raise damaged(file, f"it is a file of {words[1]} where one of {kind} belongs")
    if int(words[2]) != FORMAT:
        raise CheckpointError(unknown(file, int(words[2])))


def unknown(file: str, version: int) -> str:
    """What to say about a format that this version does not know."""
    later = ", or a later one" if version > FORMAT else ""
    return (
        f"{file} has format {version}; this version of streamcore reads format {FORMAT}. "
        f"Run the query with the version that wrote it{later}"
    )


def written_by_spark(first_line: str) -> bool:
    """Whether this is how Spark's metadata, offset and commit files begin.

    >>> written_by_spark("v1"), written_by_spark('{"id":"5d1b..."}'), written_by_spark("streamcore offsets 2")
    (True, True, False)
    """
    versioned = first_line.startswith("v") and first_line[1:].isdigit()
    return versioned or first_line.replace(" ", "").startswith('{"id":')
