"""The package is complete: every module and data file is shipped, and settings are where their tools read them."""

from __future__ import annotations

import configparser
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

DATA = {"panelopt_catalogs": "catalogs", "panelopt_problems": "problems"}


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


@pytest.mark.slow
def test_wheel_works_without_the_source_tree(repository: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(repository)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("panelopt-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert "panelopt/py.typed" in names
    assert "panelopt/schemas/result.schema.json" in names
    assert not [name for name in names if name.startswith(("tests", "docs", "benchmarks", "tools"))]
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from panelopt import registry\n"
        "assert registry.__file__.startswith(sys.argv[1]), registry.__file__\n"
        "print(len(registry.find_catalogs()[0]), len(registry.problem_names()), len(registry.cytometer_names()))\n"
        "assert all(str(s.folder).startswith(sys.argv[1]) for s in registry.catalog_sources()[0])"
    )
    run = [sys.executable, "-c", script, str(tmp_path / "site")]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(int(number) > 0 for number in done.stdout.split())
