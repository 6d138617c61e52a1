"""Folders of uploaded files: what a killed server left behind goes when the next one starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from panelopt.serve.uploads import PREFIX, Uploads

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes cannot be asked there whether they live")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_folders_of_ended_servers_are_removed(temporary: Path, ended: int) -> None:
    left = temporary / f"{PREFIX}{ended}-abc"
    left.mkdir()
    (left / "stock.csv").write_text("CD3", encoding="utf-8")
    uploads = Uploads()
    assert list(temporary.iterdir()) == [uploads.folder]
    assert uploads.folder.name.startswith(f"{PREFIX}{os.getpid()}-")
    uploads.close()
    assert not list(temporary.iterdir())


def test_nothing_else_is_removed(temporary: Path, ended: int) -> None:
    first = Uploads()
    elsewhere = temporary / "elsewhere"
    kept = [elsewhere, temporary / f"{PREFIX}abc-def", temporary / f"{PREFIX}{ended}", temporary / f"{PREFIX}-x"]
    for folder in kept:
        folder.mkdir()
    (elsewhere / "file").touch()
    link, file = temporary / f"{PREFIX}{ended}-link", temporary / f"{PREFIX}{ended}-file"
    link.symlink_to(elsewhere)
    file.touch()
    second = Uploads()
    assert set(temporary.iterdir()) == {*kept, link, file, first.folder, second.folder}
    assert (elsewhere / "file").exists()
