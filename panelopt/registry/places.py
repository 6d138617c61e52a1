"""Where shipped data and plug-ins lie: packages are located, never imported."""

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

HERE = Path()
"""The folder in which the program runs."""


def package_folders(package: str) -> list[Path]:
    """Return the folders of an installed package without importing it; none if it is missing or a single module."""
    # to find a sub-package, Python would import its parents
    top, *parts = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return []
    # an editable install adds entries that are no folders
    folders = (Path(place).joinpath(*parts) for place in (spec and spec.submodule_search_locations) or ())
    return [folder for folder in folders if folder.is_dir()]


def data_folder(package: str, name: str = "") -> Path:
    """Return a folder of a data package.

    Raises:
        InputError: if it is not there.
    """
    for folder in package_folders(package):
        if (folder / name).is_dir():
            return folder / name
    raise input_error("missing-data", f"the data package {package} is not installed", hint="Install panelopt again.")


def stems(package: str, name: str = "") -> dict[str, Path]:
    """Return the TOML files of a folder of a data package by their names without suffix."""
    return {file.stem: file for file in sorted(data_folder(package, name).glob("*.toml"))}


def looks_like_path(name: str) -> bool:
    """Whether a user means a file or a folder, not the name of something shipped."""
    return name.endswith(".toml") or "/" in name or os.sep in name or name in (".", "..")


def is_file(path: Path) -> bool:
    """Whether there is such a file; what cannot be a path leads nowhere."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def exists(path: Path) -> bool:
    """Whether there is anything at a path; what cannot be a path leads nowhere."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def own_file(name: str, beside: Path | None) -> Path | None:
    """Return the user's file that a name stands for: a path, or a file in ``beside``; None if it is neither."""
    if beside is not None and (looks_like_path(name) or is_file(beside / name)):
        return beside / name
    return None


def known_name(name: str, known: Iterable[str], kind: str) -> str:
    """Return the known name that a user means, without regard to case, blanks and punctuation.

    Args:
        name: As the user wrote it.
        known: All names there are.
        kind: What they are names of, such as ``cytometer``.

    Raises:
        InputError: if there is none, or it may mean several.
    """
    hint = f"`panelopt {kind} list` shows all; or give the path of a TOML file."
    return the_name(name, sorted(known), kind, hint=hint)
