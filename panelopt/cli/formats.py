"""What is written where: the suffix of a file says its format, and a file never holds another one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panelopt.api.errors import UsageError

STDOUT = Path("-")
"""Stands for stdout where an output file is named."""

SUFFIXES: dict[str, tuple[str, ...]] = {
    "text": (".txt",),
    "json": (".json",),
    "csv": (".csv",),
    "html": (".html", ".htm"),
    "xlsx": (".xlsx",),
    "pdf": (".pdf",),
    "toml": (".toml",),
}
"""Suffixes by format; the first is the usual one."""

OTHER_FILES = (".fcs", ".h5", ".h5ad", ".npz", ".parquet", ".svg", ".png", ".xml", ".gz", ".zip")
"""Further suffixes that no folder should have."""


def shown(formats: Sequence[str]) -> str:
    """Return the usual suffixes of formats as a list, for a help text."""
    return ", ".join(SUFFIXES[format_][0] for format_ in formats)


def format_for(path: Path | None, given: str | None, formats: Sequence[str]) -> str:
    """Return the format of an output: what its suffix says, else what was given, else text.

    Args:
        path: File, or :data:`STDOUT` or None.
        given: Format that was asked for.
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
        message = f"the name says {named}, and --format says {given}"
        raise UsageError(message, where=str(path), hint="Change one of them.")
    if named is None or named not in formats:
        hint = f"Use {shown(formats)}."
        raise UsageError(f"this command cannot write {suffix} files", where=str(path), hint=hint)
    return named


def check_suffix(path: Path | None, *suffixes: str) -> None:
    """Refuse a file whose suffix is another one; a name without a suffix is left to the user.

    Raises:
        UsageError: if it is.
    """
    if path is None or path == STDOUT or path.suffix.lower() in ("", *suffixes):
        return
    hint = f"End the name in {' or '.join(suffixes)}."
    raise UsageError(f"{path.suffix} files cannot be written here", where=str(path), hint=hint)


def check_folder_name(path: Path) -> None:
    """Refuse the name of a file where a folder is made; a folder that is there may be called as it likes.

    Raises:
        UsageError: if the suffix is that of a file.
    """
    files = {*OTHER_FILES, *(end for ends in SUFFIXES.values() for end in ends)}
    if path.suffix.lower() in files and not path.is_dir():
        hint = "Leave the suffix out."
        raise UsageError(f"this command writes a folder, not a {path.suffix} file", where=str(path), hint=hint)
