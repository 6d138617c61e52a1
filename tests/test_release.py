"""What a release promises: bounds, versions, licences, types for others' programs, one version number."""

from __future__ import annotations

import ast
import configparser
import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import panelopt
from panelopt import api

OUTSIDE = Path(__file__).parent / "outside" / "program.py"

WRONG = """\
from panelopt import api

api.design("no question")
api.load("x")
api.Options(sead=1)
len(api.load("x", cytometer="y").problem.id + 1)
"""


@pytest.fixture(scope="module")
def bounds(repository: Path) -> dict[str, str]:
    """Lower bound of each requirement by name."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(repository / "setup.cfg", encoding="utf-8")
    requirements = map(Requirement, settings["options"]["install_requires"].split("\n")[1:])
    return {canonicalize_name(r.name): next(iter(r.specifier)).version for r in requirements}


def pins(path: Path) -> dict[str, str]:
    """Exact versions of a file of constraints, on this Python."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate()]
    assert all(str(one.specifier).startswith("==") for one in found)
    return {one.name: next(iter(one.specifier)).version for one in found}


@pytest.fixture
def tool(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a tool."""
    monkeypatch.syspath_prepend(str(repository / "tools"))
    return importlib.import_module


def test_lowest_versions_are_the_bounds(repository: Path, bounds: dict[str, str]) -> None:
    lowest = pins(repository / "constraints" / "lowest.txt")
    assert set(bounds) <= set(lowest)
    wrong = {name: lowest[name] for name, bound in bounds.items() if not f"{lowest[name]}.".startswith(f"{bound}.")}
    assert not wrong


def test_tested_versions_are_all_and_above_the_bounds(repository: Path, bounds: dict[str, str]) -> None:
    path = repository / "constraints" / "tested.txt"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    (pythons,) = re.findall(r"^# Python (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    if python not in pythons.split(", "):
        pytest.skip(f"no release was tested on Python {python}")
    tested = pins(path)
    assert set(bounds) <= set(tested)
    assert all(Requirement(f"{name}>={bound}").specifier.contains(tested[name]) for name, bound in bounds.items())


def test_versions_are_recorded_by_python(tool: Callable[[str], ModuleType]) -> None:
    recorded = tool("record_versions").recorded
    first = recorded("", "3.11", {"a": "1", "b": "1", "c": "1"})
    assert first.endswith("# Python 3.11\na==1\nb==1\nc==1\n")
    both = recorded(first, "3.9", {"a": "1", "b": "0", "d": "1"})
    assert both.partition("# Python 3.9, 3.11\n")[2].splitlines() == [
        "a==1", 'b==0 ; python_version == "3.9"', 'b==1 ; python_version == "3.11"', 'c==1 ; python_version == "3.11"',
        'd==1 ; python_version == "3.9"',
    ]  # fmt: skip
    assert (
        recorded(both, "3.9", {"a": "1", "b": "1", "c": "1"}).partition("# Python")[2]
        == " 3.9, 3.11\na==1\nb==1\nc==1\n"
    )


def test_no_file_of_versions_names_a_place(repository: Path) -> None:
    for path in (repository / "constraints").iterdir():
        assert not re.search(r"://|--index|@", path.read_text(encoding="utf-8"))


def test_licences_of_all_packages_are_listed(repository: Path, tool: Callable[[str], ModuleType]) -> None:
    licences = tool("list_licences")
    page = (repository / "docs" / "licences.md").read_text(encoding="utf-8")
    assert set(licences.needed()) <= set(licences.kept(page, "Installed with panelopt"))
    listed = {name for heading in re.findall(r"^## (.+)$", page, re.MULTILINE) for name in licences.kept(page, heading)}
    installed = {name for name in licences.needed(licences.EXTRAS) if is_installed(name)}
    assert installed <= listed
    assert "not stated" not in page


def is_installed(name: str) -> bool:
    """Whether a distribution is installed."""
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


def test_licences_that_bind_whoever_changes_a_package_are_named(
    repository: Path, tool: Callable[[str], ModuleType]
) -> None:
    licences = tool("list_licences")
    page = (repository / "docs" / "licences.md").read_text(encoding="utf-8")
    assert licences.page(page).partition("## Installed")[0] == page.partition("## Installed")[0]
    binding = set(licences.kept(page, "Copyleft"))
    assert "pyphen" in binding
    assert not binding & set(licences.kept(page, "Installed with panelopt"))


def test_versions_agree(repository: Path) -> None:
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE).group(1) == panelopt.__version__  # type: ignore[union-attr]
    assert f"## {panelopt.__version__}" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def checked(repository: Path, program: Path) -> str:
    """Return what mypy says of a program; it finds the package beside the tests, or else among the installed ones."""
    pytest.importorskip("mypy")
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--follow-imports=silent"]
    cache = ["--cache-dir", str(repository / ".mypy_cache" / "outside")]  # options differ from those of `make types`
    run = subprocess.run([*words, *cache, str(program)], cwd=repository, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def test_other_programs_are_type_checked_against_the_package(repository: Path) -> None:
    assert checked(repository, OUTSIDE).startswith("Success: no issues found in 1 source file")


def test_wrong_programs_are_found(repository: Path, tmp_path: Path) -> None:
    program = tmp_path / "wrong.py"
    program.write_text(WRONG, encoding="utf-8")
    found = checked(repository, program)
    assert re.findall(r"wrong.py:(\d+): error: .*\[([a-z-]+)\]", found) == [
        ("3", "arg-type"), ("4", "call-arg"), ("5", "call-arg"), ("6", "operator"),
    ], found  # fmt: skip


def test_the_program_uses_everything_that_is_public() -> None:
    nodes = ast.walk(ast.parse(OUTSIDE.read_text(encoding="utf-8")))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "api"}
    assert used == set(api.__all__)
