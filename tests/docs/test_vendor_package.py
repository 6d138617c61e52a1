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
PACKAGE = "example_vendor_catalogs"
EXAMPLE = Path("docs", "examples", "vendor-package")


def panelopt(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process whose path begins with ``site``."""
    variables = {**os.environ, "PYTHONPATH": str(site), "PANELOPT_CATALOGS": ""}
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


def test_package_is_found_and_designed_with(installed: Path) -> None:
    done = panelopt(installed, "catalog", "list", "--json")
    assert done.returncode == 0
    assert not done.stderr
    (listed,) = (entry for entry in json.loads(done.stdout) if entry["name"] == NAME)
    assert (listed["kind"], listed["origin"]) == ("plugin", "example-vendor-catalogs 1.0")
    assert (listed["rows"], listed["synthetic"]) == (11, True)
    assert listed["folder"].startswith(str(installed))
    words = ("design", "bm-cd271-cd146", "--cytometer", "aria-fusion", "--catalog", NAME, "--time-limit", "3", "--json")
    result = json.loads(panelopt(installed, *words).stdout)
    assert [(catalog["name"], catalog["sha256"]) for catalog in result["catalogs"]] == [(NAME, listed["sha256"])]
    assert {slot["vendor"] for slot in result["panel"] if slot["role"] == "marker"} == {
        "Example Vendor (does not exist)"
    }


def test_package_without_its_data_warns_and_is_an_error_when_named(installed: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    shutil.rmtree(site / PACKAGE)
    done = panelopt(site, "catalog", "list", "--json")
    assert done.returncode == 0
    assert NAME not in done.stdout
    assert "plug-in example-vendor-catalogs 1.0 is skipped" in done.stderr
    assert panelopt(site, "catalog", "search", "CD45", "--catalog", "example-vendor").returncode == 1
    shutil.rmtree(site)
    done = panelopt(site, "catalog", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")


def test_example_is_free_of_faults_and_of_anything_that_looks_real(repository: Path) -> None:
    from panelopt.catalogs import check_catalogs, find_catalogs

    folder = str(repository / EXAMPLE / PACKAGE / "antibodies")
    (checked,) = check_catalogs([folder])
    assert checked.rows
    assert not checked.faults
    assert not checked.remarks
    (catalog,), _ = find_catalogs([folder])
    assert all(c.availability == "synthetic" and not c.catalog_number and c.price is None for c in catalog.conjugates)
    assert not any(c.clone for c in catalog.conjugates)


def test_page_shows_the_files_of_the_example(repository: Path) -> None:
    page = (repository / "docs" / "add-a-vendor.md").read_text(encoding="utf-8")
    for file in (EXAMPLE / "pyproject.toml", EXAMPLE / PACKAGE / "antibodies" / "catalog.toml"):
        text = (repository / file).read_text(encoding="utf-8")
        assert f"```toml\n{text}```" in page, file
