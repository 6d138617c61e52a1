"""Checks the installation: versions, paths, missing packages, and a small design."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

from panelopt import __version__, registry
from panelopt.answers.design_panel import design
from panelopt.catalogs import catalog_sources
from panelopt.catalogs.find import catalog_cache
from panelopt.domain.installation_report import Installation, InstallationCheck, Package
from panelopt.errors import Finding, PaneloptError
from panelopt.questions.question import Options, load
from panelopt.solver.machine import available_cores

VARIABLES = ("PANELOPT_CATALOGS", "PANELOPT_FLUOROCHROMES", "PANELOPT_CACHE")
"""Environment variables that panelopt reads."""

_TRIAL = ("cv-cd106", "aria-fusion")
"""A shipped problem and cytometer that are solved within seconds."""

_TRIAL_S = 20.0

_DEVELOPMENT = ("dev", "docs", "bench", "check")
"""Development extras; not listed."""


def examine() -> Installation:
    """Return versions and paths, and the outcome of the checks."""
    packages = tuple(_packages())
    return Installation(
        panelopt_version=__version__,
        python_version=platform.python_version(),
        platform=platform.platform(),
        cores=available_cores(),
        packages=packages,
        places=_places(),
        counts=_counts(),
        checks=tuple(_checks(packages)),
    )


def _packages() -> Iterator[Package]:
    """Yield the required packages and those of the user extras."""
    extras = importlib.metadata.metadata("panelopt").get_all("Provides-Extra") or []
    for requirement in map(Requirement, importlib.metadata.requires("panelopt") or ()):
        extra = next((name for name in extras if _only_with(requirement, name)), "")
        if extra not in _DEVELOPMENT:
            yield Package(
                name=requirement.name,
                version=_version(requirement.name),
                extra=extra,
                wanted=str(requirement.specifier),
            )


def _only_with(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _places() -> dict[str, str]:
    given = {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}
    return {"program": str(Path(__file__).parents[1]), "cache of catalogs": str(catalog_cache().folder), **given}


def _counts() -> dict[str, int]:
    counted: dict[str, Callable[[], int]] = {
        "problems": lambda: len(registry.problem_names()),
        "cytometers": lambda: len(registry.cytometer_names()),
        "fluorochromes": lambda: len(registry.fluorochromes()),
        "catalogs": lambda: len(catalog_sources()[0]),
    }
    found = {}
    for name, count in counted.items():
        try:
            found[name] = count()
        except PaneloptError:
            found[name] = 0
    return found


def _checks(packages: Iterable[Package]) -> Iterator[InstallationCheck]:
    missing = [package.name for package in packages if package.missing]
    if missing:
        hint = "Reinstall panelopt with pip."
        yield InstallationCheck(
            name="packages", state="broken", message=f"not installed: {', '.join(missing)}", hint=hint
        )
    else:
        yield InstallationCheck(name="packages", state="ok", message="all required packages are installed")
    yield from _source_checks()
    yield _cache_check()
    yield _trial()


def _source_checks() -> Iterator[InstallationCheck]:
    """Check for skipped catalogs, cytometers and fluorochromes."""
    sources: dict[str, Callable[[], tuple[int, tuple[Finding, ...]]]] = {
        "catalogs": lambda: _counted(catalog_sources()),
        "cytometers": lambda: _counted(registry.readable_cytometers()),
        "fluorochromes": lambda: (len(registry.fluorochromes()), registry.fluorochrome_findings()),
    }
    for name, find in sources.items():
        try:
            count, findings = find()
        except PaneloptError as error:
            yield InstallationCheck(name=name, state="broken", message=str(error), hint=error.hint)
            continue
        for finding in findings:
            place = f"{finding.where}: " if finding.where else ""
            yield InstallationCheck(name=name, state="warning", message=f"{place}{finding.message}", hint=finding.hint)
        if not findings:
            yield InstallationCheck(name=name, state="ok", message=f"{count} found, all usable")


def _counted(found: tuple[tuple[object, ...], tuple[Finding, ...]]) -> tuple[int, tuple[Finding, ...]]:
    return len(found[0]), found[1]


def _cache_check() -> InstallationCheck:
    folder = catalog_cache().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"{folder} is not writable: {(error.strerror or str(error)).lower()}"
        hint = "Large catalogs are read anew each time. Set PANELOPT_CACHE to another folder."
        return InstallationCheck(name="cache", state="warning", message=message, hint=hint)
    return InstallationCheck(name="cache", state="ok", message=f"{folder} is writable")


def _trial() -> InstallationCheck:
    """Design a small panel."""
    try:
        result = design(load(_TRIAL[0], cytometer=_TRIAL[1]), Options(time_limit_s=_TRIAL_S))
    except PaneloptError as error:
        return InstallationCheck(name="solver", state="broken", message=str(error), hint=error.hint)
    except (ImportError, OSError, RuntimeError) as error:
        hint = "Reinstall panelopt; ortools needs 64-bit Python."
        return InstallationCheck(name="solver", state="broken", message=f"{type(error).__name__}: {error}", hint=hint)
    message = f"{_TRIAL[0]} on {_TRIAL[1]}: {result.status.value} after {result.solver.wall_s:.1f} s"
    state = "ok" if result.status.value == "optimal" else "warning"
    return InstallationCheck.model_validate({"name": "solver", "state": state, "message": message})
