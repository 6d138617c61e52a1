"""What a release promises: bounds, versions, licences, types for others' programs, one version number."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import panelopt

PROGRAM = """\
from pathlib import Path

from panelopt import api
from panelopt.errors import InputError


def colours(problem: str) -> int:
    try:
        question = api.load(problem, cytometer="aria-fusion")
    except InputError as error:
        for finding in error.findings:
            print(finding.code, finding.where)
        return 0
    result = api.design(question, api.Options(seed=1))
    api.write_instance(question, Path("x.npz"))
    return len(result.panel)


reveal_type(colours("x"))
reveal_type(api.design)
"""


@pytest.fixture(scope="module")
def bounds(repository: Path) -> dict[str, str]:
    """Lower bound of each requirement by name."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(repository / "setup.cfg", encoding="utf-8")
    requirements = map(Requirement, settings["options"]["install_requires"].split("\n")[1:])
    return {canonicalize_name(r.name): next(iter(r.specifier)).version for r in requirements}


def pins(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return dict(line.split("==") for line in lines)


def test_lowest_versions_are_the_bounds(repository: Path, bounds: dict[str, str]) -> None:
    lowest = pins(repository / "constraints" / "lowest.txt")
    assert set(bounds) <= set(lowest)
    wrong = {name: lowest[name] for name, bound in bounds.items() if not f"{lowest[name]}.".startswith(f"{bound}.")}
    assert not wrong


def test_tested_versions_are_all_and_above_the_bounds(repository: Path, bounds: dict[str, str]) -> None:
    tested = pins(repository / "constraints" / "tested.txt")
    assert set(bounds) <= set(tested)
    assert all(Requirement(f"{name}>={bound}").specifier.contains(tested[name]) for name, bound in bounds.items())


def test_no_file_of_versions_names_a_place(repository: Path) -> None:
    for path in (repository / "constraints").iterdir():
        assert not re.search(r"://|--index|@", path.read_text(encoding="utf-8"))


def test_licences_of_all_packages_are_listed(repository: Path) -> None:
    script = "import list_licences; print(*list_licences.needed())"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=repository / "tools", capture_output=True, text=True, check=True
    )
    page = (repository / "docs" / "licences.md").read_text(encoding="utf-8")
    listed = {canonicalize_name(name) for name in re.findall(r"^\| (\S+) \|", page, re.MULTILINE)} - {"package"}
    assert set(run.stdout.split()) == listed
    assert "not stated" not in page


def test_versions_agree(repository: Path) -> None:
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE).group(1) == panelopt.__version__  # type: ignore[union-attr]
    assert f"## {panelopt.__version__}" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_other_programs_are_type_checked_against_the_package(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    cache = repository / ".mypy_cache"
    words = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        "",
        "--follow-imports=silent",
        "--cache-dir",
        str(cache),
    ]
    found = subprocess.run([*words, str(program)], cwd=repository, capture_output=True, text=True, check=False)
    assert 'Revealed type is "int"' in found.stdout or "builtins.int" in found.stdout
    assert "-> panelopt.domain.result.Result" in found.stdout, found.stdout
    assert "error:" not in found.stdout, found.stdout
