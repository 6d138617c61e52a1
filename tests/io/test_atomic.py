"""Atomic writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from panelopt.errors import PaneloptError
from panelopt.io.atomic import check_writable, sync_folder, write_bytes_atomic, write_text_atomic


def test_text_is_written_as_utf8_and_replaces_the_old(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    path.chmod(0o640)
    write_text_atomic(path, "CD140β\n")
    assert path.read_bytes() == "CD140β\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_new_files_follow_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_bytes_atomic(tmp_path / "out.bin", b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "out.bin").stat().st_mode & 0o777 == 0o640


def test_failure_leaves_the_old_file_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PaneloptError, match="no space left") as caught:
        write_text_atomic(path, "new")
    assert caught.value.hint
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_links_keep_pointing_to_their_file(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write_text_atomic(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_devices_are_written_directly() -> None:
    write_text_atomic(Path(os.devnull), "gone")
    assert not Path(os.devnull).is_file()


def test_stdout_that_leads_to_a_file_is_continued_not_replaced(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from panelopt.io.atomic import write_text_atomic\n"
        "print('before', flush=True); write_text_atomic(Path('/dev/stdout'), 'text\\n'); print('after')"
    )
    with (tmp_path / "out").open("ab") as out:
        subprocess.run([sys.executable, "-c", script], stdout=out, check=True)
    assert (tmp_path / "out").read_text() == "before\ntext\nafter\n"


@pytest.mark.parametrize(("name", "message"), [("missing/out.txt", "does not exist"), ("", "is a folder")])
def test_places_that_cannot_work_are_told_before(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(PaneloptError, match=message) as caught:
        check_writable(tmp_path / name)
    assert caught.value.hint


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_content_and_name_are_flushed_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    fsync, replace = os.fsync, Path.replace

    def flush(descriptor: int) -> None:
        steps.append(Path(f"/proc/self/fd/{descriptor}").readlink().suffix or "folder")
        fsync(descriptor)

    def rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(Path, "replace", rename)
    write_text_atomic(tmp_path / "out.txt", "x")
    assert steps == [".part", "rename", "folder"]


def test_a_folder_that_cannot_be_flushed_is_no_fault(tmp_path: Path) -> None:
    sync_folder(tmp_path / "nowhere")
