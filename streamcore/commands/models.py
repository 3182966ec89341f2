"""`streamcore models ACTION STORE ...`: look at a model store, move its names, and clear it up."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.models.store import Manifest, ModelStore

_HEADINGS = ("version", "created at", "model", "made by", "bytes", "names")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser("models", help="look at a model store, and move its aliases and tags")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _register_looks(actions)
    _register_names(actions)
    gc = _action(actions, "gc", _gc, "remove old versions that nothing names")
    gc.add_argument(
        "--keep", type=_count, default=10, metavar="N", help="keep the newest N versions (10 unless given)"
    )
    gc.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")
    release = _action(actions, "release", _release, "let go of what a reader that is gone still holds")
    release.add_argument("holder", metavar="HOLDER", help="the reader, as `list` names it")


def _register_looks(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    versions = _action(actions, "list", _list, "list the versions and their names")
    versions.add_argument("--json", action="store_true", help="print JSON")
    show = _action(actions, "show", _show, "show a version, and check every byte of it")
    show.add_argument("version", metavar="VERSION", help="a number, an alias, a tag or 'latest'")
    show.add_argument("--json", action="store_true", help="print JSON")


def _register_names(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    alias = _action(actions, "alias", _alias, "let an alias name a version")
    alias.add_argument("name", metavar="NAME", help="the alias, such as champion")
    aim = alias.add_mutually_exclusive_group(required=True)
    aim.add_argument("version", metavar="VERSION", nargs="?", help="what it is to name")
    aim.add_argument("--remove", action="store_true", help="let it name nothing")
    alias.add_argument(
        "--expect",
        type=_expected,
        metavar="VERSION",
        help="move it only if it names this version now; 'none': only if it names nothing",
    )
    tag = _action(actions, "tag", _tag, "give a version a name that stays with it")
    tag.add_argument("name", metavar="NAME", help="the tag")
    what = tag.add_mutually_exclusive_group(required=True)
    what.add_argument("version", metavar="VERSION", nargs="?", help="what it names")
    what.add_argument("--remove", action="store_true", help="forget the tag")
    rollback = _action(actions, "rollback", _rollback, "let an alias name what it named before")
    rollback.add_argument("name", metavar="ALIAS", help="the alias")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    act: Callable[[ModelStore, argparse.Namespace], int],
    what: str,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("store", metavar="STORE", help="the folder of the model store")
    parser.set_defaults(run=run, act=act)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Does what was asked; 1 when something is damaged."""
    from streamcore.errors import ModelNotFound
    from streamcore.models.store import ModelStore

    store = ModelStore(arguments.store)
    if not store.versions():
        raise ModelNotFound(f"{arguments.store} is no model store: it has no versions")
    code: int = arguments.act(store, arguments)
    return code


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return count


def _expected(text: str) -> int | str:
    if text == "none" or (text.isascii() and text.isdigit()):
        return text if text == "none" else int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither the number of a version nor 'none'")


def _list(store: ModelStore, arguments: argparse.Namespace) -> int:
    from streamcore.errors import ModelNotFound, ModelStoreError

    manifests, problems = [], []
    for version in store.versions():
        try:
            manifests.append(store.describe(version))
        except ModelNotFound:
            continue  # collected meanwhile
        except ModelStoreError as error:
            problems.append(str(error))
    if arguments.json:
        print(json.dumps(_document(store, manifests), indent=2))
    else:
        print(_table(store, manifests))
    for problem in problems:
        print(f"streamcore: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _document(store: ModelStore, manifests: list[Manifest]) -> dict[str, object]:
    return {
        "location": store.location,
        "versions": [manifest.to_json() for manifest in manifests],
        "aliases": store.aliases(),
        "tags": store.tags(),
        "holds": {holder: sorted(versions) for holder, versions in store.holds().items()},
    }


def _table(store: ModelStore, manifests: list[Manifest]) -> str:
    names: dict[int, list[str]] = {}
    for name, version in store.aliases().items():
        names.setdefault(version, []).append(name)
    for name, version in store.tags().items():
        names.setdefault(version, []).append(f"{name} (tag)")
    for holder, versions in sorted(store.holds().items()):
        for version in sorted(versions):
            names.setdefault(version, []).append(f"held by {holder}")
    rows = [
        _HEADINGS,
        *(_row(manifest, ", ".join(names.get(manifest.version, []))) for manifest in manifests),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _row(manifest: Manifest, names: str) -> tuple[str, ...]:
    number, size = str(manifest.version), f"{manifest.size:,}"
    row = (number, _created(manifest), manifest.name, _maker(manifest), size, names)
    return tuple(_printable(cell) for cell in row)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(
        cell.rjust(width) if heading in ("version", "bytes") else cell.ljust(width)
        for cell, width, heading in zip(row, widths, _HEADINGS, strict=True)
    ).rstrip()


def _printable(text: str) -> str:
    """What a store from elsewhere says must not steer the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _created(manifest: Manifest) -> str:
    try:
        return manifest.created.strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{manifest.created_ms} ms"  # a time beyond the calendar


def _maker(manifest: Manifest) -> str:
    made_by = manifest.made_by
    return f"{made_by.query_id} batch {made_by.batch_id}" if made_by else "a program"


def _show(store: ModelStore, arguments: argparse.Namespace) -> int:
    manifest = store.describe(arguments.version)
    problems = store.problems(manifest.version)
    print(json.dumps(manifest.to_json(), indent=2) if arguments.json else _report(manifest))
    for problem in problems:
        print(f"streamcore: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _report(manifest: Manifest) -> str:
    facts = {
        "version": manifest.version,
        "created": _created(manifest),
        "model": manifest.name,
        "settings": json.dumps(manifest.model.get("settings", {}), sort_keys=True),
        "made by": _maker(manifest),
        "parent": "none" if manifest.parent is None else f"version {manifest.parent}",
        "schema": json.dumps(manifest.schema, sort_keys=True),
        "metrics": json.dumps(manifest.metrics, sort_keys=True),
        "libraries": ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items())),
    }
    lines = [f"{name:<10} {fact}" for name, fact in facts.items()]
    for path, file in sorted(manifest.files.items()):
        lines.append(f"file       {file.digest}  {file.size:,}  {path}")
    return "\n".join(_printable(line) for line in lines)


def _alias(store: ModelStore, arguments: argparse.Namespace) -> int:
    condition = {} if arguments.expect is None else {"expected": _version_of(arguments.expect)}
    if arguments.remove:
        store.unalias(arguments.name, **condition)
        print(f"{arguments.name} names nothing now")
    else:
        store.alias(arguments.name, arguments.version, **condition)
        print(f"{arguments.name} names version {store.resolve(arguments.name)} now")
    return 0


def _version_of(expected: int | str) -> int | None:
    return None if isinstance(expected, str) else expected


def _tag(store: ModelStore, arguments: argparse.Namespace) -> int:
    if arguments.remove:
        store.untag(arguments.name)
        print(f"{arguments.name} is no tag any more")
    else:
        store.tag(arguments.name, arguments.version)
        print(f"{arguments.name} stays with version {store.resolve(arguments.name)}")
    return 0


def _rollback(store: ModelStore, arguments: argparse.Namespace) -> int:
    found = store.rollback(arguments.name)
    print(f"{arguments.name} names version {found.version} again")
    return 0


def _gc(store: ModelStore, arguments: argparse.Namespace) -> int:
    found = store.gc(arguments.keep, arguments.dry_run)
    versions = ", ".join(map(str, found.versions)) or "none"
    others = f"files: {len(found.objects)}; old moves of aliases: {len(found.entries)}"
    print(f"{'would remove' if arguments.dry_run else 'removed'} versions: {versions}; {others}")
    return 0


def _release(store: ModelStore, arguments: argparse.Namespace) -> int:
    held = sorted(store.holds().get(arguments.holder, ()))
    store.release(arguments.holder)
    print(f"{arguments.holder} held versions: {', '.join(map(str, held)) or 'none'}")
    return 0
