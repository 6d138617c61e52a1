"""Where cytometers are: files of the user, shipped ones, files of plug-ins, in this order of precedence.

A plug-in is a distribution with an entry point of the group ``panelopt.cytometers`` whose value is a package; each TOML
file in its folder is one cytometer, called as the file. The code of a plug-in does not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from panelopt.domain.base import IDENTIFIER_PATTERN
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.name_table import bare, matches
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.cytometer_files import read_cytometer
from panelopt.registry.places import CATALOG_DATA, HERE, known_name, own_file, stems
from panelopt.registry.plugged_files import SourceFile, own_source, plugged_files, shipped_file, skipped_file
from panelopt.registry.plugins import CYTOMETER_GROUP, plugins


@dataclass(slots=True)
class _Found:
    """Every cytometer that can be named.

    Attributes:
        files: The file of each name.
        rivals: Files of plug-ins whose name another plug-in has, by the name that is kept.
        findings: What is left out.
    """

    files: dict[str, SourceFile]
    rivals: dict[str, list[SourceFile]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add_plugged(self, files: Iterable[SourceFile]) -> None:
        """Add files of plug-ins, except those whose name is taken already, however it is written."""
        owners = {bare(name): name for name in self.files}
        for file in files:
            name = file.path.stem
            if not re.fullmatch(IDENTIFIER_PATTERN, name):
                message = f"{file.path.name!r} of {file.origin} is skipped: the file is not called as an id is written"
                hint = "An id has small letters, digits, hyphens, dots and underscores."
                self.findings.append(Finding("broken-cytometer", message, str(file.path.parent), hint))
                continue
            owner = owners.setdefault(bare(name), name)
            kept = self.files.setdefault(owner, file)
            if kept is not file:
                message = f"cytometer {name} of {file.origin} is skipped: {kept.origin} has {owner}"
                hint = "Name its file to use it."
                self.findings.append(Finding("duplicate-cytometer", message, str(file.path), hint))
                if kept.kind == "plugin":
                    self.rivals.setdefault(owner, []).append(file)


def cytometer_names() -> tuple[str, ...]:
    """Return the names of the cytometers that are shipped or plugged in; the files are not read."""
    return tuple(sorted(_found().files))


def readable_cytometers() -> tuple[tuple[tuple[Cytometer, SourceFile], ...], tuple[Finding, ...]]:
    """Read all cytometers that are shipped or plugged in; a faulty one of a plug-in is left out.

    Returns:
        The cytometers by name, each with its file, and what is left out.
    """
    found = _found()
    findings = list(found.findings)
    cytometers: list[tuple[Cytometer, SourceFile]] = []
    for name, file in sorted(found.files.items()):
        try:
            cytometers.append((_read(name, file), file))
        except InputError as error:
            if file.kind != "plugin":
                raise
            findings.append(skipped_file("cytometer", file, error))
    return tuple(cytometers), tuple(findings)


def find_cytometer(name: str, beside: Path | None = HERE) -> Cytometer:
    """Read the cytometer that was named; arguments as for :func:`cytometer_file`.

    Raises:
        InputError: if there is none, the name may mean several, or the file is wrong.
    """
    return _read(*_located(name, beside))


def cytometer_file(name: str, beside: Path | None = HERE) -> Path:
    """Return the file of the cytometer that was named.

    Args:
        name: Path, or name of one that is shipped or plugged in.
        beside: Folder whose files go before what is found by name; None = only names count.

    Raises:
        InputError: if ``name`` is neither, or may mean several, or two plug-ins offer it.
    """
    return _located(name, beside)[1].path


def _read(name: str, file: SourceFile) -> Cytometer:
    cytometer = read_cytometer(file.path)
    if file.kind == "plugin" and cytometer.id != name:
        # a result names the id, by which the cytometer must be found again
        message = f"the id {cytometer.id!r} is not the name of the file, {name!r}"
        raise input_error("cytometer-id", message, where=str(file.path), hint="Give the file the name of the id.")
    return cytometer


def _located(name: str, beside: Path | None) -> tuple[str, SourceFile]:
    if (own := own_file(name, beside)) is not None:
        return own.stem, own_source(own)
    found = _found()
    if not matches(name, found.files):
        registered = plugins(CYTOMETER_GROUP)
        if faults := [plugin.fault for plugin in registered if plugin.fault is not None and plugin.goes_by(name)]:
            raise InputError(faults)
    chosen = known_name(name, found.files, "cytometer")
    if rivals := found.rivals.get(chosen):
        same = [found.files[chosen], *rivals]
        owners = " and ".join(file.origin for file in same)
        hint = "Name the file of the one that is meant: " + ", ".join(str(file.path) for file in same)
        raise input_error("ambiguous-cytometer", f"cytometer {chosen} is offered by {owners}", hint=hint)
    return chosen, found.files[chosen]


def _found() -> _Found:
    found = _Found({name: shipped_file(path) for name, path in stems(CATALOG_DATA, "cytometers").items()})
    plugged, findings = plugged_files(CYTOMETER_GROUP, "cytometers")
    found.findings += findings
    found.add_plugged(plugged)
    return found
