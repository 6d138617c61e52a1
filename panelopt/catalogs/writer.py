"""Writes a catalog folder with its rejects: the whole folder appears at once, or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from panelopt.catalogs.manifest import DATA_FILE, MANIFEST_FILE
from panelopt.errors import PaneloptError
from panelopt.io.atomic import exchange, remove_left_behind, sync_folder

REJECTS_FILE = "rejects.csv"

_OLD = ".old"

_OWN_FILES = frozenset({DATA_FILE, MANIFEST_FILE, REJECTS_FILE})
"""Names that a folder may hold to be taken for an imported catalog, which may be replaced."""


def check_folder(folder: Path, *, force: bool) -> None:
    """Fail early if a folder cannot be written later.

    Raises:
        PaneloptError: if it exists and ``force`` is not set, holds anything but a catalog, or cannot be made.
    """
    where = str(folder)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PaneloptError("there is a file or link of this name", where=where, hint="Choose another folder.")
    if folder.is_dir():
        foreign = sorted(entry.name for entry in folder.iterdir() if entry.name not in _OWN_FILES or entry.is_dir())
        if foreign:
            message = f"the folder holds other files: {', '.join(foreign[:5])}"
            raise PaneloptError(message, where=where, hint="Choose another folder.")
        if not force and any(entry.name != REJECTS_FILE for entry in folder.iterdir()):
            raise PaneloptError("the folder is there already", where=where, hint="Add --force to replace it.")
    parent = folder.resolve().parent
    if not parent.is_dir():
        raise PaneloptError("the folder above does not exist", where=where, hint=f"Create it first: mkdir -p {parent}")
    if not os.access(parent, os.W_OK):
        raise PaneloptError("no write permission", where=where, hint="Choose another folder.")


def write_folder(folder: Path, files: Mapping[str, str], *, force: bool = False) -> None:
    """Write UTF-8 files into a new folder; with ``force`` the folder replaces an older catalog.

    Raises:
        PaneloptError: as :func:`new_folder`.
    """
    with new_folder(folder, force=force) as new:
        for name, text in files.items():
            with open_text(new / name) as file:
                file.write(text)


@contextlib.contextmanager
def new_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a place to write into, which becomes ``folder`` if nothing fails; ``force`` as for :func:`write_folder`.

    Raises:
        PaneloptError: as :func:`check_folder`, or if the disk refuses; what was there before is untouched then.
    """
    target = folder.resolve()
    _restore(target)
    check_folder(folder, force=force)
    try:
        remove_left_behind(target)
        new = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part"))
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield new
        new.chmod(0o777 & ~_umask())
        sync_folder(new)
        _swap(new, target, force=force)
        sync_folder(target.parent)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a new UTF-8 file; once closed it is on the disk."""
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _swap(new: Path, target: Path, *, force: bool) -> None:
    """Put the new folder in the place of the old one; ``new`` is removed by the caller, whatever it holds then."""
    try:
        if not target.exists():
            new.rename(target)
            return
    except OSError:
        if not target.exists():
            raise
    check_folder(target, force=force)  # another import may have been quicker
    if exchange(new, target):
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=_OLD))
    try:
        target.rename(old)  # a folder replaces an empty one
        try:
            new.rename(target)
        except OSError:
            old.rename(target)
            raise
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(old)


def _restore(target: Path) -> None:
    """Bring back the old folder, where a run was killed between the two steps of a system that cannot exchange."""
    if target.exists():
        return
    for old in sorted(target.parent.glob(f".{glob.escape(target.name)}.*{_OLD}")):
        if (old / MANIFEST_FILE).is_file():
            with contextlib.suppress(OSError):
                old.rename(target)
            return


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(folder: Path, error: OSError) -> PaneloptError:
    reason = (error.strerror or "unknown reason").lower()
    return PaneloptError(f"the folder cannot be written: {reason}", where=str(folder), hint="Is the disk full?")
