"""Paths on the command line, and output formats: the suffix of a file determines its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from panelopt.api.errors import UsageError

PATH = click.Path(path_type=Path, readable=False)
"""A path, not checked here; an unreadable file is reported by its reader, not as a usage error."""

STDOUT = Path("-")
"""Output path that means stdout."""

SUFFIXES: dict[str, tuple[str, ...]] = {
    "text": (".txt",),
    "json": (".json",),
    "csv": (".csv",),
    "html": (".html", ".htm"),
    "xlsx": (".xlsx",),
    "pdf": (".pdf",),
    "toml": (".toml",),
}
"""Suffixes of each format; the usual one comes first."""

OTHER_FILES = (".fcs", ".h5", ".h5ad", ".npz", ".parquet", ".svg", ".png", ".xml", ".gz", ".zip")
"""Further suffixes that folder names must not have."""


def shown(formats: Sequence[str]) -> str:
    """Return the usual suffixes of formats as a list for help texts."""
    return ", ".join(SUFFIXES[format_][0] for format_ in formats)


def format_for(path: Path | None, given: str | None, formats: Sequence[str]) -> str:
    """Return the format of an output: from its suffix, else the given format, else text.

    Args:
        path: File, :data:`STDOUT` or None.
        given: Value of ``--format``.
        formats: Formats that the command writes.

    Raises:
        UsageError: if the command cannot write such a file, or the suffix contradicts the format.
    """
    suffix = "" if path is None or path == STDOUT else path.suffix.lower()
    known = {end: format_ for format_, ends in SUFFIXES.items() for end in ends}
    named = known.get(suffix)
    if given is not None and (named is None or named in (given, "text")):
        return given
    if suffix == "":
        return "text"
    if given is not None and named in formats:
        message = f"the suffix means {named}, but --format is {given}"
        raise UsageError(message, where=str(path), hint="Change one of them.")
    if named is None or named not in formats:
        hint = f"Use {shown(formats)}."
        raise UsageError(f"this command cannot write {suffix} files", where=str(path), hint=hint)
    return named


def check_outputs(outputs: Sequence[Path], given: str | None, formats: Sequence[str]) -> None:
    """Check that all outputs can be written before a long computation starts.

    Args:
        outputs: Values of ``--output``.
        given: Value of ``--format``.
        formats: Formats that the command writes.

    Raises:
        PaneloptError: if an output cannot be written.
    """
    from panelopt.api.files import check_writable

    for path in outputs:
        format_for(path, given, formats)
        if path != STDOUT:
            check_writable(path)


def check_suffix(path: Path | None, *suffixes: str) -> None:
    """Reject a file with any other suffix; a name without a suffix is accepted.

    Raises:
        UsageError: if the suffix is not one of ``suffixes``.
    """
    if path is None or path == STDOUT or path.suffix.lower() in ("", *suffixes):
        return
    hint = f"Use the suffix {' or '.join(suffixes)}."
    raise UsageError(f"this option cannot write {path.suffix} files", where=str(path), hint=hint)


def check_folder_name(path: Path) -> None:
    """Reject a file name where a folder is created; an existing folder may have any name.

    Raises:
        UsageError: if the suffix belongs to a file format.
    """
    files = {*OTHER_FILES, *(end for ends in SUFFIXES.values() for end in ends)}
    if path.suffix.lower() in files and not path.is_dir():
        hint = "Remove the suffix."
        raise UsageError(f"this command writes a folder, not a {path.suffix} file", where=str(path), hint=hint)
