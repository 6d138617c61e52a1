"""Finding catalogs among broken plug-ins, closed folders, loops of links and very many folders."""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path

import pytest

from panelopt.catalogs import CATALOG_FOLDERS_VARIABLE, catalog_sources, check_catalogs, find_catalogs
from panelopt.errors import InputError
from tests.builders import write_catalog_folder
from tests.conftest import Register

sources_module = importlib.import_module("panelopt.catalogs.sources")  # a function has the same name


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that PANELOPT_CATALOGS names."""
    folder = tmp_path / "folders"
    folder.mkdir()
    monkeypatch.setenv(CATALOG_FOLDERS_VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CATALOG_FOLDERS_VARIABLE, raising=False)


def names() -> list[str]:
    return [source.name for source in catalog_sources()[0]]


def codes() -> list[str]:
    return [finding.code for finding in catalog_sources()[1]]


@pytest.mark.parametrize(
    "entry_points",
    [
        "[panelopt.catalogs]\nany = nowhere_to_be_found\n",
        "[panelopt.catalogs]\nany = nowhere.to.be_found\n",
        "[panelopt.catalogs]\nany = single_module\n",
        "[panelopt.catalogs]\nany = ../../etc\n",
        "[panelopt.catalogs]\nany = \n",
        "[panelopt.catalogs]\nany\n",
        "panelopt.catalogs = no section\n",
        b"[panelopt.catalogs]\nany = caf\xe9\n",
    ],
)
def test_broken_entry_point_warns_and_leaves_the_others(register: Register, entry_points: str | bytes) -> None:
    before = names()
    (register("acme-catalog", entry_points) / "single_module.py").write_text("raise RuntimeError\n")
    assert names() == before
    (finding,) = catalog_sources()[1]
    assert finding.code == "broken-plugin"
    assert "acme-catalog 1.0 is skipped" in finding.message
    assert finding in find_catalogs()[1]


@pytest.mark.parametrize("name", ["acme-catalog", "any", "nowhere_to_be_found"])
def test_broken_plugin_is_an_error_when_named(register: Register, name: str) -> None:
    register("acme-catalog", "[panelopt.catalogs]\nany = nowhere_to_be_found\n")
    with pytest.raises(InputError, match=r"acme-catalog 1\.0") as caught:
        find_catalogs([name])
    assert caught.value.findings[0].code == "broken-plugin"


@pytest.mark.parametrize("metadata", ["", "Metadata-Version: 2.1\n"])
def test_distribution_without_a_name_is_used(register: Register, metadata: str) -> None:
    site = register("acme", "[panelopt.catalogs]\nany = acme_data\n", metadata)
    write_catalog_folder(site / "acme_data" / "one", "acme")
    assert find_catalogs(["acme"])[0][0].origin == "unnamed distribution"


def test_code_of_a_parent_package_does_not_run(register: Register) -> None:
    site = register("acme", "[panelopt.catalogs]\na = acme_top.deep.data\n")
    write_catalog_folder(site / "acme_top" / "deep" / "data" / "one", "acme")
    for package in (site / "acme_top", site / "acme_top" / "deep", site / "acme_top" / "deep" / "data"):
        (package / "__init__.py").write_text("raise RuntimeError('plug-in code must not run')\n")
    assert "acme" in names()
    assert not codes()
    assert not [module for module in sys.modules if module.startswith("acme_top")]


def test_two_ways_to_one_folder_are_no_clash(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    site = register("acme", "[panelopt.catalogs]\na = acme_pkg\nb = acme_pkg\nc = acme_pkg:DATA [extra]\n")
    folder = write_catalog_folder(site / "acme_pkg" / "one", "acme")
    (site / "link").symlink_to(folder)
    monkeypatch.setenv(CATALOG_FOLDERS_VARIABLE, os.pathsep.join([str(site / "link"), str(folder)]))
    assert names().count("acme") == 1
    assert not codes()


def test_the_first_of_two_installed_copies_counts(register: Register, tmp_path: Path) -> None:
    for part in ("old", "new"):
        site = register(
            f"{part}_acme", f"[panelopt.catalogs]\na = acme_{part}\n", f"Name: Acme_Data\nVersion: {part}\n"
        )
        write_catalog_folder(site / f"acme_{part}" / "one", f"acme-{part}")
    assert "acme-new" in names()
    assert "acme-old" not in names()


def test_plugin_without_catalogs_warns(register: Register) -> None:
    site = register("acme", "[panelopt.catalogs]\na = acme_empty\n")
    (site / "acme_empty").mkdir()
    (site / "acme_empty" / "__init__.py").touch()
    (finding,) = catalog_sources()[1]
    assert "plug-in acme 1.0 has no catalogs" in finding.message


def test_missing_and_empty_folders_warn(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes() == ["no-catalog-folder"]
    monkeypatch.setenv(CATALOG_FOLDERS_VARIABLE, str(folders / "missing"))
    (finding,) = catalog_sources()[1]
    assert CATALOG_FOLDERS_VARIABLE in finding.message
    assert finding.where == str(folders / "missing")


def test_closed_folder_warns(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_catalog_folder(folders / "one", "one")
    listed = os.scandir

    def closed(place: Path) -> object:
        if Path(place) == folders:
            raise PermissionError(13, "Permission denied", str(place))
        return listed(place)

    monkeypatch.setattr(sources_module.os, "scandir", closed)
    (finding,) = catalog_sources()[1]
    assert "permission denied" in finding.message


@pytest.mark.parametrize(
    "content", [b"name = 'caf\xe9'\n", b"name = ", b"[" * 5000, b"\x00", b"name = 'twice'\nname = 'twice'\n"]
)
def test_unreadable_manifest_is_skipped_unless_named(folders: Path, content: bytes) -> None:
    write_catalog_folder(folders / "good", "good")
    (write_catalog_folder(folders / "bad", "bad") / "catalog.toml").write_bytes(content)
    assert names()[0] == "good"
    assert "bad" not in names()
    assert codes() == ["broken-catalog"]
    with pytest.raises(InputError, match=r"bad.catalog\.toml"):
        find_catalogs(["bad"])


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_rows_that_are_no_file_are_skipped_unless_named(folders: Path, kind: str) -> None:
    data = write_catalog_folder(folders / "bad", "bad") / "conjugates.csv"
    data.unlink()
    if kind == "pipe":
        os.mkfifo(data)
    elif kind == "device":
        data.symlink_to("/dev/zero")
    else:
        data.mkdir()
    assert "bad" not in names()
    assert codes() == ["broken-catalog"]
    for name in ("bad", str(folders / "bad")):
        with pytest.raises(InputError, match="no regular file"):
            find_catalogs([name])
        (checked,) = check_catalogs([name])
        assert [fault.code for fault in checked.faults] == ["not-a-file"]


def test_what_is_no_catalog_folder_is_passed_by(folders: Path) -> None:
    write_catalog_folder(folders / "good", "good")
    (folders / "loop").symlink_to(folders / "loop")
    (folders / "up").symlink_to(folders)
    (folders / "file").touch()
    (folders / "odd" / "catalog.toml").mkdir(parents=True)
    (folders / "link").mkdir()
    (folders / "link" / "catalog.toml").symlink_to("catalog.toml")
    os.mkfifo(folders / "up" / "pipe")
    assert names()[0] == "good"
    assert not codes()


@pytest.mark.parametrize("name", ["./loop", "./missing", "nul/\0"])
def test_path_that_leads_nowhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    with pytest.raises(InputError) as caught:
        find_catalogs([name])
    assert caught.value.findings[0].code == "missing-file"


def test_device_is_an_error() -> None:
    with pytest.raises(InputError, match="device"):
        find_catalogs(["/dev/zero"])


def test_ten_thousand_folders_are_passed_by_quickly(folders: Path) -> None:
    for number in range(10_000):
        (folders / str(number)).mkdir()
    write_catalog_folder(folders / "0", "good")
    start = time.process_time()
    assert names()[0] == "good"
    # measured: 0.1 s
    assert time.process_time() - start < 5


def test_very_many_catalogs_are_cut_off_with_a_warning(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_module, "MAX_CATALOGS", 3)
    for number in range(5):
        write_catalog_folder(folders / str(number), f"many-{number}")
    assert [name for name in names() if name.startswith("many")] == ["many-0", "many-1", "many-2"]
    assert codes() == ["many-catalogs"]
    assert find_catalogs([str(folders / "4")])[0][0].name == "many-4"


def test_a_catalog_that_changes_its_name_is_found_by_it(folders: Path) -> None:
    folder = write_catalog_folder(folders / "one", "before")
    assert names()[0] == "before"
    write_catalog_folder(folder, "afterwards")
    assert names()[0] == "afterwards"
