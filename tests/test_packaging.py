"""The package is complete: every module and data file is shipped, and settings are where their tools read them."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

DATA = {"panelopt_catalogs": "catalogs", "panelopt_problems": "problems"}
SHIPPED_WITH_THE_SOURCE = ("panelopt", "catalogs", "problems", "tests", "docs", "benchmarks", "tools", "constraints")
PARTS = (("first", "*.tar.gz"), ("first", "*.whl"), ("second", "*.whl"))

pytestmark = pytest.mark.source


@pytest.fixture(scope="module")
def settings(repository: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(repository / "setup.cfg", encoding="utf-8")
    return parser


def test_every_package_is_listed(repository: Path, settings: configparser.ConfigParser) -> None:
    found = {".".join(p.parent.relative_to(repository).parts) for p in (repository / "panelopt").rglob("*.py")}
    assert found | set(DATA) == set(settings["options"]["packages"].split())


def test_every_data_file_is_matched(repository: Path, settings: configparser.ConfigParser) -> None:
    patterns = settings["options.package_data"]
    for package, folder in DATA.items():
        root = repository / folder
        shipped = {path for pattern in patterns[package].split() for path in root.glob(pattern)}
        assert shipped
        assert shipped == {path for suffix in ("toml", "csv") for path in root.rglob(f"*.{suffix}")}


def test_pyproject_leaves_settings_to_setup_cfg(repository: Path) -> None:
    document = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(document) == {"build-system", "tool"}
    assert set(document["tool"]) == {"ruff"}


def test_every_layer_is_judged(repository: Path, settings: configparser.ConfigParser) -> None:
    layers = settings["importlinter:contract:layers"]["layers"].replace("|", " ").split()
    parts = [p for p in (repository / "panelopt").iterdir() if not p.name.startswith(("__", "."))]
    names = {f"panelopt.{p.stem}" for p in parts if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert names - {"panelopt.schemas"} <= set(layers)


@pytest.fixture(scope="module")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Source archive, wheel made of it, and wheel made of a copy of the source, without network."""
    folder = tmp_path_factory.mktemp("built")
    known = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(known, cwd=repository, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, files):
        if (repository / name).is_file():
            (folder / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / name, folder / "copy" / name)
    for part, words in {"first": (), "second": ("--wheel",)}.items():
        build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / part), *words]
        variables = {**os.environ, "SOURCE_DATE_EPOCH": "1704067200"}
        subprocess.run([*build, str(folder / "copy")], env=variables, check=True, capture_output=True)
    return tuple(next((folder / part).glob(kind)) for part, kind in PARTS)  # type: ignore[return-value]


def names(archive: Path) -> set[str]:
    """Names of the files of a wheel, without its metadata."""
    with zipfile.ZipFile(archive) as opened:
        return {name for name in opened.namelist() if ".dist-info/" not in name}


@pytest.mark.slow
def test_wheel_has_the_packages_and_their_data_and_nothing_else(repository: Path, built: tuple[Path, ...]) -> None:
    wanted = {path.relative_to(repository).as_posix() for path in (repository / "panelopt").rglob("*.py")}
    wanted |= {f"panelopt/schemas/{path.name}" for path in (repository / "panelopt/schemas").glob("*.json")}
    wanted |= {
        f"panelopt/report/html/templates/{p.name}" for p in (repository / "panelopt/report/html/templates").iterdir()
    }
    for package, folder in DATA.items():
        data = (path for kind in ("*.py", "*.toml", "*.csv") for path in (repository / folder).rglob(kind))
        wanted |= {f"{package}/{path.relative_to(repository / folder).as_posix()}" for path in data}
    assert names(built[1]) == wanted | {"panelopt/py.typed"}
    with zipfile.ZipFile(built[1]) as opened:
        (licence,) = (name for name in opened.namelist() if name.endswith("/LICENSE"))
        assert opened.read(licence) == (repository / "LICENSE").read_bytes()


@pytest.mark.slow
def test_wheels_of_the_archive_and_of_the_source_are_the_same_bytes(built: tuple[Path, ...]) -> None:
    assert names(built[1]) == names(built[2])
    assert built[1].read_bytes() == built[2].read_bytes()


@pytest.mark.slow
def test_archive_has_what_the_tests_need(repository: Path, built: tuple[Path, ...]) -> None:
    with tarfile.open(built[0]) as opened:
        packed = {name.partition("/")[2] for name in opened.getnames()}
    known = ["git", "ls-files", "-z", *SHIPPED_WITH_THE_SOURCE]
    files = subprocess.run(known, cwd=repository, check=True, capture_output=True, text=True).stdout.split("\0")
    assert {name for name in files if name and (repository / name).exists()} <= packed
    assert not {name for name in packed if "__pycache__" in name or name.endswith(".pyc")}
