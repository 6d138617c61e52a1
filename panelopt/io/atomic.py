"""Files are written whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from panelopt.errors import PaneloptError

LEFT_BEHIND_S = 86_400.0
"""An unfinished part of a file that is older belongs to a run that was killed."""

_LINUX_HERE = -100  # AT_FDCWD: paths that are not absolute begin at the present folder
_SWAP = 2  # RENAME_EXCHANGE, and RENAME_SWAP of macOS


def check_writable(path: Path) -> None:
    """Fail early if a file cannot be written later, for example before a long computation.

    Raises:
        PaneloptError: if the folder is missing or closed, or the path is a folder.
    """
    if _is_device(path):
        return
    if path.is_dir():
        raise PaneloptError("this is a folder, not a file", where=str(path), hint="Add a file name.")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise PaneloptError("the folder does not exist", where=str(path), hint=f"Create it first: mkdir -p {folder}")
    # a file is replaced, which its folder must allow, but one that is closed is meant to stay
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise PaneloptError("writing is not allowed here", where=str(path), hint="Choose another place.")


def make_folder(path: Path) -> None:
    """Create a folder where there is none.

    Raises:
        PaneloptError: if that is not possible.
    """
    try:
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PaneloptError(f"the folder cannot be created: {reason}", where=str(path)) from None


def write_text_atomic(path: Path, text: str) -> None:
    """Write a UTF-8 file so that readers see the old content or the new, never a part.

    The text goes to a temporary file in the same folder, is flushed to the disk, and replaces the old file in one step,
    which is flushed too: of files that are written one after the other, a power cut leaves no later one without the
    earlier ones. A symbolic link keeps pointing to the same file; devices and pipes are written directly.

    Raises:
        PaneloptError: if the file cannot be written; the old file is untouched then.
    """
    write_bytes_atomic(path, text.encode("utf-8"))


def write_bytes_atomic(path: Path, content: bytes) -> None:
    """Write a binary file; as :func:`write_text_atomic`."""

    def fill(file: BinaryIO) -> None:
        file.write(content)

    write_stream_atomic(path, fill)


def write_stream_atomic(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Write a binary file piece by piece; as :func:`write_text_atomic`.

    Args:
        path: The file.
        fill: Writes the content to the open file that it is given.
    """
    check_writable(path)
    try:
        if _is_device(path):
            with path.open("ab") as device:
                fill(device)
        else:
            _replace(path.resolve(), fill)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        hint = "Is the disk full? Choose another place with -o."
        raise PaneloptError(f"the file cannot be written: {reason}", where=str(path), hint=hint) from None


def sync_folder(folder: Path) -> None:
    """Let what was created, renamed or removed in a folder survive a power cut, where the system can do that."""
    with contextlib.suppress(OSError):  # Windows opens no folders, and some disks of a network cannot flush them
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two files or folders of one disk in a single step; False where the system cannot do that."""
    # renameat2 of Linux and renamex_np of macOS, which Python does not offer
    name, here = ("renameat2", (_LINUX_HERE,)) if sys.platform == "linux" else ("renamex_np", ())
    try:
        call = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return False
    return bool(call(*here, os.fsencode(one), *here, os.fsencode(other), _SWAP) == 0)


def remove_left_behind(path: Path) -> None:
    """Remove the unfinished parts of a file or folder that runs left behind which were killed long ago."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            if part.lstat().st_mtime < time.time() - LEFT_BEHIND_S:
                shutil.rmtree(part) if part.is_dir() and not part.is_symlink() else part.unlink()


def _is_device(path: Path) -> bool:
    """Whether a path is a device or pipe; ``/dev/stdout`` is one even where it leads to a file."""
    if path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",)):
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


def _replace(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    remove_left_behind(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def _mode(path: Path) -> int:
    """Return the permissions of the old file, or those that the umask gives a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
