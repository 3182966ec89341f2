from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamcore.cli import main
from streamcore.models.store import ModelStore
from streamcore.testing.clock import ManualClock
from tests.unit.models.store.content import publish, weights


@pytest.fixture
def folder(tmp_path: Path) -> str:
    store = ModelStore(tmp_path / "store", ManualClock(1_763_700_000_000))
    for number in range(1, 4):
        publish(store, number / 10, batch=number)
    store.alias("champion", 1)
    store.tag("audited", 2)
    store.hold(2, "reader")
    return store.location


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["models", *arguments]) == 0
    return capsys.readouterr().out


def test_list_shows_every_version_with_its_names(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "list", folder) == (
        "version  created at               model  made by    bytes  names\n"
        "      1  2025-11-21 04:40:00 UTC  line   q batch 1    152  champion\n"
        "      2  2025-11-21 04:40:00 UTC  line   q batch 2    152  audited (tag), held by reader\n"
        "      3  2025-11-21 04:40:00 UTC  line   q batch 3    152\n"
    )
    document = json.loads(run(capsys, "list", folder, "--json"))
    assert [version["version"] for version in document["versions"]] == [1, 2, 3]
    assert (document["aliases"], document["tags"]) == ({"champion": 1}, {"audited": 2})
    assert document["holds"] == {"reader": [2]}


def test_show_tells_what_a_version_is(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = dict(line.split(maxsplit=1) for line in run(capsys, "show", folder, "champion").splitlines())
    assert lines["version"] == "1"
    assert lines["settings"] == '{"step": 0.1}'
    assert lines["made"] == "by    q batch 1"
    assert lines["file"].endswith("  152  state.safetensors")
    assert json.loads(run(capsys, "show", folder, "1", "--json"))["made_by"]["batch_id"] == 1


def test_show_finds_damaged_bytes(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    for path in Path(folder, "objects").iterdir():
        path.write_bytes(b"torn")
    assert main(["models", "show", folder, "latest"]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_list_shows_the_others_when_one_is_damaged(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(folder, "versions", "2").write_bytes(b"torn")
    assert main(["models", "list", folder]) == 1
    printed = capsys.readouterr()
    assert [line.split()[0] for line in printed.out.splitlines()] == ["version", "1", "3"]
    assert "versions/2 is damaged" in printed.err


def test_names_are_moved_and_removed(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = ModelStore(folder)
    assert run(capsys, "alias", folder, "champion", "latest", "--expect", "1") == (
        "champion names version 3 now\n"
    )
    assert run(capsys, "alias", folder, "challenger", "audited", "--expect", "none") == (
        "challenger names version 2 now\n"
    )
    assert run(capsys, "rollback", folder, "champion") == "champion names version 1 again\n"
    assert run(capsys, "alias", folder, "challenger", "--remove") == "challenger names nothing now\n"
    assert store.aliases() == {"champion": 1}
    assert run(capsys, "tag", folder, "first", "1") == "first stays with version 1\n"
    assert run(capsys, "tag", folder, "audited", "--remove") == "audited is no tag any more\n"
    assert store.tags() == {"first": 1}


def test_a_lost_race_is_told(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "alias", folder, "champion", "2", "--expect", "none"]) == 1
    assert "names version 1, not nothing as expected" in capsys.readouterr().err


def test_gc_removes_what_it_has_told_before(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "release", folder, "reader") == "reader held versions: 2\n"
    run(capsys, "tag", folder, "audited", "--remove")
    told = run(capsys, "gc", folder, "--keep", "1", "--dry-run")
    assert told == "would remove versions: 2; files: 1; old moves of aliases: 0\n"
    assert run(capsys, "gc", folder, "--keep", "1") == told.replace("would remove", "removed")
    assert ModelStore(folder).versions() == [1, 3]


@pytest.mark.parametrize(
    "arguments", [["alias", "champion"], ["gc", "--keep", "0"], ["alias", "x", "1", "--expect", "y"]]
)
def test_what_makes_no_sense_is_a_usage_error(folder: str, arguments: list[str]) -> None:
    action, *rest = arguments
    with pytest.raises(SystemExit) as caught:
        main(["models", action, folder, *rest])
    assert caught.value.code == 2


def test_a_folder_without_versions_is_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", str(tmp_path / "nothing")]) == 1
    assert "is no model store" in capsys.readouterr().err
    assert not (tmp_path / "nothing").exists()


def test_a_store_from_elsewhere_does_not_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ModelStore(tmp_path)
    store.publish(weights(0.1), model={"name": "\x1b[2Jline\n"}, metrics={"\x1b]0;title": 1})
    for action in (["list", str(tmp_path)], ["show", str(tmp_path), "1"]):
        assert "\x1b" not in run(capsys, *action)
