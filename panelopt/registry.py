"""Finds what is shipped, plugged in or local: catalogs, cytometers, fluorochromes, problems, marker names.

Shipped data are the packages ``panelopt_catalogs`` and ``panelopt_problems``. A plug-in is a distribution with an
entry point of the group ``panelopt.catalogs`` whose value is a package; each of its sub-folders with a ``catalog.toml``
is one catalog. Packages are located, never imported: a plug-in's code does not run.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from panelopt.domain.cytometer import Cytometer
from panelopt.domain.names import NameTable
from panelopt.domain.problem import Problem
from panelopt.domain.reagents import Catalog, Fluorochrome
from panelopt.errors import Finding, InputError, did_you_mean, input_error
from panelopt.io.catalog_folder import read_catalog
from panelopt.io.cytometer_files import read_cytometer
from panelopt.io.documents import read_toml
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.name_tables import read_marker_names
from panelopt.io.problem_toml import read_problem

ENTRY_POINT_GROUP = "panelopt.catalogs"
"""Entry-point group of packages that hold catalog folders."""

CATALOG_FOLDERS_VARIABLE = "PANELOPT_CATALOGS"
"""Environment variable: catalog folders, or folders of them, separated like PATH."""

_OWN_DISTRIBUTION = "panelopt"
_CATALOG_DATA = "panelopt_catalogs"
_PROBLEM_DATA = "panelopt_problems"

Kind = Literal["folder", "plugin", "built-in"]


@dataclass(frozen=True, slots=True)
class CatalogSource:
    """A catalog folder that was found, not yet read.

    Attributes:
        name: Name in its ``catalog.toml``; the folder's name if that file is broken.
        folder: Where it is.
        kind: Precedence: a folder goes before a plug-in, a plug-in before a built-in catalog.
        origin: Distribution or folder, for messages and the result.
        fault: What is wrong with its ``catalog.toml``, if anything.
    """

    name: str
    folder: Path
    kind: Kind
    origin: str
    fault: InputError | None = None

    @property
    def synthetic(self) -> bool:
        """Whether the catalog is made up for tests and benchmarks; such a catalog must be named to be used."""
        return "synthetic" in self.name


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """A problem with the file it came from."""

    problem: Problem
    path: Path
    sha256: str


# --- shipped data


@cache
def marker_names() -> NameTable:
    """Return the shipped alias table of markers."""
    return read_marker_names(_data_folder(_CATALOG_DATA, "aliases") / "markers.toml")


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
    return tuple(sorted(_stems(_CATALOG_DATA, "cytometers")))


def find_cytometer(name: str) -> Cytometer:
    """Return a shipped cytometer by name, or read one from a file.

    Raises:
        InputError: if there is none, or its file is wrong.
    """
    return read_cytometer(_shipped_or_path(name, "cytometer", _stems(_CATALOG_DATA, "cytometers")))


def problem_names() -> tuple[str, ...]:
    """Return the names of the shipped problems."""
    return tuple(sorted(_stems(_PROBLEM_DATA)))


def find_problem(name: str) -> FoundProblem:
    """Return a shipped problem by name, or read one from a file.

    Raises:
        InputError: if there is none, or its file is wrong.
    """
    path = _shipped_or_path(name, "problem", _stems(_PROBLEM_DATA))
    problem = read_problem(path, marker_names(), fluorochrome_names())
    return FoundProblem(problem, path, hashlib.sha256(path.read_bytes()).hexdigest())


# --- catalogs


def catalog_sources() -> tuple[tuple[CatalogSource, ...], tuple[Finding, ...]]:
    """Return all catalogs that can be named, best precedence first, and what is wrong with the others.

    Of several catalogs of one name the first is kept; broken ones are left out. Both give a finding.
    """
    kept: dict[str, CatalogSource] = {}
    findings: list[Finding] = []
    for source in _candidates():
        if source.fault is not None:
            findings += _skipped(source, source.fault)
        elif (other := kept.setdefault(source.name, source)) is not source:
            message = f"catalog {source.name} of {source.origin} is skipped: {other.origin} has one of this name"
            findings.append(Finding("duplicate-catalog", message, str(source.folder), "Name its folder to use it."))
    return tuple(kept.values()), tuple(findings)


def find_catalogs(
    names: Sequence[str] = (), inventory: str | None = None
) -> tuple[tuple[Catalog, ...], tuple[Finding, ...]]:
    """Read catalogs by name or folder; without names all that are found and not synthetic.

    Args:
        names: Catalog names or folders.
        inventory: Name or folder of a list of what is on the own shelf; it is read as well.

    Returns:
        The catalogs, the inventory first, and remarks on them.

    Raises:
        InputError: if a named catalog is unknown, ambiguous or broken, or if there is none at all.
    """
    catalogs: list[Catalog] = []
    findings: list[Finding] = []
    if inventory is not None:
        catalog, remarks = _read(_named_source(inventory), inventory=True)
        catalogs.append(catalog)
        findings += remarks
    if names:
        chosen = {source.folder.resolve(): source for source in map(_named_source, names)}
        read = [_read(source) for source in chosen.values()]
    else:
        sources, warnings = catalog_sources()
        findings += warnings
        read = list(_readable((source for source in sources if not source.synthetic), findings))
    for catalog, remarks in read:
        catalogs.append(catalog)
        findings += remarks
    if not catalogs:
        raise input_error("no-catalog", "there is no catalog to choose from", hint="Name one with --catalog.")
    return tuple(catalogs), tuple(findings)


def _readable(
    sources: Iterable[CatalogSource], findings: list[Finding]
) -> Iterator[tuple[Catalog, tuple[Finding, ...]]]:
    for source in sources:
        try:
            yield _read(source)
        except InputError as error:
            findings += _skipped(source, error)


def _read(source: CatalogSource, *, inventory: bool = False) -> tuple[Catalog, tuple[Finding, ...]]:
    catalog, remarks = read_catalog(
        source.folder, marker_names=marker_names(), fluorochrome_names=fluorochrome_names(), inventory=inventory
    )
    return catalog.model_copy(update={"origin": source.origin}), remarks


def _skipped(source: CatalogSource, error: InputError) -> Iterator[Finding]:
    more = f" (and {len(error.findings) - 1} more faults)" if len(error.findings) > 1 else ""
    message = f"catalog {source.name} of {source.origin} is skipped: {error.findings[0].message}{more}"
    hint = f"`panelopt catalog check {source.folder}` shows all faults."
    yield Finding("broken-catalog", message, error.where or str(source.folder), hint)


def _named_source(name: str) -> CatalogSource:
    """Return the catalog that a user named; a folder if the name looks like one."""
    path = Path(name)
    if not _looks_like_path(name):
        same = [source for source in _candidates() if source.name == name]
        rivals = [source for source in same if source.kind == same[0].kind]
        if len(rivals) > 1:
            owners = " and ".join(source.origin for source in rivals)
            hint = "Name the folder of the one that is meant: " + ", ".join(str(source.folder) for source in rivals)
            raise input_error("ambiguous-catalog", f"catalog {name} is offered by {owners}", hint=hint)
        if same:
            if same[0].fault is not None:
                raise same[0].fault
            return same[0]
        if not path.is_dir():
            known = sorted({source.name for source in _candidates()})
            hint = did_you_mean(name, known) or f"Known catalogs: {', '.join(known)}; or give a folder."
            raise input_error("unknown-catalog", f"no catalog is called {name!r}", hint=hint)
    if path.is_file() and path.name == "catalog.toml":
        path = path.parent
    return CatalogSource(path.name, path, "folder", str(path))


def _candidates() -> Iterator[CatalogSource]:
    """Yield every catalog folder, best precedence first, in an order that does not depend on the machine."""
    for text in os.environ.get(CATALOG_FOLDERS_VARIABLE, "").split(os.pathsep):
        if text.strip():
            folder = Path(text.strip())
            for found in [folder] if (folder / "catalog.toml").is_file() else _catalog_folders([folder]):
                yield _source(found, "folder", str(found))
    for kind in ("plugin", "built-in"):
        for package, distribution, version in _plugins():
            if (distribution == _OWN_DISTRIBUTION) == (kind == "built-in"):
                origin = f"{distribution} {version}"
                for found in _catalog_folders(_package_folders(package)):
                    yield _source(found, "built-in" if kind == "built-in" else "plugin", origin)


def _source(folder: Path, kind: Kind, origin: str) -> CatalogSource:
    try:
        name = read_toml(folder / "catalog.toml").get("name")
    except InputError as error:
        return CatalogSource(folder.name, folder, kind, origin, error)
    return CatalogSource(name if isinstance(name, str) and name else folder.name, folder, kind, origin)


def _plugins() -> list[tuple[str, str, str]]:
    """Return package, distribution and version of each entry point."""
    points = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    return sorted({(p.module, p.dist.name, p.dist.version) for p in points if p.dist is not None}, key=lambda p: p[1:])


def _catalog_folders(parents: Iterable[Path]) -> list[Path]:
    found = (child for parent in parents if parent.is_dir() for child in parent.iterdir())
    return sorted(child for child in found if (child / "catalog.toml").is_file())


# --- files


@cache
def _all_spectra() -> tuple[Fluorochrome, ...]:
    files = sorted(_data_folder(_CATALOG_DATA, "fluorochromes").glob("*.toml"))
    dyes = [dye for file in files for dye in read_fluorochromes(file)]
    return tuple(sorted(dyes, key=lambda dye: (dye.name.casefold(), dye.name)))


def _package_folders(package: str) -> list[Path]:
    """Return the folders of an installed package without importing it; none if it is missing."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return []
    # an editable install adds entries that are no folders
    return [Path(place) for place in (spec and spec.submodule_search_locations) or () if Path(place).is_dir()]


def _data_folder(package: str, name: str = "") -> Path:
    for folder in _package_folders(package):
        if (folder / name).is_dir():
            return folder / name
    raise input_error("missing-data", f"the data package {package} is not installed", hint="Install panelopt again.")


def _stems(package: str, name: str = "") -> dict[str, Path]:
    return {file.stem: file for file in sorted(_data_folder(package, name).glob("*.toml"))}


def _looks_like_path(name: str) -> bool:
    return name.endswith(".toml") or "/" in name or os.sep in name or name in (".", "..")


def _shipped_or_path(name: str, kind: str, shipped: dict[str, Path]) -> Path:
    """Return the file of a shipped thing, or the path that was given; shipped names go first."""
    if name in shipped:
        return shipped[name]
    if _looks_like_path(name) or Path(name).is_file():
        return Path(name)
    hint = did_you_mean(name, sorted(shipped)) or f"`panelopt {kind} list` shows all; or give the path of a TOML file."
    raise input_error(f"unknown-{kind}", f"no {kind} is called {name!r}", hint=hint)
