"""Where the curves are in a table of spectra: what its columns hold, told by the words of the header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from panelopt.domain.base import repeated
from panelopt.errors import Finding

Point = tuple[str, str, str, str, int]
"""Dye, kind (ex, ab, em), wavelength and value as written, line."""

_EXCITATION = r"ex|exc|excitation"
_ABSORPTION = r"ab|abs|absorption|absorbance"
_EMISSION = r"em|emission"
_KIND = rf"(?P<kind>{_EXCITATION}|{_ABSORPTION}|{_EMISSION})"
_TAIL = r"(?:[\s_(\[,-]*(?:spectr(?:um|a)|intensity|normali[sz]ed|norm|relative|rel|a\.?u|max|%)(?:\s*[)\].])*)*"
_BEHIND = re.compile(rf"(?P<name>.+?)[\s_:;,-]*[\s_(\[:;,-]{_KIND}[)\].]?{_TAIL}", re.IGNORECASE)
_BEFORE = re.compile(rf"{_KIND}{_TAIL}(?:\s+of\s+|\s*[:_(\[-]\s*|\s+)(?P<name>[^)\]]+)[)\]]?", re.IGNORECASE)
_ALONE = re.compile(rf"[(\[]?{_KIND}[)\].]?{_TAIL}", re.IGNORECASE)
_TWO_PHOTON = re.compile(r"(?:.*[\s_(\[-])?(?:2\s?p|2ph|two[\s-]?photon|2[\s-]?photon|tpe?a?)[)\]]?", re.IGNORECASE)
_WAVELENGTH = re.compile(
    r"(?:wave\s?length|wave|wl|lambda|λ|x)?[\s_]*[(\[]?\s*(?:nm|nanomet(?:er|re)s?|[uµμ]m|micromet(?:er|re)s?|microns?|Å|angstroms?)\s*[)\]]?"
    r"|wave\s?length|lambda|λ|wl",
    re.IGNORECASE,
)
_LONG = {
    "name": ("name", "fluor", "fluorochrome", "fluorophore", "dye"),
    "kind": ("kind", "type", "spectrum", "spectrum type", "spectrum_type"),
    "value": ("value", "intensity", "normalized intensity", "relative intensity"),
}
_MOST_LINES_BEFORE = 50
_LONGEST_TITLE = 300  # longer cells are no titles, and would take the patterns long


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of a wide table: dye, kind (ex, ab, em), and the columns of wavelengths and values."""

    name: str
    kind: str
    wavelength: int
    value: int


def is_wavelength(title: str) -> bool:
    """Whether a column holds wavelengths."""
    return len(title) <= _LONGEST_TITLE and _WAVELENGTH.fullmatch(title.strip()) is not None


def header_of(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which row is the header of a table of spectra: instruments write lines about the scan before it."""
    for place, row in enumerate(rows[:_MOST_LINES_BEFORE]):
        if looks_like_spectra(row):
            return place
    return None


def looks_like_spectra(header: Sequence[str]) -> bool:
    """Whether this is the header of a table of spectra."""
    titles = [cell.strip() for cell in header]
    first = next((title for title in titles if title), "")
    return (is_wavelength(first) and len(titles) > 1) or _places(titles) is not None


def curves_of(header: Sequence[str], single: str) -> tuple[list[Curve], list[str]]:
    """Return the curves of a wide table, and the titles of columns that hold something else.

    A curve belongs to the last column of wavelengths before it.

    Args:
        header: Titles of the columns.
        single: Name of the dye where titles name none, as in the file of a spectrometer.
    """
    curves: list[Curve] = []
    others: list[str] = []
    wavelength = -1
    for place, title in enumerate(cell.strip() for cell in header):
        if is_wavelength(title):
            wavelength = place
        elif title and (wavelength < 0 or (found := _named(title, single)) is None):
            others.append(title)
        elif title and found is not None:
            curves.append(Curve(*found, wavelength, place))
    return curves, others


def _named(title: str, single: str) -> tuple[str, str] | None:
    if len(title) > _LONGEST_TITLE or _TWO_PHOTON.fullmatch(title):
        return None
    for pattern in (_BEHIND, _BEFORE, _ALONE):
        if match := pattern.fullmatch(title):
            name = match.groupdict().get("name") or single
            return name.strip(" _:;,-"), kind_of(match["kind"]) or ""
    return None


def kind_of(text: str) -> str | None:
    """Return ex, ab or em for a word such as ``Excitation``; None for any other."""
    for kind, words in (("ex", _EXCITATION), ("ab", _ABSORPTION), ("em", _EMISSION)):
        if re.fullmatch(rf"(?:{words}){_TAIL}", text.strip(), re.IGNORECASE):
            return kind
    return None


def wide_points(
    header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], single: str, where: str, findings: list[Finding]
) -> Iterator[Point]:
    """Yield the points of a wide table; columns of no curve are left out."""
    curves, _ = curves_of(header, single)
    for name, kind in repeated([(curve.name, curve.kind) for curve in curves]):
        findings.append(Finding("duplicate-column", f"{name} ({kind}) appears twice", where, "Keep one."))
    for line, row in rows:
        for curve in curves:
            if curve.value >= len(row):  # curves are in the order of their columns
                break
            if row[curve.value].strip():
                yield curve.name, curve.kind, row[curve.wavelength], row[curve.value], line


def long_points(
    header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], where: str, findings: list[Finding]
) -> Iterator[Point]:
    """Yield the points of a long table; two-photon curves are left out."""
    place = _places(header) or {}
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            message = f"the row has {len(row)} cells, the header has {len(header)}"
            findings.append(Finding("row-length", message, f"{where}:{line}"))
            continue
        name, written = row[place["name"]].strip(), row[place["kind"]].strip()
        kind = kind_of(written)
        if kind is not None and name:
            yield name, kind, row[place["wavelength"]], row[place["value"]], line
        elif not (name and _TWO_PHOTON.fullmatch(written)):
            found = repr(written) if kind is None else "an empty name"
            findings.append(Finding("spectra-kind", f"found {found}", f"{where}:{line}", "Write the name; ex or em."))


def is_wide(header: Sequence[str], single: str) -> bool:
    """Whether each curve has a column of its own."""
    return bool(curves_of(header, single)[0]) or _places(header) is None


def _places(header: Sequence[str]) -> dict[str, int] | None:
    """Return the columns of a long table; None if this is none."""
    titles = [title.strip().casefold() for title in header]
    found = {key: next((titles.index(a) for a in aliases if a in titles), -1) for key, aliases in _LONG.items()}
    found["wavelength"] = next((place for place, title in enumerate(titles) if is_wavelength(title)), -1)
    return found if min(found.values()) >= 0 else None
