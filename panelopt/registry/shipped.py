"""Shipped cytometers, fluorochromes, problems and marker names; files of the user in their place."""

from __future__ import annotations

import hashlib
import os
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
from panelopt.io.name_tables import read_name_table
from panelopt.io.problem_toml import read_problem
from panelopt.registry.places import CATALOG_DATA, HERE, PROBLEM_DATA, data_folder, shipped_or_path, stems

FLUOROCHROMES_VARIABLE = "PANELOPT_FLUOROCHROMES"
"""Environment variable: fluorochrome files of the user, or folders of them, separated like PATH."""


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """A problem with the file it came from."""

    problem: Problem
    path: Path
    sha256: str


@cache
def marker_names() -> NameTable:
    """Return the shipped alias table of markers."""
    return read_name_table(data_folder(CATALOG_DATA, "aliases") / "markers.toml")


def fluorochromes() -> tuple[Fluorochrome, ...]:
    """Return all dyes by name, the user's own in the place of shipped ones; autofluorescence is not one of them.

    Raises:
        InputError: if a file that :data:`FLUOROCHROMES_VARIABLE` names is wrong.
    """
    return tuple(dye for dye in _spectra(_own_files()) if dye.use != "autofluorescence")


def autofluorescence() -> Fluorochrome:
    """Return the autofluorescence spectrum: the user's own, else the shipped one."""
    return next(dye for dye in _spectra(_own_files()) if dye.use == "autofluorescence")


def fluorochrome_names() -> NameTable:
    """Return the names and aliases of :func:`fluorochromes`."""
    return _names(_own_files())


def find_fluorochrome(name: str) -> Fluorochrome:
    """Return a shipped dye by name or alias.

    Raises:
        InputError: if there is none, or the name may mean several.
    """
    canonical = fluorochrome_names().find(name)
    for dye in fluorochromes():
        if dye.name == canonical:
            return dye
    hint = fluorochrome_names().suggest(name) or "`panelopt dye list` shows all."
    raise input_error("unknown-fluorochrome", f"no fluorochrome is called {name!r}", hint=hint)


def cytometer_names() -> tuple[str, ...]:
    """Return the names of the shipped cytometers."""
    return tuple(sorted(stems(CATALOG_DATA, "cytometers")))


def find_cytometer(name: str, beside: Path | None = HERE) -> Cytometer:
    """Read the cytometer that was named; arguments as for :func:`cytometer_file`.

    Raises:
        InputError: if there is none, or its file is wrong.
    """
    return read_cytometer(cytometer_file(name, beside))


def cytometer_file(name: str, beside: Path | None = HERE) -> Path:
    """Return the file of the cytometer that was named.

    Args:
        name: Path, or name of a shipped one.
        beside: Folder whose files go before what is shipped; None = only names count.

    Raises:
        InputError: if ``name`` is neither, or may mean several.
    """
    return shipped_or_path(name, "cytometer", stems(CATALOG_DATA, "cytometers"), beside)


def problem_names() -> tuple[str, ...]:
    """Return the names of the shipped problems."""
    return tuple(sorted(stems(PROBLEM_DATA)))


def find_problem(name: str, beside: Path | None = HERE) -> FoundProblem:
    """Read the problem that was named; arguments as for :func:`cytometer_file`.

    Raises:
        InputError: if there is none, or its file is wrong.
    """
    path = shipped_or_path(name, "problem", stems(PROBLEM_DATA), beside)
    problem = read_problem(path, marker_names(), fluorochrome_names())
    return FoundProblem(problem, path, hashlib.sha256(path.read_bytes()).hexdigest())


def _own_files() -> str:
    return os.environ.get(FLUOROCHROMES_VARIABLE, "").strip()


@cache
def _names(own: str) -> NameTable:
    return NameTable({dye.name: dye.aliases for dye in _spectra(own) if dye.use != "autofluorescence"})


@cache
def _spectra(own: str) -> tuple[Fluorochrome, ...]:
    files = sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml"))
    shipped = [dye for file in files for dye in read_fluorochromes(file)]
    mine: dict[str, Fluorochrome] = {}
    for text in filter(None, map(str.strip, own.split(os.pathsep))):
        place = Path(text)
        for file in sorted(place.glob("*.toml")) if place.is_dir() else [place]:
            mine.update({dye.name: dye for dye in read_fluorochromes(file)})
    replaced = set(mine) | ({"autofluorescence"} if any(d.use == "autofluorescence" for d in mine.values()) else set())
    dyes = [dye for dye in shipped if dye.name not in replaced and dye.use not in replaced] + list(mine.values())
    return tuple(sorted(dyes, key=lambda dye: (dye.name.casefold(), dye.name)))
