"""Compiles the C library into wheels and editable installations, where there is a compiler.

`STREAMCORE_BUILD_NATIVE` chooses: `auto` (the default) builds a wheel for every platform when there is no
compiler or it fails, `require` fails then, `off` does not compile.
"""

from __future__ import annotations

import os
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PACKAGE = "streamcore/kafka/native"
_COMPILERS = ("cl", "clang", "gcc") if sys.platform == "win32" else ("cc", "gcc", "clang")


class NativeLibrary(BuildHookInterface):
    """Adds the library to a wheel, which then is for this platform and for every Python."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        choice = os.environ.get("STREAMCORE_BUILD_NATIVE", "auto")
        if choice not in {"auto", "require", "off"}:
            raise ValueError(f"STREAMCORE_BUILD_NATIVE={choice!r} must be auto, require or off")
        if choice == "off":
            return
        package = Path(self.root, _PACKAGE)
        sources = runpy.run_path(str(package / "sources.py"))
        self._folder = tempfile.TemporaryDirectory()
        built = Path(self._folder.name, sources["BUILT"])
        try:
            _compile(sources["c_files"](), sources["source_digest"](), built)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stdout", None) or error
            if choice == "require":
                raise RuntimeError(f"the C library does not compile: {said}") from error
            self.app.display_warning(f"Without the C library, Kafka will be slower: {said}")
            return
        if version == "editable":
            # Not over the old one: a process may have loaded it.
            shutil.move(built, package / f"{built.name}.new")
            (package / f"{built.name}.new").replace(package / built.name)
            return
        build_data["force_include"][str(built)] = f"{_PACKAGE}/{built.name}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{self.build_config.builder.get_best_matching_tag().split('-')[-1]}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def _compile(files: list[Path], digest: str, built: Path) -> None:
    compiler = shlex.split(os.environ.get("CC", "")) or [_found()]
    names = [str(path) for path in files]
    if Path(compiler[0]).stem == "cl":
        flags = ["/nologo", "/O2", "/LD", "/std:c11", f"/DSTREAMCORE_SOURCE={digest}", f"/Fe:{built}"]
    else:
        flags = ["-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden"]
        flags += [f"-DSTREAMCORE_SOURCE={digest}", "-o", str(built)]
        flags += shlex.split(os.environ.get("ARCHFLAGS", "")) + shlex.split(os.environ.get("CFLAGS", ""))
    subprocess.run(
        [*compiler, *flags, *names],
        check=True,
        cwd=built.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _found() -> str:
    for name in _COMPILERS:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError(f"there is no C compiler: none of {', '.join(_COMPILERS)} is on the PATH")
