"""Atomic writes: a file is written completely or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from panelopt.errors import PaneloptError

LEFT_BEHIND_S = 86_400.0
"""Unfinished parts older than this belong to a run that was killed."""

_LINUX_HERE = -100  # AT_FDCWD: relative paths start at the working directory
_SWAP = 2  # RENAME_EXCHANGE, and RENAME_SWAP of macOS


def check_writable(path: Path) -> None:
    """Fail early if a file will not be writable, for example before a long computation.

    Raises:
        PaneloptError: if the folder is missing or read-only, or the path is a folder.
    """
    if _is_device(path):
        return
    if path.is_dir():
        raise PaneloptError("this is a folder, not a file", where=str(path), hint="Add a file name.")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise PaneloptError("the folder does not exist", where=str(path), hint=f"Create it first: mkdir -p {folder}")
    # replacing a file needs only a writable folder, but a read-only file is meant to stay
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise PaneloptError("no write permission", where=str(path), hint="Choose another path.")


def make_folder(path: Path) -> None:
    """Create a folder if it does not exist.

    Raises:
        PaneloptError: if it cannot be created.
    """
    try:
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PaneloptError(f"the folder cannot be created: {reason}", where=str(path)) from None


def write_text_atomic(path: Path, text: str) -> None:
    """Write a UTF-8 file so that readers see the old or the new content, never a part.

    The text is written to a temporary file in the same folder, flushed to disk, and replaces the old file in one step,
    which is flushed too: if files are written in sequence, a power cut never leaves a later one without the earlier
    ones. Symbolic links keep pointing to the same file; devices and pipes are written directly.

    Raises:
        PaneloptError: if the file cannot be written; the old file is left unchanged.
    """
    write_bytes_atomic(path, text.encode("utf-8"))


def write_bytes_atomic(path: Path, content: bytes) -> None:
    """Write a binary file; see :func:`write_text_atomic`."""

    def fill(file: BinaryIO) -> None:
        file.write(content)

    write_stream_atomic(path, fill)


def write_stream_atomic(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Write a binary file piece by piece; see :func:`write_text_atomic`.

    Args:
        path: The file.
        fill: Writes the content to the given open file.
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
        hint = "Is the disk full? Choose another path with -o."
        raise PaneloptError(f"the file cannot be written: {reason}", where=str(path), hint=hint) from None


def sync_folder(folder: Path) -> None:
    """Make changes to a folder survive a power cut, if the system supports it."""
    with contextlib.suppress(OSError):  # Windows cannot open folders, and some network disks cannot flush them
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two files or folders on one disk in a single step; return False if the system cannot."""
    import ctypes  # seldom needed, and slow to load

    # renameat2 of Linux and renamex_np of macOS are not available in Python
    name, here = ("renameat2", (_LINUX_HERE,)) if sys.platform == "linux" else ("renamex_np", ())
    try:
        call = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return False
    return bool(call(*here, os.fsencode(one), *here, os.fsencode(other), _SWAP) == 0)


def remove_left_behind(path: Path) -> None:
    """Remove unfinished parts of a file or folder left by runs that were killed long ago."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            if part.lstat().st_mtime < time.time() - LEFT_BEHIND_S:
                shutil.rmtree(part) if part.is_dir() and not part.is_symlink() else part.unlink()


def _is_device(path: Path) -> bool:
    """Whether a path is a device or pipe; ``/dev/stdout`` is one even if it leads to a file."""
    if path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",)):
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


def _replace(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    remove_left_behind(path)
    import tempfile  # not needed to read

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
    """Return the permissions of the old file, or those of a new file under the umask."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
