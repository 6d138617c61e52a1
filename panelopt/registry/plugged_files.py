"""Finds cytometer and fluorochrome files of plug-ins without reading them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

from panelopt import __version__
from panelopt.errors import Finding, InputError
from panelopt.frozen import dataclass
from panelopt.registry.plugins import plugins

MAX_FILES = 200
"""Maximum number of files per plug-in folder; the rest is skipped with a warning."""

MAX_BYTES = 2_000_000
"""Maximum total size of the files in a plug-in folder; the shipped fluorochromes have a sixth of it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file with cytometers or fluorochromes.

    Attributes:
        path: The file.
        kind: Whether it is local, plugged in or shipped.
        origin: Distribution and version that ship it, or the path of a local file.
    """

    path: Path
    kind: Literal["file", "plugin", "built-in"]
    origin: str


def shipped_file(path: Path) -> SourceFile:
    """Return a file shipped with panelopt."""
    return SourceFile(path, "built-in", f"panelopt {__version__}")


def own_source(path: Path) -> SourceFile:
    """Return a local file."""
    return SourceFile(path, "file", str(path))


def plugged_files(group: str, things: str) -> tuple[tuple[SourceFile, ...], tuple[Finding, ...]]:
    """Return the TOML files in the folders registered by plug-ins, and findings about the plug-ins.

    Args:
        group: Entry-point group.
        things: Plural noun for the content.
    """
    files: dict[Path, SourceFile] = {}  # two routes to one file are not a conflict
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
    """Return the warning about a skipped plug-in file."""
    more = f" (and {len(error.findings) - 1} more faults)" if len(error.findings) > 1 else ""
    message = f"{file.path.name} of {file.origin} is skipped: {error.findings[0].message}{more}"
    return Finding(f"broken-{kind}", message, error.where or str(file.path), "Report it to the package's maintainer.")


def _toml_files(folder: Path, owner: str, things: str) -> tuple[list[Path], list[Finding]]:
    """Return the files of a folder by name, within the size limits, and findings about skipped files."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        return [], [Finding("no-plugged-files", f"{owner}: {reason}", str(folder), "Check the permissions.")]
    paths = [folder / name for name in names if name.endswith(".toml") and not name.startswith(".")]
    if not paths:
        message = f"{owner} has no {things}: the folder holds no TOML file"
        return [], [Finding("no-plugged-files", message, str(folder), "Report it to the package's maintainer.")]
    kept: list[Path] = []
    findings: list[Finding] = []
    total = 0
    for path in paths:
        if (size := _regular_size(path)) is None:
            # reading a device or a pipe might never end
            findings.append(Finding("not-a-file", f"{path.name} of {owner} is skipped: not a regular file", str(path)))
            continue
        total += size
        if len(kept) == MAX_FILES or total > MAX_BYTES:
            message = f"{owner} has more than {MAX_FILES} files or {MAX_BYTES:,} bytes of {things}"
            findings.append(Finding("many-files", f"{message}; {path.name} and later files are skipped", str(folder)))
            break
        kept.append(path)
    return kept, findings


def _regular_size(path: Path) -> int | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
