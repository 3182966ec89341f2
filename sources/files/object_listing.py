"""Which files there are under a path on an object store: one listing of all names below it, sifted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import QueryExecutionException
from streamcore.sources.files.names import counts
from streamcore.spi.file_manifest import HIDDEN_FOLDER, OWNER, DataFile, read_manifest
from streamcore.storage.globs import alternatives, has_magic, matches
from streamcore.storage.objects.folder import FoundObject, object_folder
from streamcore.storage.objects.storage import ObjectStorage

if TYPE_CHECKING:
    from streamcore.sources.files.listing import Place

_LOOKS: Final = 5


@dataclass(frozen=True)
class ObjectFile:
    """A data file on an object store; see `listing.FoundFile`."""

    path: str
    base: str
    size: int
    modified_ms: int


def object_files(
    place: Place, uri: str, is_wanted: Callable[[str], bool], skip: Callable[[str], bool]
) -> list[ObjectFile]:
    """The files that count below a URI, which may be a pattern, or at it.

    Of a folder those count that are wanted, and one that is named itself unless it is to be skipped.
    """
    root, pattern = _split(uri)
    if pattern:
        return [f for found in _fitting(root, pattern) for f in object_files(place, found, is_wanted, skip)]
    base = place.base_path.rstrip("/") if place.base_path else root
    found = {file.path: file for file in object_folder(root).files()}
    if not found:
        return [] if skip(root) else _single(place, root)
    shown = {path: file for path, file in found.items() if _is_shown(path, recursive=place.recursive)}
    visible = _committed(place, root, found, shown)
    return [
        ObjectFile(f"{root}/{path}", base, file.size, file.modified_ms)
        for path, file in visible.items()
        if is_wanted(f"{root}/{path}")
    ]


def object_exists(uri: str) -> bool:
    """Whether there is an object at a URI or below it; for a pattern, one that fits."""
    root, pattern = _split(uri)
    if pattern:
        return bool(_fitting(root, pattern))
    return object_folder(root).exists() or _at(root) is not None


def object_root(uri: str) -> str:
    """The part of a URI before its first pattern, without slashes at the end."""
    return _split(uri)[0]


# ---- patterns ------------------------------------------------------------------------------------


def _split(uri: str) -> tuple[str, str]:
    """The folder without a pattern, and the pattern below it ("" when there is none)."""
    scheme, _, rest = uri.rstrip("/").partition("://")
    parts = [part for part in rest.split("/") if part]
    fixed = next((at for at, part in enumerate(parts) if has_magic(part)), len(parts))
    return f"{scheme}://{'/'.join(parts[:fixed])}", "/".join(parts[fixed:])


def _fitting(root: str, pattern: str) -> list[str]:
    """The folders and files below `root` that fit, sorted, each once."""
    wanted = [simple.split("/") for simple in alternatives(pattern)]
    found = {
        "/".join(parts[: len(simple)])
        for file in object_folder(root).files()
        for parts in [file.path.split("/")]
        for simple in wanted
        if len(parts) >= len(simple) and all(map(matches, parts, simple)) and counts(parts[len(simple) - 1])
    }
    return [f"{root}/{path}" for path in sorted(found)]


# ---- what counts ---------------------------------------------------------------------------------


def _is_shown(path: str, *, recursive: bool) -> bool:
    *folders, name = path.split("/")
    return counts(name) and all(counts(folder) and (recursive or "=" in folder) for folder in folders)


def _single(place: Place, uri: str) -> list[ObjectFile]:
    found = _at(uri)
    if found is None:
        return []
    base = place.base_path.rstrip("/") if place.base_path else uri.rpartition("/")[0]
    return [ObjectFile(uri, base, found.size, found.modified_ms)]


def _at(uri: str) -> FoundObject | None:
    folder, _, name = uri.rpartition("/")
    return None if folder.endswith("/") else object_folder(folder).look(name)


# ---- folders that streaming queries write --------------------------------------------------------


def _committed(
    place: Place, root: str, found: dict[str, FoundObject], shown: dict[str, FoundObject]
) -> dict[str, FoundObject]:
    """What of `shown` counts: in an output folder of a query, what its manifest names."""
    mark = f"{HIDDEN_FOLDER}/{OWNER}"
    inside = [path.removesuffix(mark).rstrip("/") for path in found if f"/{path}".endswith(f"/{mark}")]
    for output in inside:
        shown = _sifted(place, root, output, shown, below="")
    above = None if "" in inside else _output_above(root)
    if above is not None:
        shown = _sifted(place, root, "", shown, below=root.removeprefix(above).lstrip("/"))
    return shown


def _sifted(
    place: Place, root: str, output: str, shown: dict[str, FoundObject], below: str
) -> dict[str, FoundObject]:
    """`shown` without what is in the folder `output` and not in its manifest.

    `below` is where the root is in the folder of the manifest, when that is above the root.
    """
    home = root.removesuffix(f"/{below}") if below else "/".join(filter(None, (root, output)))
    inside = f"{output}/" if output else ""
    for _ in range(_LOOKS):
        manifest = read_manifest(ObjectStorage(f"{home}/{HIDDEN_FOLDER}"))
        if manifest is None:
            return shown
        named = dict(_named(manifest.files, inside, f"{below}/" if below else ""))
        lost = [path for path in named if path not in shown and _is_shown(path, recursive=place.recursive)]
        if not lost or place.ignore_missing:
            return {p: f for p, f in shown.items() if p in named or (inside and not p.startswith(inside))}
        # They may have been committed since the names were listed.
        later = {file.path: file for file in object_folder(root).files(inside.rstrip("/"))}
        shown = shown | {path: later[path] for path in lost if path in later}
    raise _gone(home, named[lost[0]])


def _named(files: Iterable[DataFile], inside: str, below: str) -> Iterator[tuple[str, DataFile]]:
    for file in files:
        if file.path.startswith(below):
            yield inside + file.path.removeprefix(below), file


def _output_above(root: str) -> str | None:
    """The nearest folder above that a streaming query writes to; None for what is its own book-keeping."""
    scheme, _, rest = root.partition("://")
    parts = rest.split("/")
    if HIDDEN_FOLDER in parts:
        return None
    for end in range(len(parts) - 1, 0, -1):
        above = f"{scheme}://{'/'.join(parts[:end])}"
        if object_folder(above).look(f"{HIDDEN_FOLDER}/{OWNER}") is not None:
            return above
    return None


def _gone(output: str, file: DataFile) -> QueryExecutionException:
    return QueryExecutionException(
        f"[FAILED_READ_FILE.FILE_NOT_EXIST] {output}/{file.path} is gone, though micro-batch {file.batch_id} "
        f"of the query that writes to {output} has committed it. Restore the object, or read what is left "
        "with option('ignoreMissingFiles', 'true')"
    )
