"""Cytometer and fluorochrome files of plug-ins: found, but not read."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panelopt import __version__
from panelopt.errors import Finding, InputError
from panelopt.registry.plugins import plugins

MAX_FILES = 200
"""Files of one plug-in folder at most; the rest is left out with a warning."""

MAX_BYTES = 2_000_000
"""Size of all files of one plug-in folder together; the shipped fluorochromes have a sixth of it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of cytometers or fluorochromes.

    Attributes:
        path: The file.
        kind: Whether it is the user's, a plug-in's, or shipped.
        origin: Distribution and version that ship it; the path of a file of the user.
    """

    path: Path
    kind: Literal["file", "plugin", "built-in"]
    origin: str


def shipped_file(path: Path) -> SourceFile:
    """Return a file that panelopt ships."""
    return SourceFile(path, "built-in", f"panelopt {__version__}")


def own_source(path: Path) -> SourceFile:
    """Return a file of the user."""
    return SourceFile(path, "file", str(path))


def plugged_files(group: str, things: str) -> tuple[tuple[SourceFile, ...], tuple[Finding, ...]]:
    """Return the TOML files in the folders that plug-ins register, and what is wrong with the plug-ins.

    Args:
        group: Entry-point group.
        things: What the files hold, in the plural.
    """
    files: dict[Path, SourceFile] = {}  # two ways to one file are no conflict
    findings: list[Finding] = []
    for plugin in plugins(group):
        if plugin.fault is not None:
            findings.append(plugin.fault)
        for folder in plugin.folders:
            paths, remarks = _toml_files(folder, f"plug-in {plugin.origin}", things)
            findings += remarks
            for path in paths:
                files.setdefault(path.resolve(), SourceFile(path, "plugin", plugin.origin))
    return tuple(files.values()), tuple(findings)


def skipped_file(kind: str, file: SourceFile, error: InputError) -> Finding:
    """Return the warning that a faulty file of a plug-in is left out."""
    more = f" (and {len(error.findings) - 1} more faults)" if len(error.findings) > 1 else ""
    message = f"{file.path.name} of {file.origin} is skipped: {error.findings[0].message}{more}"
    return Finding(f"broken-{kind}", message, error.where or str(file.path), "Tell the maker of the package.")


def _toml_files(folder: Path, owner: str, things: str) -> tuple[list[Path], list[Finding]]:
    """Return the files of a folder by name, up to the limits, and what is left out."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        return [], [Finding("no-plugged-files", f"{owner}: {reason}", str(folder), "Check the permissions.")]
    paths = [folder / name for name in names if name.endswith(".toml") and not name.startswith(".")]
    if not paths:
        message = f"{owner} has no {things}: the folder holds no TOML file"
        return [], [Finding("no-plugged-files", message, str(folder), "Tell the maker of the package.")]
    kept: list[Path] = []
    findings: list[Finding] = []
    total = 0
    for path in paths:
        if (size := _regular_size(path)) is None:
            # reading a device or a pipe might never end
            findings.append(Finding("not-a-file", f"{path.name} of {owner} is skipped: no regular file", str(path)))
            continue
        total += size
        if len(kept) == MAX_FILES or total > MAX_BYTES:
            message = f"{owner} has more {things} than {MAX_FILES} files or {MAX_BYTES:,} bytes"
            findings.append(Finding("many-files", f"{message}; {path.name} and what follows are skipped", str(folder)))
            break
        kept.append(path)
    return kept, findings


def _regular_size(path: Path) -> int | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
