"""Where catalogs are: folders of the user, plug-ins, built-in ones, in this order of precedence.

A plug-in is a distribution with an entry point of the group ``panelopt.catalogs`` whose value is a package; each of its
sub-folders with a ``catalog.toml`` is one catalog. The code of a plug-in does not run.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from panelopt.catalogs.manifest import DATA_FILE, MANIFEST_FILE
from panelopt.domain.name_table import matches, the_name
from panelopt.domain.reagents import SYNTHETIC
from panelopt.errors import Finding, InputError, input_error
from panelopt.frozen import dataclass
from panelopt.io.documents import read_toml
from panelopt.io.file_kinds import missing_file
from panelopt.registry.data_places import HERE, exists, is_file, looks_like_path
from panelopt.registry.plugins import CATALOG_GROUP, Plugin, plugins

CATALOG_FOLDERS_VARIABLE = "PANELOPT_CATALOGS"
"""Environment variable: catalog folders, or folders of them, separated like PATH."""

MAX_CATALOGS = 1000
"""Catalogs of one folder at most; the rest is left out with a warning."""

NOT_A_FILE = "not-a-file"
"""Code of the fault that a file of a catalog must not be read at all."""

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
        return SYNTHETIC in self.name


@dataclass(slots=True)
class _FoundCatalogs:
    """Every catalog folder, best precedence first, and the places that hold none although they should."""

    sources: list[CatalogSource] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)

    def add(self, folder: Path, kind: Kind, origin: str) -> None:
        """Add a catalog folder, unless it was there already: two ways to one folder are no conflict."""
        place = folder.resolve()
        if place not in self.seen:
            self.seen.add(place)
            self.sources.append(_source(folder, kind, origin))

    def add_children(self, parent: Path, kind: Kind, origin: str, owner: str) -> None:
        """Add the catalogs in a folder of catalogs; ``owner`` says in a warning whose folder it is."""
        try:
            children = _catalog_folders(parent)
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            hint = "Check the path and the permissions."
            self.findings.append(Finding("no-catalog-folder", f"{owner}: {reason}", str(parent), hint))
            return
        if not children:
            message = f"{owner} has no catalogs: no sub-folder holds a {MANIFEST_FILE}"
            self.findings.append(Finding("no-catalog-folder", message, str(parent)))
        if len(children) > MAX_CATALOGS:
            message = f"{owner} has {len(children):,} catalogs; only the first {MAX_CATALOGS:,} are looked at"
            self.findings.append(Finding("many-catalogs", message, str(parent), "Name the others by their folders."))
        for child in children[:MAX_CATALOGS]:
            self.add(child, kind, origin or str(child))


def catalog_sources(*, broken: bool = False) -> tuple[tuple[CatalogSource, ...], tuple[Finding, ...]]:
    """Return all catalogs that can be named, best precedence first, and what is wrong with the others.

    Of several catalogs of one name the first is kept; broken ones are left out. Both give a finding, and so does a
    plug-in or a folder of :data:`CATALOG_FOLDERS_VARIABLE` without catalogs.

    Args:
        broken: Whether catalogs whose ``catalog.toml`` cannot be read are returned as well, without a finding.
    """
    found = _found(plugins(CATALOG_GROUP))
    kept: dict[str | Path, CatalogSource] = {}
    findings = found.findings
    for source in found.sources:
        if source.fault is not None and broken:
            kept[source.folder] = source
        elif source.fault is not None:
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


def named_source(name: str, beside: Path | None = HERE) -> CatalogSource:
    """Return the catalog that a user named.

    Args:
        name: Name, folder or file.
        beside: Folder that paths are relative to, and whose catalogs go before others of their name; None = only
            names count.

    Raises:
        InputError: as :func:`located_source`, and if its ``catalog.toml`` cannot be read.
    """
    source = located_source(name, beside)
    if source.fault is not None:
        raise source.fault
    return source


def located_source(name: str, beside: Path | None = HERE) -> CatalogSource:
    """Return the catalog that a user named, even if it is broken; arguments as for :func:`named_source`.

    Raises:
        InputError: if the name is unknown, or belongs to several catalogs of one precedence, or to a broken plug-in; if
            it is a path that leads nowhere.
    """
    if beside is not None and (looks_like_path(name) or is_file(beside / name) or _holds_catalog(beside / name)):
        return _source_at(str(beside / name))
    registered = plugins(CATALOG_GROUP)
    sources = _found(registered).sources
    names = {source.name for source in sources}
    if not matches(name, names):
        if beside is not None and exists(beside / name):
            return _source_at(str(beside / name))
        if faults := [plugin.fault for plugin in registered if plugin.fault is not None and plugin.goes_by(name)]:
            raise InputError(faults)
    known = sorted(names)
    chosen = the_name(name, known, "catalog", hint=f"Known catalogs: {', '.join(known)}; or give a folder.")
    same = [source for source in sources if source.name == chosen]
    rivals = [source for source in same if source.kind == same[0].kind]
    if len(rivals) > 1:
        owners = " and ".join(source.origin for source in rivals)
        hint = "Name the folder of the one that is meant: " + ", ".join(str(source.folder) for source in rivals)
        raise input_error("ambiguous-catalog", f"catalog {chosen} is offered by {owners}", hint=hint)
    return same[0]


def _source_at(text: str) -> CatalogSource:
    path = Path(text)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise missing_file(path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise input_error("missing-file", reason.lower(), where=text, hint="Check the path.") from None
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):  # it might never end
        raise input_error(NOT_A_FILE, "this is a device, not a file", where=text)
    if path.is_file() and path.name == MANIFEST_FILE:
        path = path.parent
    return CatalogSource(path.resolve().name, path, "folder", str(path), _endless(path))


def _found(registered: Iterable[Plugin]) -> _FoundCatalogs:
    """Look everywhere, in an order that does not depend on the machine."""
    found = _FoundCatalogs()
    for text in os.environ.get(CATALOG_FOLDERS_VARIABLE, "").split(os.pathsep):
        if text.strip():
            folder = Path(text.strip())
            if _holds_catalog(folder):
                found.add(folder, "folder", str(folder))
            else:
                found.add_children(folder, "folder", "", f"folder of {CATALOG_FOLDERS_VARIABLE}")
    kinds: tuple[Kind, ...] = ("plugin", "built-in")
    for kind in kinds:
        for plugin in registered:
            if (plugin.distribution == _OWN_DISTRIBUTION) == (kind == "built-in"):
                found.findings += [plugin.fault] if plugin.fault is not None else []
                for folder in plugin.folders:
                    found.add_children(folder, kind, plugin.origin, f"plug-in {plugin.origin}")
    return found


def _source(folder: Path, kind: Kind, origin: str) -> CatalogSource:
    if (endless := _endless(folder)) is not None:
        return CatalogSource(folder.name, folder, kind, origin, endless)
    manifest = folder / MANIFEST_FILE
    try:
        state = manifest.stat()
        name = _name_in(manifest, state.st_mtime_ns, state.st_size)
    except OSError as error:
        fault = input_error("unreadable-file", (error.strerror or "cannot be read").lower(), where=str(manifest))
        return CatalogSource(folder.name, folder, kind, origin, fault)
    except InputError as error:
        return CatalogSource(folder.name, folder, kind, origin, error)
    return CatalogSource(name or folder.name, folder, kind, origin)


def _endless(folder: Path) -> InputError | None:
    """Return what is wrong if a file of the catalog is a device or a pipe: reading it might never end."""
    for file in (folder / MANIFEST_FILE, folder / DATA_FILE):
        if file.exists() and not file.is_file():
            return input_error(NOT_A_FILE, "this is no regular file", where=str(file))
    return None


@lru_cache(maxsize=4 * MAX_CATALOGS)
def _name_in(manifest: Path, changed_ns: int, size: int) -> str:  # noqa: ARG001  # time and size: a changed file counts
    name = read_toml(manifest).get("name")
    return name.strip() if isinstance(name, str) else ""


def _catalog_folders(parent: Path) -> list[Path]:
    with os.scandir(parent) as entries:
        return sorted(folder for folder in map(Path, entries) if _holds_catalog(folder))


def _holds_catalog(folder: Path) -> bool:
    try:
        return stat.S_ISREG((folder / MANIFEST_FILE).stat().st_mode)
    except (OSError, ValueError):
        return False  # no folder, no such file, a loop of links, or closed to us
