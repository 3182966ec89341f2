"""What is installed is `streamcore` and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.tags import sys_tags

from streamcore.distribution import DISTRIBUTION
from streamcore.version import __version__

ROOT = Path(__file__).parents[2]
SIBLINGS = ("sources", "sinks", "checkpoint", "models")


COMPILED = "streamcore/kafka/native/_records"


def _build(kind: str, source: Path, output: Path, **environment: str) -> Path:
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        f"--{kind}",
        "--outdir",
        str(output),
        str(source),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (built,) = output.iterdir()
    return built


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(name for name in archive.namelist() if ".dist-info/" not in name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def plain_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", ROOT, tmp_path_factory.mktemp("plain"), CC="/no/such/compiler")


needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang", "cl"))), reason="there is no C compiler here"
)


@needs_compiler
def test_a_wheel_with_the_c_library_is_for_every_python_on_one_platform(wheel: Path) -> None:
    named = f"{DISTRIBUTION.replace('-', '_')}-{__version__}-py3-none-"
    assert wheel.name.startswith(named)
    platform = wheel.name.removeprefix(named).removesuffix(".whl")
    assert platform in {tag.platform for tag in sys_tags()} - {"any"}
    with zipfile.ZipFile(wheel) as archive:
        (said,) = (name for name in archive.namelist() if name.endswith(".dist-info/WHEEL"))
        about = archive.read(said).decode()
    assert f"Tag: py3-none-{platform}\n" in about
    assert "Root-Is-Purelib: false" in about
    assert sum(name.startswith(COMPILED) for name in _names(wheel)) == 1


@needs_compiler
def test_an_installed_wheel_reads_kafka_by_the_c_library(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    ask = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from streamcore.kafka.native.library import status; print(status())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", ask, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"STREAMCORE_KAFKA_NATIVE": "require"},
    )
    assert str(tmp_path / COMPILED) in ran.stdout


def test_without_a_compiler_a_wheel_is_for_every_platform(plain_wheel: Path) -> None:
    assert plain_wheel.name == f"{DISTRIBUTION.replace('-', '_')}-{__version__}-py3-none-any.whl"
    assert not any(name.startswith(COMPILED) for name in _names(plain_wheel))


def test_the_source_archive_holds_the_c_files_and_nothing_compiled(source_archive: Path) -> None:
    with tarfile.open(source_archive) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"hatch_build.py", "streamcore/kafka/native/c/filling.c"} <= set(names)
    assert not any(name.startswith(COMPILED) for name in names)


def test_the_only_top_level_name_is_streamcore(wheel: Path) -> None:
    assert {name.split("/")[0] for name in _names(wheel)} == {"streamcore"}


@pytest.mark.parametrize("sibling", SIBLINGS)
def test_a_sibling_is_installed_inside_the_package(wheel: Path, sibling: str) -> None:
    on_disk = {
        f"streamcore/{sibling}/{path.relative_to(ROOT / sibling)}" for path in _sources_in(ROOT / sibling)
    }
    installed = {name for name in _names(wheel) if name.startswith(f"streamcore/{sibling}/")}
    assert f"streamcore/{sibling}/__init__.py" in installed
    assert installed == on_disk


def test_type_checkers_find_the_types_of_an_installed_wheel(wheel: Path) -> None:
    assert "streamcore/py.typed" in _names(wheel)


def test_a_wheel_built_from_the_source_archive_is_the_same(
    wheel: Path, source_archive: Path, tmp_path: Path
) -> None:
    with tarfile.open(source_archive) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert _names(_build("wheel", unpacked, tmp_path / "again")) == _names(wheel)


def test_an_installed_wheel_leaves_the_bare_names_to_the_user(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    ask = (
        "import sys; from importlib.util import find_spec; sys.path.insert(0, sys.argv[1]); "
        "print([name for name in sys.argv[2:] if find_spec(name)])"
    )
    asked = [*SIBLINGS, "tests", *(f"streamcore.{sibling}" for sibling in SIBLINGS)]
    # Without `site`: the links of an editable installation are not followed.
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ask, str(tmp_path), *asked],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == str([f"streamcore.{sibling}" for sibling in SIBLINGS])


def _sources_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
