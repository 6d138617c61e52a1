"""Finds cytometers: local files, then shipped ones, then those of plug-ins.

A plug-in is a distribution with an entry point in the group ``panelopt.cytometers`` that names a package; each TOML
file in its folder is one cytometer, named like the file. The plug-in's code is never run.
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
from panelopt.io.cytometer_files import parse_cytometer, read_cytometer
from panelopt.registry.data_places import CATALOG_DATA, HERE, known_name, own_file, stems
from panelopt.registry.parsed_files import parsed_file, parsed_files
from panelopt.registry.plugged_files import SourceFile, own_source, plugged_files, shipped_file, skipped_file
from panelopt.registry.plugins import CYTOMETER_GROUP, plugins


@dataclass(slots=True)
class _FoundCytometers:
    """Every cytometer that can be used by name.

    Attributes:
        files: File of each name.
        rivals: Files of other plug-ins with the same name, by the name that is kept.
        findings: What was skipped.
    """

    files: dict[str, SourceFile]
    rivals: dict[str, list[SourceFile]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add_plugged(self, files: Iterable[SourceFile]) -> None:
        """Add plug-in files, except those whose name, in any spelling, is taken."""
        owners = {bare(name): name for name in self.files}
        for file in files:
            name = file.path.stem
            if not re.fullmatch(IDENTIFIER_PATTERN, name):
                message = f"{file.path.name!r} of {file.origin} is skipped: its name is not a valid id"
                hint = "Use lower-case letters, digits, hyphens, dots and underscores."
                self.findings.append(Finding("broken-cytometer", message, str(file.path.parent), hint))
                continue
            owner = owners.setdefault(bare(name), name)
            kept = self.files.setdefault(owner, file)
            if kept is not file:
                message = f"cytometer {name} of {file.origin} is skipped: {kept.origin} has {owner}"
                hint = "Give its path to use it."
                self.findings.append(Finding("duplicate-cytometer", message, str(file.path), hint))
                if kept.kind == "plugin":
                    self.rivals.setdefault(owner, []).append(file)


def cytometer_names() -> tuple[str, ...]:
    """Return the names of the shipped and plug-in cytometers, without reading them."""
    return tuple(sorted(_found().files))


def readable_cytometers() -> tuple[tuple[tuple[Cytometer, SourceFile], ...], tuple[Finding, ...]]:
    """Read all shipped and plug-in cytometers; faulty plug-in files are skipped.

    Returns:
        The cytometers by name, each with its file, and findings about skipped files.
    """
    found = _found()
    findings = list(found.findings)
    cytometers: list[tuple[Cytometer, SourceFile]] = []
    shipped = [file.path for file in found.files.values() if file.kind == "built-in"]
    known = dict(zip(shipped, parsed_files(shipped), strict=True))
    for name, file in sorted(found.files.items()):
        try:
            data = known.get(file.path)
            read = _read(name, file) if data is None else parse_cytometer(data, str(file.path))
            cytometers.append((read, file))
        except InputError as error:
            if file.kind != "plugin":
                raise
            findings.append(skipped_file("cytometer", file, error))
    return tuple(cytometers), tuple(findings)


def find_cytometer(name: str, beside: Path | None = HERE) -> Cytometer:
    """Read a cytometer; for the arguments see :func:`cytometer_file`.

    Raises:
        InputError: if it is unknown or ambiguous, or its file is invalid.
    """
    return _read(*_located(name, beside))


def cytometer_file(name: str, beside: Path | None = HERE) -> Path:
    """Return the file of a cytometer.

    Args:
        name: Path, or name of a shipped or plug-in cytometer.
        beside: Folder whose files take precedence over names; None = names only.

    Raises:
        InputError: if ``name`` is unknown or ambiguous, or two plug-ins offer it.
    """
    return _located(name, beside)[1].path


def _read(name: str, file: SourceFile) -> Cytometer:
    if file.kind == "built-in":
        return parse_cytometer(parsed_file(file.path), str(file.path))
    cytometer = read_cytometer(file.path)
    if file.kind == "plugin" and cytometer.id != name:
        # a result stores the id, by which the cytometer must be found again
        message = f"the id {cytometer.id!r} differs from the file name {name!r}"
        raise input_error("cytometer-id", message, where=str(file.path), hint="Rename the file to match the id.")
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
        hint = "Give the path of the one you mean: " + ", ".join(str(file.path) for file in same)
        raise input_error("ambiguous-cytometer", f"cytometer {chosen} is offered by {owners}", hint=hint)
    return chosen, found.files[chosen]


def _found() -> _FoundCytometers:
    found = _FoundCytometers({name: shipped_file(path) for name, path in stems(CATALOG_DATA, "cytometers").items()})
    plugged, findings = plugged_files(CYTOMETER_GROUP, "cytometers")
    found.findings += findings
    found.add_plugged(plugged)
    return found
