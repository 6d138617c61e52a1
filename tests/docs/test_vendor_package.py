"""The example of a vendor's package: it is built and installed, found, designed with, and taken away again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NAME = "example-vendor-synthetic"
PACKAGE = "example_vendor"
SORTER = "example-sorter"
DYE = "Example Violet 660"
ORIGIN = "example-vendor 1.0"
EXAMPLE = Path("docs", "examples", "vendor-package")


def panelopt(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process whose path begins with ``site``."""
    variables = {**os.environ, "PYTHONPATH": str(site), "PANELOPT_CATALOGS": "", "PANELOPT_FLUOROCHROMES": ""}
    run = [sys.executable, "-m", "panelopt", *words]
    return subprocess.run(run, capture_output=True, text=True, env=variables, cwd=site.parent, check=False)


@pytest.fixture(scope="module")
def installed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built and installed into a folder of its own, without network."""
    folder = tmp_path_factory.mktemp("vendor")
    shutil.copytree(repository / EXAMPLE, folder / "source")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*install, "--disable-pip-version-check", "--target", str(folder / "site"), str(folder / "source")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.mark.parametrize(
    ("group", "key", "name", "folder"),
    [
        ("catalog", "name", NAME, "catalogs"),
        ("cytometer", "id", SORTER, "cytometers"),
        ("dye", "name", DYE, "fluorochromes"),
    ],
)
def test_lists_show_where_each_comes_from(installed: Path, group: str, key: str, name: str, folder: str) -> None:
    done = panelopt(installed, group, "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    listed = json.loads(done.stdout)
    (entry,) = (entry for entry in listed if entry["origin"] == ORIGIN)
    assert entry[key] == name
    assert {other["origin"].split()[0] for other in listed if other is not entry} == {"panelopt"}
    assert Path(entry.get("file") or entry["folder"]).is_relative_to(installed / PACKAGE / folder)
    if group != "catalog":  # whose table has a column for it
        assert panelopt(installed, group, "list").stdout.endswith(f"\nFrom {ORIGIN}: {name}.\n")


def test_checks_pass(installed: Path) -> None:
    for words in (
        ("cytometer", "check", SORTER),
        ("dye", "show", DYE),
        ("catalog", "check", "--strict", NAME),
        ("catalog", "check", "--strict"),
    ):
        done = panelopt(installed, *words)
        assert (done.returncode, done.stderr) == (0, ""), words
    done = panelopt(installed, "cytometer", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{SORTER}: 3 lasers, 10 detectors, no faults" in done.stdout


def test_a_panel_is_designed_with_all_three(installed: Path) -> None:
    (listed,) = (
        entry for entry in json.loads(panelopt(installed, "catalog", "list", "--json").stdout) if entry["name"] == NAME
    )
    assert (listed["kind"], listed["rows"], listed["synthetic"]) == ("plugin", 12, True)
    words = ("design", "bm-cd271-cd146", "--cytometer", SORTER, "--catalog", NAME, "--lock", f"CD146={DYE}")
    result = json.loads(panelopt(installed, *words, "--time-limit", "3", "--json").stdout)
    assert [(catalog["name"], catalog["sha256"]) for catalog in result["catalogs"]] == [(NAME, listed["sha256"])]
    assert result["cytometer"] == SORTER
    assert DYE in {slot["fluorochrome"] for slot in result["panel"]}
    assert {slot["vendor"] for slot in result["panel"] if slot["role"] == "marker"} == {
        "Example Vendor (does not exist)"
    }


def test_package_without_its_data_warns_and_is_an_error_when_named(installed: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    shutil.rmtree(site / PACKAGE)
    for group, name in (("catalog", NAME), ("cytometer", SORTER), ("dye", DYE)):
        done = panelopt(site, group, "list", "--json")
        assert done.returncode == 0
        assert name not in done.stdout
        assert f"plug-in {ORIGIN} is skipped" in done.stderr
    assert panelopt(site, "catalog", "search", "CD45", "--catalog", "example-vendor").returncode == 1
    assert panelopt(site, "cytometer", "show", "example-vendor").returncode == 1
    shutil.rmtree(site)
    for group in ("catalog", "cytometer", "dye"):
        done = panelopt(site, group, "list", "--json")
        assert (done.returncode, done.stderr) == (0, "")


def test_faulty_file_warns_and_harms_nothing_else(installed: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    for folder in ("cytometers", "fluorochromes"):
        (site / PACKAGE / folder / "bad.toml").write_text("name = ", encoding="utf-8")
    for group, name in (("cytometer", SORTER), ("dye", DYE)):
        done = panelopt(site, group, "list", "--json")
        assert done.returncode == 0
        assert name in done.stdout
        assert f"bad.toml of {ORIGIN} is skipped" in done.stderr
    assert panelopt(site, "cytometer", "check", SORTER).returncode == 0
    done = panelopt(site, "cytometer", "check")
    assert done.returncode == 1
    assert "bad: 1 fault" in done.stdout
    assert panelopt(site, "catalog", "check", "--strict", NAME).returncode == 0


def test_example_is_free_of_faults_and_of_anything_that_looks_real(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panelopt.catalogs import check_catalogs, find_catalogs

    package = repository / EXAMPLE / PACKAGE
    monkeypatch.setenv("PANELOPT_FLUOROCHROMES", str(package / "fluorochromes"))
    folder = str(package / "catalogs" / "antibodies")
    (checked,) = check_catalogs([folder])
    assert checked.rows
    assert not checked.faults
    assert not checked.remarks
    (catalog,), _ = find_catalogs([folder])
    assert all(c.availability == "synthetic" and not c.catalog_number and c.price is None for c in catalog.conjugates)
    assert not any(c.clone for c in catalog.conjugates)


def test_page_shows_the_files_of_the_example(repository: Path) -> None:
    page = (repository / "docs" / "add-a-vendor.md").read_text(encoding="utf-8")
    files = sorted((repository / EXAMPLE).rglob("*.toml"))
    assert len(files) == 4
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert f"```toml\n{text}```" in page, file
