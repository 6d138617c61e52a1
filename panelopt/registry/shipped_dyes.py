"""Shipped fluorochromes, which were read from their files in an earlier run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from panelopt.domain.dye_list import DyeList, DyesByName, dye_text
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Fluorochrome
from panelopt.frozen import dataclass
from panelopt.registry.data_places import CATALOG_DATA, data_folder
from panelopt.registry.kept_lists import kept_list, kept_names
from panelopt.registry.plugged_files import SourceFile, shipped_file

AUTOFLUORESCENCE = "autofluorescence"
"""Use of the dye that is the cells' own light."""


@dataclass(frozen=True, slots=True)
class ShippedDyes:
    """All shipped dyes.

    Attributes:
        dyes: By name, without autofluorescence.
        autofluorescence: The cells' own light.
        files: The file of each dye, autofluorescence included, by name.
    """

    dyes: DyeList
    autofluorescence: Fluorochrome
    files: Mapping[str, SourceFile]

    def entries(self) -> dict[str, tuple[Fluorochrome, SourceFile]]:
        """Return each dye, autofluorescence included, with its file by name."""
        return {dye.name: (dye, self.files[dye.name]) for dye in (*self.dyes, self.autofluorescence)}


@cache
def shipped_dyes() -> ShippedDyes:
    """Return the shipped dyes; files are read once."""
    paths = _files()
    return kept_list("dyes", paths, lambda: _rows(paths), partial(_made, paths))


def _made(paths: list[Path], found: Iterable[Sequence[Any]]) -> ShippedDyes:
    rows = list(found)
    sources = [shipped_file(path) for path in paths]
    dyes = DyesByName({name: text for name, own, _, text in rows if not own})
    (light,) = (text for _, own, _, text in rows if own)
    (autofluorescence,) = DyesByName({AUTOFLUORESCENCE: light}).values()
    files = MappingProxyType({name: sources[place] for name, _, place, _ in rows})
    return ShippedDyes(DyeList(dyes), autofluorescence, files)


@cache
def shipped_dye_names() -> NameTable:
    """Return the names of the shipped dyes, of which none is made if they were listed before."""
    return kept_names(
        "fluorochromes", _files(), lambda: NameTable({dye.name: dye.aliases for dye in shipped_dyes().dyes})
    )


def _files() -> list[Path]:
    return sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml"))


def _rows(paths: list[Path]) -> Iterator[tuple[str, bool, int, str]]:
    """Yield name, whether it is autofluorescence, number of the file, and fields of each dye, by name."""
    from panelopt.io.fluorochrome_files import read_fluorochromes

    found = [(dye, place) for place, path in enumerate(paths) for dye in read_fluorochromes(path)]
    for dye, place in sorted(found, key=lambda entry: (entry[0].name.casefold(), entry[0].name)):
        yield dye.name, dye.use == AUTOFLUORESCENCE, place, dye_text(dye)
