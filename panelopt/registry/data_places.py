"""Locates shipped data and plug-ins without importing packages."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path

from panelopt.domain.name_table import the_name
from panelopt.errors import input_error

CATALOG_DATA = "panelopt_catalogs"
"""Package of catalogs, cytometers, fluorochromes and alias tables."""

PROBLEM_DATA = "panelopt_problems"
"""Package of problems."""

_SUFFIXES = (".toml", ".tml", ".csv", ".tsv", ".txt", ".json", ".xlsx")

HERE = Path()
"""The working directory."""


def package_folders(package: str) -> list[Path]:
    """Return the folders of an installed package without importing it; none if it is missing or a single module."""
    # to locate a subpackage, Python would import its parents
    top, *parts = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return []
    # editable installs add entries that are not folders
    folders = (Path(place).joinpath(*parts) for place in (spec and spec.submodule_search_locations) or ())
    return [folder for folder in folders if folder.is_dir()]


def data_folder(package: str, name: str = "") -> Path:
    """Return a folder of a data package.

    Raises:
        InputError: if it is missing.
    """
    for folder in package_folders(package):
        if (folder / name).is_dir():
            return folder / name
    raise input_error("missing-data", f"the data package {package} is not installed", hint="Reinstall panelopt.")


def stems(package: str, name: str = "") -> dict[str, Path]:
    """Return the TOML files in a folder of a data package by stem."""
    return {file.stem: file for file in sorted(data_folder(package, name).glob("*.toml"))}


def looks_like_path(name: str) -> bool:
    """Whether a text looks like a path rather than a shipped name."""
    return name.lower().endswith(_SUFFIXES) or "/" in name or os.sep in name or name in (".", "..")


def is_file(path: Path) -> bool:
    """Whether such a file exists; False for invalid paths."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def exists(path: Path) -> bool:
    """Whether a path exists; False for invalid paths."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def own_file(name: str, beside: Path | None) -> Path | None:
    """Return the local file for a name: a path, or a file in ``beside``; None if there is none."""
    if beside is not None and (looks_like_path(name) or is_file(beside / name)):
        return beside / name
    return None


def known_name(name: str, known: Iterable[str], kind: str) -> str:
    """Return the known name that matches without regard to case, blanks and punctuation.

    Args:
        name: Name as the user wrote it.
        known: All known names.
        kind: Kind of thing, such as ``cytometer``.

    Raises:
        InputError: if the name is unknown or ambiguous.
    """
    hint = f"`panelopt {kind} list` shows the names; or give the path of a TOML file."
    return the_name(name, sorted(known), kind, hint=hint)
