"""Plug-ins registered by installed distributions; only their metadata is read, their code is never run."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.registry.data_places import package_folders

CATALOG_GROUP = "panelopt.catalogs"
"""Entry-point group of packages with catalog folders."""

CYTOMETER_GROUP = "panelopt.cytometers"
"""Entry-point group of packages with cytometer files."""

FLUOROCHROME_GROUP = "panelopt.fluorochromes"
"""Entry-point group of packages with fluorochrome files."""

_GROUPS = (CATALOG_GROUP, CYTOMETER_GROUP, FLUOROCHROME_GROUP)
_ENTRY_POINTS_FILE = "entry_points.txt"
_OBJECT = re.compile(r"[:\[].*", re.DOTALL)
_PACKAGE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class Plugin:
    """A package registered by a distribution.

    Attributes:
        distribution: Name of the distribution.
        version: Its version; empty if unknown.
        names: Names of its entry points.
        package: Package name in the entry point.
        folders: Folders of the package.
        fault: Why it cannot be used; None if it can.
    """

    distribution: str
    version: str
    names: tuple[str, ...]
    package: str
    folders: tuple[Path, ...] = ()
    fault: Finding | None = None

    @property
    def origin(self) -> str:
        """Distribution and version, for messages and the result."""
        return f"{self.distribution} {self.version}".rstrip()

    def goes_by(self, name: str) -> bool:
        """Whether ``name`` may refer to this plug-in."""
        return name in (self.distribution, self.package, *self.names)


def plugins(group: str) -> tuple[Plugin, ...]:
    """Return the packages of an entry-point group, sorted by distribution; broken ones have a fault."""
    return _plugins(group, tuple(sys.path))


@lru_cache(maxsize=16)  # what is installed depends on the path
def _plugins(group: str, path: tuple[str, ...]) -> tuple[Plugin, ...]:
    found: list[Plugin] = []
    seen: set[str] = set()
    registering, damaged = _entry_points(path)
    for name, version, text in registering:
        key = re.sub(r"[-_.]+", "-", name).casefold()
        if group in text and key not in seen:  # as for imports, the first on the path wins
            seen.add(key)
            found += _registered(name, version, text, group)
    return tuple(sorted((*found, *damaged), key=lambda plugin: (plugin.distribution, plugin.version, plugin.package)))


@lru_cache(maxsize=4)
def _entry_points(_path: tuple[str, ...]) -> tuple[list[tuple[str, str, str]], list[Plugin]]:
    """Return name, version and entry points of the distributions that may have plug-ins, and placeholders for others.

    What is installed is looked at once, for all groups.
    """
    registering: list[tuple[str, str, str]] = []
    damaged: list[Plugin] = []
    for distribution in importlib.metadata.distributions():
        try:
            text = distribution.read_text(_ENTRY_POINTS_FILE) or ""
        except (OSError, ValueError) as error:
            # unknown whether it registers anything, so only the damage can be reported
            damaged.append(_broken(*_identity(distribution), f"{_ENTRY_POINTS_FILE} cannot be read: {error}"))
            continue
        if any(group in text for group in _GROUPS):
            registering.append((*_identity(distribution), text))
    return registering, damaged


def _identity(distribution: importlib.metadata.Distribution) -> tuple[str, str]:
    """Return name and version, with a placeholder name for distributions without metadata."""
    try:
        metadata = distribution.metadata
        name, version = ((metadata[key] if key in metadata else "") for key in ("Name", "Version"))  # noqa: SIM401  its protocol has no get
        return name or "unnamed distribution", version or ""
    except (OSError, ValueError, TypeError, KeyError):
        return "unnamed distribution", ""


def _registered(name: str, version: str, text: str, group: str) -> Iterator[Plugin]:
    import configparser  # few packages have a plug-in

    # the format is that of configparser with "=" only; names keep their case
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        yield _broken(name, version, f"{_ENTRY_POINTS_FILE} is not valid: {error}")
        return
    if not parser.has_section(group):
        return
    packages: dict[str, list[str]] = {}
    for point, value in parser.items(group):
        packages.setdefault(_OBJECT.sub("", value).strip(), []).append(point)
    for package, points in packages.items():
        plugin = Plugin(name, version, tuple(points), package)
        if not _PACKAGE.fullmatch(package):
            yield _faulty(plugin, f"{package!r} is not a valid package name", group)
        elif folders := package_folders(package):
            yield replace(plugin, folders=tuple(folders))
        else:
            yield _faulty(plugin, f"{package} does not exist or is a module instead of a package (folder)", group)


def _broken(name: str, version: str, message: str) -> Plugin:
    """Return a placeholder for a distribution with unreadable entry points."""
    return _faulty(Plugin(name, version, (), ""), message)


def _faulty(plugin: Plugin, message: str, group: str = "") -> Plugin:
    hint = f"Reinstall {plugin.distribution}, or report it to the maintainer"
    hint += f": an entry point of {group} must name a package." if group else "."
    return replace(plugin, fault=Finding("broken-plugin", f"plug-in {plugin.origin} is skipped: {message}", hint=hint))
