"""Where fluorochromes are: files of the user, shipped ones, files of plug-ins, in this order of precedence.

A plug-in is a distribution with an entry point of the group ``panelopt.fluorochromes`` whose value is a package; each
TOML file in its folder holds dyes. The code of a plug-in does not run. A plug-in adds dyes and replaces none: what it
ships cannot change the optics of a dye that somebody else ships.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from panelopt.domain.dye_list import dyes_by_name
from panelopt.domain.name_table import NameTable, bare, fold
from panelopt.domain.reagents import Fluorochrome
from panelopt.errors import Finding, InputError, input_error
from panelopt.frozen import dataclass
from panelopt.registry.plugged_files import SourceFile, own_source, plugged_files, skipped_file
from panelopt.registry.plugins import FLUOROCHROME_GROUP
from panelopt.registry.shipped_dyes import AUTOFLUORESCENCE, shipped_dye_names, shipped_dyes

FLUOROCHROMES_VARIABLE = "PANELOPT_FLUOROCHROMES"
"""Environment variable: fluorochrome files of the user, or folders of them, separated like PATH."""

_MOST_SHOWN = 5  # dyes of a file that one warning names


@dataclass(frozen=True, slots=True)
class _FoundDyes:
    """All dyes.

    Attributes:
        dyes: By name, without autofluorescence.
        names: Their names and aliases.
        files: The file of each dye, by name.
        autofluorescence: The cells' own light.
        findings: Dyes of plug-ins that are left out.
    """

    dyes: Sequence[Fluorochrome]
    names: NameTable
    files: Mapping[str, SourceFile]
    autofluorescence: Fluorochrome
    findings: tuple[Finding, ...]


def fluorochromes() -> Sequence[Fluorochrome]:
    """Return all dyes by name, the user's own in the place of shipped ones; autofluorescence is not one of them.

    Files are read once: a process does not see a package that is installed while it runs.

    Raises:
        InputError: if a file that :data:`FLUOROCHROMES_VARIABLE` names is wrong.
    """
    return _current().dyes


def autofluorescence() -> Fluorochrome:
    """Return the autofluorescence spectrum: the user's own, else the shipped one."""
    return _current().autofluorescence


def fluorochrome_names() -> NameTable:
    """Return the names and aliases of :func:`fluorochromes`."""
    own, path = _sources()
    if own or any(plugged_files(FLUOROCHROME_GROUP, "fluorochromes")):
        return _found(own, path).names
    return shipped_dye_names()


def fluorochrome_files() -> Mapping[str, SourceFile]:
    """Return the file of each of :func:`fluorochromes`, by name."""
    return _current().files


def fluorochrome_findings() -> tuple[Finding, ...]:
    """Return what is wrong with plug-ins of dyes, and which of their dyes are left out."""
    return _current().findings


def find_fluorochrome(name: str) -> Fluorochrome:
    """Return a dye by name or alias.

    Raises:
        InputError: if there is none, or the name may mean several.
    """
    dyes, canonical = dyes_by_name(fluorochromes()), fluorochrome_names().find(name)
    if canonical is not None and canonical in dyes:
        return dyes[canonical]
    hint = fluorochrome_names().suggest(name) or "`panelopt dye list` shows all."
    raise input_error("unknown-fluorochrome", f"no fluorochrome is called {name!r}", hint=hint)


def _current() -> _FoundDyes:
    return _found(*_sources())


def _sources() -> tuple[str, tuple[str, ...]]:
    # what is installed depends on the path
    return os.environ.get(FLUOROCHROMES_VARIABLE, "").strip(), tuple(sys.path)


@lru_cache(maxsize=16)
def _found(own: str, _path: tuple[str, ...]) -> _FoundDyes:
    mine = dict(_own(own))
    files, findings = plugged_files(FLUOROCHROME_GROUP, "fluorochromes")
    if not mine and not files:
        shipped = shipped_dyes()
        return _FoundDyes(shipped.dyes, shipped_dye_names(), shipped.files, shipped.autofluorescence, findings)
    replaced = set(mine)
    if any(dye.use == AUTOFLUORESCENCE for dye, _ in mine.values()):
        replaced.add(AUTOFLUORESCENCE)
    kept = {n: e for n, e in shipped_dyes().entries().items() if n not in replaced and e[0].use not in replaced} | mine
    added, refused = _plugged(files, kept, frozenset(mine))
    entries = sorted((kept | added).items(), key=lambda item: (item[0].casefold(), item[0]))
    dyes = tuple(dye for _, (dye, _) in entries if dye.use != AUTOFLUORESCENCE)
    return _FoundDyes(
        dyes=dyes,
        names=NameTable({dye.name: dye.aliases for dye in dyes}) if mine or added else shipped_dye_names(),
        files=MappingProxyType({name: file for name, (_, file) in entries}),
        autofluorescence=next(dye for _, (dye, _) in entries if dye.use == AUTOFLUORESCENCE),
        findings=(*findings, *refused),
    )


_Entries = dict[str, tuple[Fluorochrome, SourceFile]]
"""Dyes with their files, by name."""


def _read(path: Path) -> tuple[Fluorochrome, ...]:
    from panelopt.io.fluorochrome_files import read_fluorochromes  # not needed for shipped dyes

    return read_fluorochromes(path)


def _own(own: str) -> Iterator[tuple[str, tuple[Fluorochrome, SourceFile]]]:
    for text in filter(None, map(str.strip, own.split(os.pathsep))):
        place = Path(text)
        for path in sorted(place.glob("*.toml")) if place.is_dir() else [place]:
            yield from ((dye.name, (dye, own_source(path))) for dye in _read(path))


def _plugged(files: Iterable[SourceFile], kept: _Entries, mine: frozenset[str]) -> tuple[_Entries, list[Finding]]:
    """Return the dyes of plug-ins whose names are free, and warnings of the others.

    Args:
        files: Files of plug-ins.
        kept: Dyes of the user and shipped ones.
        mine: Names of the user's, who needs no warning of what they replace.
    """
    added: _Entries = {}
    findings: list[Finding] = []
    taken = _Spellings()
    for dye, file in kept.values() if files else ():
        taken.add(dye, file)
    for file in files:
        try:
            dyes = _read(file.path)
        except InputError as error:
            findings.append(skipped_file("fluorochrome", file, error))
            continue
        refused: list[str] = []
        for dye in dyes:
            if dye.name in mine:
                continue
            if reason := taken.refusal(dye):
                refused.append(reason)
            else:
                taken.add(dye, file)
                added[dye.name] = (dye, file)
        if refused:
            findings.append(_refused(file, refused))
    return added, findings


def _refused(file: SourceFile, reasons: list[str]) -> Finding:
    more = f"; and {len(reasons) - _MOST_SHOWN:,} more" if len(reasons) > _MOST_SHOWN else ""
    message = f"fluorochromes of {file.origin} are skipped: {'; '.join(reasons[:_MOST_SHOWN])}{more}"
    hint = f"To use its dyes in the place of those of the same names, name the file in {FLUOROCHROMES_VARIABLE}."
    return Finding("duplicate-fluorochrome", message, str(file.path), hint)


@dataclass(slots=True)
class _Spellings:
    """Who owns each spelling; spellings are compared as :class:`NameTable` compares them."""

    owners: dict[str, tuple[Fluorochrome, SourceFile]] = field(default_factory=dict)

    def add(self, dye: Fluorochrome, file: SourceFile) -> None:
        for written in (dye.name, *dye.aliases):
            for key in _keys(written):
                self.owners.setdefault(key, (dye, file))

    def refusal(self, dye: Fluorochrome) -> str:
        """Return why a dye cannot be added; an empty text if it can."""
        if dye.use == AUTOFLUORESCENCE:
            return f"{dye.name} is autofluorescence, which no package replaces"
        for written in (dye.name, *dye.aliases):
            if not fold(written):
                return f"{written!r} has no letter or digit"
            owner = next((self.owners[key] for key in _keys(written) if key in self.owners), None)
            if owner is not None:
                as_written = f"{dye.name} (as {written!r})" if written != dye.name else dye.name
                return f"{as_written} stands for {owner[0].name} of {owner[1].origin}"
        return ""


def _keys(written: str) -> tuple[str, str]:
    return f"fold {fold(written)}", f"bare {bare(written)}"
