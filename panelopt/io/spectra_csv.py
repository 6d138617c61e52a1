"""Spectra of dyes as CSV: wide, one column a curve, or long, one point a row.

Wide: a wavelength column first, then columns ``NAME (EX)`` and ``NAME (EM)``; ``NAME EX``, ``NAME AB`` (absorption,
taken as excitation) and empty cells are understood. Long: ``name`` or ``fluor``, ``kind`` (ex or em), ``wavelength`` or
``wavelength_nm``, ``value``. Values are relative; each curve is divided by its maximum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panelopt.domain.base import repeated
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import raise_if_any
from panelopt.io.documents import read_text
from panelopt.io.signature_csv import csv_rows
from panelopt.optics.spectra import Array

MAX_SPECTRA_BYTES = 20_000_000
"""Larger spectra files are refused."""

SHORTEST_NM, LONGEST_NM = 200.0, 1200.0
"""Wavelengths outside this range are taken for a mistake of units."""

NEGATIVE_NOISE = 0.02
"""Values down to this share of a curve's maximum below zero are baseline noise and set to 0; lower ones are errors."""

MIN_POINTS = 5
"""A curve with fewer points says too little."""

_CURVE = re.compile(r"(?P<name>.+?)[\s_]*[\s_(\[](?P<kind>ex|em|ab|abs|excitation|emission|absorption)[)\]]?", re.I)
_KINDS = {"ex": "ex", "excitation": "ex", "ab": "ex", "abs": "ex", "absorption": "ex", "em": "em", "emission": "em"}
_WAVELENGTH = ("wavelength", "wavelength_nm", "wavelength (nm)", "nm", "lambda")
_LONG = {
    "name": ("name", "fluor", "fluorochrome", "fluorophore", "dye"),
    "kind": ("kind", "type"),
    "wavelength": _WAVELENGTH,
    "value": ("value", "intensity"),
}


@dataclass(frozen=True, slots=True)
class MeasuredSpectrum:
    """Excitation and emission of one dye; peak 1, wavelengths in nm increasing; None where the file has none.

    Attributes:
        name: Name of the dye as written.
        excitation, emission: Arrays of shape (2, N): wavelength, value.
    """

    name: str
    excitation: Array | None
    emission: Array | None


Point = tuple[str, str, str, str, int]
"""Dye, kind, wavelength and value as written, line."""


def looks_like_spectra(header: list[str]) -> bool:
    """Whether the header of a CSV file is that of a spectra file."""
    names = [cell.strip().casefold() for cell in header]
    if not names:
        return False
    return (names[0] in _WAVELENGTH and len(names) > 1) or _is_long(header)


def _is_long(header: list[str]) -> bool:
    names = {cell.strip().casefold() for cell in header}
    return not any(names.isdisjoint(aliases) for aliases in _LONG.values())


def read_spectra(path: Path) -> tuple[MeasuredSpectrum, ...]:
    """Read all dyes of a spectra file, in the order in which they appear.

    Raises:
        InputError: with file, line and value of everything that is wrong: cells that are no numbers, negative values,
            wavelengths that do not increase, curves without light.
    """
    where = str(path)
    rows = csv_rows(read_text(path, MAX_SPECTRA_BYTES), where)
    if not rows or not looks_like_spectra(rows[0]):
        hint = "Wide: wavelength, NAME (EX), NAME (EM), ...; long: name, kind, wavelength, value."
        raise input_error("spectra-layout", "the header is not that of a spectra file", where=f"{where}:1", hint=hint)
    header = [cell.strip() for cell in rows[0]]
    findings: list[Finding] = []
    curves_named = header[0].casefold() in _WAVELENGTH and any(map(_CURVE.fullmatch, header[1:]))
    wide = curves_named or not _is_long(header)
    points = _wide(header, rows[1:], where, findings) if wide else _long(header, rows[1:], where, findings)
    curves: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
    broken: set[tuple[str, str]] = set()
    for name, kind, nm, value, line in points:
        place = f"{where}:{line}"
        numbers = _number(nm, "wavelength", place, findings), _number(value, f"{name} {kind}", place, findings)
        if numbers[0] is None or numbers[1] is None:
            broken.add((name, kind))
        else:
            curves.setdefault((name, kind), []).append((numbers[0], numbers[1], line))
    # a curve with wrong cells is not judged further: that would only repeat the fault
    shaped = {key: _curve(key, points, where, findings) for key, points in curves.items() if key not in broken}
    raise_if_any(findings)
    if not shaped:
        raise input_error("no-spectra", "the file has no curve", where=where, hint="Add columns NAME (EX), NAME (EM).")
    names = dict.fromkeys(name for name, _ in shaped)
    return tuple(MeasuredSpectrum(name, shaped.get((name, "ex")), shaped.get((name, "em"))) for name in names)


def _wide(header: list[str], rows: list[list[str]], where: str, findings: list[Finding]) -> Iterable[Point]:
    columns: list[tuple[int, str, str]] = []
    for index, title in enumerate(header[1:], start=1):
        match = _CURVE.fullmatch(title)
        if match is None:
            hint = "Name columns NAME (EX) or NAME (EM)."
            findings.append(Finding("spectra-column", f"column {title!r} is no curve", f"{where}:1", hint))
            continue
        columns.append((index, match["name"].strip(" _"), _KINDS[match["kind"].casefold()]))
    curves = [(name, kind) for _, name, kind in columns]
    for name, kind in repeated(curves):
        findings.append(Finding("duplicate-column", f"{name} ({kind}) appears twice", f"{where}:1", "Keep one."))
    for line, row in enumerate(rows, start=2):
        for index, name, kind in columns:
            if index < len(row) and row[index].strip():
                yield name, kind, row[0], row[index], line


def _long(header: list[str], rows: list[list[str]], where: str, findings: list[Finding]) -> Iterable[Point]:
    folded = [cell.casefold() for cell in header]
    place = {key: next(folded.index(alias) for alias in aliases if alias in folded) for key, aliases in _LONG.items()}
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            message = f"the row has {len(row)} cells, the header has {len(header)}"
            findings.append(Finding("row-length", message, f"{where}:{line}"))
            continue
        kind = _KINDS.get(row[place["kind"]].strip().casefold())
        name = row[place["name"]].strip()
        if kind is None or not name:
            found = row[place["kind"]] if kind is None else "an empty name"
            findings.append(Finding("spectra-kind", f"found {found!r}", f"{where}:{line}", "Write the name; ex or em."))
            continue
        yield name, kind, row[place["wavelength"]], row[place["value"]], line


def _number(text: str, what: str, place: str, findings: list[Finding]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if np.isfinite(value):
        return value
    hint = "Write plain numbers with a decimal point; leave unknown cells empty."
    findings.append(Finding("number", f"{what}: {text.strip()!r} is not a number", place, hint))
    return None


def _curve(key: tuple[str, str], points: list[tuple[float, float, int]], where: str, findings: list[Finding]) -> Array:
    name, kind = key
    data = np.array([(nm, value) for nm, value, _ in points]).T
    lines = [line for _, _, line in points]
    steps = np.flatnonzero(np.diff(data[0]) <= 0)
    if steps.size:
        nm, line = data[0][steps[0] + 1], lines[steps[0] + 1]
        message = f"{name} ({kind}): the wavelength {nm:g} follows {data[0][steps[0]]:g}; it must increase"
        findings.append(Finding("wavelength-order", message, f"{where}:{line}", "Sort the rows; drop repeated ones."))
    for index in np.flatnonzero((data[0] < SHORTEST_NM) | (data[0] > LONGEST_NM))[:1]:
        message = f"{name} ({kind}): wavelength {data[0][index]:g} nm is outside {SHORTEST_NM:g}-{LONGEST_NM:g} nm"
        findings.append(Finding("wavelength-range", message, f"{where}:{lines[index]}", "Give wavelengths in nm."))
    top = data[1].max()
    if top <= 0 or data.shape[1] < MIN_POINTS:
        message = f"{name} ({kind}): " + ("no light anywhere" if top <= 0 else f"only {data.shape[1]} points")
        findings.append(Finding("spectra-curve", message, f"{where}:{lines[0]}", "Leave the curve out."))
        return data
    for index in np.flatnonzero(data[1] < -NEGATIVE_NOISE * top)[:1]:
        message = f"{name} ({kind}): {data[1][index]:g} is negative"
        findings.append(Finding("negative-value", message, f"{where}:{lines[index]}", "Subtract the right baseline."))
    return np.asarray(np.vstack((data[0], np.clip(data[1], 0.0, None) / top)))
