"""Where catalogs are: folders of the user, plug-ins, built-in ones, in this order of precedence.

A plug-in is a distribution with an entry point of the group ``panelopt.catalogs`` whose value is a package; each of its
sub-folders with a ``catalog.toml`` is one catalog. The code of a plug-in does not run.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panelopt.errors import Finding, InputError, did_you_mean, input_error
from panelopt.io.documents import read_toml
from panelopt.registry.places import looks_like_path, package_folders

ENTRY_POINT_GROUP = "panelopt.catalogs"
"""Entry-point group of packages that hold catalog folders."""

CATALOG_FOLDERS_VARIABLE = "PANELOPT_CATALOGS"
"""Environment variable: catalog folders, or folders of them, separated like PATH."""

_OWN_DISTRIBUTION = "panelopt"

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


def catalog_sources() -> tuple[tuple[CatalogSource, ...], tuple[Finding, ...]]:
    """Return all catalogs that can be named, best precedence first, and what is wrong with the others.

    Of several catalogs of one name the first is kept; broken ones are left out. Both give a finding.
    """
    kept: dict[str, CatalogSource] = {}
    findings: list[Finding] = []
    for source in _candidates():
        if source.fault is not None:
            findings += skipped(source, source.fault)
        elif (other := kept.setdefault(source.name, source)) is not source:
            message = f"catalog {source.name} of {source.origin} is skipped: {other.origin} has one of this name"
            findings.append(Finding("duplicate-catalog", message, str(source.folder), "Name its folder to use it."))
    return tuple(kept.values()), tuple(findings)


def skipped(source: CatalogSource, error: InputError) -> Iterator[Finding]:
    """Yield the warning that a broken catalog is left out."""
    more = f" (and {len(error.findings) - 1} more faults)" if len(error.findings) > 1 else ""
    message = f"catalog {source.name} of {source.origin} is skipped: {error.findings[0].message}{more}"
    hint = f"`panelopt catalog check {source.folder}` shows all faults."
    yield Finding("broken-catalog", message, error.where or str(source.folder), hint)


def named_source(name: str) -> CatalogSource:
    """Return the catalog that a user named; a folder if the name looks like one.

    Raises:
        InputError: if the name is unknown, or belongs to several catalogs of one precedence, or to a broken one.
    """
    path = Path(name)
    if not looks_like_path(name):
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
        if not path.exists():
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
                for found in _catalog_folders(package_folders(package)):
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
