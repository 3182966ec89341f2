from __future__ import annotations

import os

from streamcore.scheduler.folder import AppFolder, collect_abandoned


def test_only_this_user_may_enter(tmp_path):
    app = AppFolder(str(tmp_path))
    assert app.path.stat().st_mode & 0o077 == 0
    app.remove()
    assert not list(tmp_path.iterdir())


def test_the_folder_of_a_dead_owner_is_collected_and_that_of_a_living_one_is_not(tmp_path):
    living = AppFolder(str(tmp_path))
    dead = tmp_path / "streamcore-app-dead"
    dead.mkdir()
    (dead / "owner.lock").touch()
    assert collect_abandoned(tmp_path) == [dead]
    assert list(tmp_path.iterdir()) == [living.path]
    living.remove()


def test_a_folder_without_a_lock_is_collected_once_it_is_old(tmp_path):
    young, old = tmp_path / "streamcore-app-young", tmp_path / "streamcore-app-old"
    for folder in (young, old):
        folder.mkdir()
    os.utime(old, (1, 1))
    assert collect_abandoned(tmp_path) == [old]


def test_what_is_not_ours_stays(tmp_path):
    (tmp_path / "streamcore-bench-data").mkdir()
    os.utime(tmp_path / "streamcore-bench-data", (1, 1))
    assert collect_abandoned(tmp_path) == []
