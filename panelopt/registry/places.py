"""Where shipped data and plug-ins lie: packages are located, never imported."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from panelopt.errors import did_you_mean, input_error

CATALOG_DATA = "panelopt_catalogs"
"""Package of catalogs, cytometers, fluorochromes and alias tables."""

PROBLEM_DATA = "panelopt_problems"
"""Package of problems."""


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


def shipped_or_path(name: str, kind: str, shipped: dict[str, Path]) -> Path:
    """Return the file of a shipped thing, or the path that was given; shipped names go first.

    Raises:
        InputError: if ``name`` is neither.
    """
    if name in shipped:
        return shipped[name]
    if looks_like_path(name) or Path(name).is_file():
        return Path(name)
    hint = did_you_mean(name, sorted(shipped)) or f"`panelopt {kind} list` shows all; or give the path of a TOML file."
    raise input_error(f"unknown-{kind}", f"no {kind} is called {name!r}", hint=hint)
