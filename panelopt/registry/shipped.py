"""Shipped cytometers, fluorochromes, problems and marker names; files of the user in their place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from panelopt.domain.cytometer import Cytometer
from panelopt.domain.names import NameTable
from panelopt.domain.problem import Problem
from panelopt.domain.reagents import Fluorochrome
from panelopt.errors import input_error
from panelopt.io.cytometer_files import read_cytometer
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.name_tables import read_marker_names
from panelopt.io.problem_toml import read_problem
from panelopt.registry.places import CATALOG_DATA, PROBLEM_DATA, data_folder, shipped_or_path, stems


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """A problem with the file it came from."""

    problem: Problem
    path: Path
    sha256: str


@cache
def marker_names() -> NameTable:
    """Return the shipped alias table of markers."""
    return read_marker_names(data_folder(CATALOG_DATA, "aliases") / "markers.toml")


@cache
def fluorochromes() -> tuple[Fluorochrome, ...]:
    """Return all shipped dyes by name; the autofluorescence spectrum is not one of them."""
    return tuple(dye for dye in _all_spectra() if dye.use != "autofluorescence")


@cache
def autofluorescence() -> Fluorochrome:
    """Return the shipped autofluorescence spectrum."""
    return next(dye for dye in _all_spectra() if dye.use == "autofluorescence")


@cache
def fluorochrome_names() -> NameTable:
    """Return the shipped dyes with their aliases."""
    return NameTable({dye.name: dye.aliases for dye in fluorochromes()})


def find_fluorochrome(name: str) -> Fluorochrome:
    """Return a shipped dye by name or alias.

    Raises:
        InputError: if there is none.
    """
    canonical = fluorochrome_names().resolve(name)
    for dye in fluorochromes():
        if dye.name == canonical:
            return dye
    hint = fluorochrome_names().suggest(name) or "`panelopt dye list` shows all."
    raise input_error("unknown-fluorochrome", f"no fluorochrome is called {name!r}", hint=hint)


def cytometer_names() -> tuple[str, ...]:
    """Return the names of the shipped cytometers."""
    return tuple(sorted(stems(CATALOG_DATA, "cytometers")))


def find_cytometer(name: str) -> Cytometer:
    """Return a shipped cytometer by name, or read one from a file.

    Raises:
        InputError: if there is none, or its file is wrong.
    """
    return read_cytometer(shipped_or_path(name, "cytometer", stems(CATALOG_DATA, "cytometers")))


def problem_names() -> tuple[str, ...]:
    """Return the names of the shipped problems."""
    return tuple(sorted(stems(PROBLEM_DATA)))


def find_problem(name: str) -> FoundProblem:
    """Return a shipped problem by name, or read one from a file.

    Raises:
        InputError: if there is none, or its file is wrong.
    """
    path = shipped_or_path(name, "problem", stems(PROBLEM_DATA))
    problem = read_problem(path, marker_names(), fluorochrome_names())
    return FoundProblem(problem, path, hashlib.sha256(path.read_bytes()).hexdigest())


@cache
def _all_spectra() -> tuple[Fluorochrome, ...]:
    files = sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml"))
    dyes = [dye for file in files for dye in read_fluorochromes(file)]
    return tuple(sorted(dyes, key=lambda dye: (dye.name.casefold(), dye.name)))
