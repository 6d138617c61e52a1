"""A catalog folder appears whole or not at all, and never in the place of other files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from panelopt.catalogs import writer as catalog_writer
from panelopt.catalogs.writer import write_folder
from panelopt.errors import PaneloptError

FILES = {"catalog.toml": "name = 'x'\n", "conjugates.csv": "marker\nCD140\u03b2\n"}


def test_the_folder_is_written_and_replaced_only_with_force(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write_folder(folder, FILES)
    assert (folder / "conjugates.csv").read_bytes() == FILES["conjugates.csv"].encode()
    with pytest.raises(PaneloptError, match="there already") as caught:
        write_folder(folder, {"catalog.toml": "new"})
    assert "--force" in caught.value.hint
    write_folder(folder, {"catalog.toml": "new"}, force=True)
    assert [path.name for path in folder.iterdir()] == ["catalog.toml"]
    assert list(tmp_path.iterdir()) == [folder]


def test_other_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(PaneloptError, match=r"thesis\.docx"):
        write_folder(tmp_path, FILES, force=True)
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(PaneloptError, match="file or link"):
            write_folder(tmp_path / name, FILES, force=True)
    with pytest.raises(PaneloptError, match="does not exist"):
        write_folder(tmp_path / "no" / "where", FILES)


@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    folder = tmp_path / "mine"
    if there:
        write_folder(folder, FILES)
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PaneloptError, match="no space left"):
        write_folder(folder, {"catalog.toml": "new", "conjugates.csv": "new"}, force=True)
    assert list(tmp_path.iterdir()) == ([folder] if there else [])
    if there:
        assert (folder / "catalog.toml").read_text() == FILES["catalog.toml"]


def test_a_failed_exchange_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    write_folder(folder, FILES)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(catalog_writer, "exchange", lambda *_paths: False)  # as where the system cannot do it
    with pytest.raises(PaneloptError, match="permission denied"):
        write_folder(folder, {"catalog.toml": "new"}, force=True)
    assert (folder / "catalog.toml").read_text() == FILES["catalog.toml"]
    assert list(tmp_path.iterdir()) == [folder]


def test_an_old_folder_that_was_on_its_way_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write_folder(folder, FILES)
    folder.rename(tmp_path / ".mine.x1.old")  # killed between the two steps
    with pytest.raises(PaneloptError, match="there already"):
        write_folder(folder, {"catalog.toml": "new"})
    assert (folder / "catalog.toml").read_text() == FILES["catalog.toml"]
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("moment", ["before the folder is looked for", "after that"])
def test_another_import_may_be_quicker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool, moment: str
) -> None:
    folder = tmp_path / "mine"
    rename, sync = Path.rename, catalog_writer.sync_folder

    def theirs() -> None:
        if not folder.exists():
            folder.mkdir()
            (folder / "catalog.toml").write_text("theirs")

    def late(self: Path, target: Path) -> Path:
        theirs()
        return rename(self, target)

    def early(place: Path) -> None:
        theirs()
        sync(place)

    if moment == "after that":
        monkeypatch.setattr(Path, "rename", late)
    else:
        monkeypatch.setattr(catalog_writer, "sync_folder", early)
    if force:
        write_folder(folder, FILES, force=True)
        assert (folder / "catalog.toml").read_text() == FILES["catalog.toml"]
    else:
        with pytest.raises(PaneloptError, match="there already"):
            write_folder(folder, FILES)
        assert (folder / "catalog.toml").read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [folder]
