"""Spectra of dyes as text tables: wide, one column a curve, or long, one point a row.

Wide: columns of wavelengths, each followed by its curves: ``NAME (EX)``, ``NAME EM``, ``NAME AB`` (absorption, taken as
excitation where there is no other), in any usual spelling; of the file of a spectrometer, ``Excitation`` alone. Long:
``name`` or ``fluor``, ``kind`` (ex or em), ``wavelength`` or ``wavelength_nm``, ``value``. Lines about the scan may
stand before the header, and columns of other things (filters, two-photon excitation) among the curves. Values are
relative; each curve is divided by its maximum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import raise_if_any
from panelopt.io.documents import read_text
from panelopt.io.labelled_events import NO_LABEL
from panelopt.io.spectra_layout import Point, curves_of, header_of, is_wide, long_points, wide_points
from panelopt.io.table_text import csv_rows
from panelopt.optics.spectra import Array

MAX_SPECTRA_BYTES = 20_000_000
"""Larger spectra files are refused."""

SHORTEST_NM, LONGEST_NM = 200.0, 1200.0
"""Wavelengths outside this range are taken for a mistake of units, unless there is no light."""

NEGATIVE_NOISE = 0.02
"""Values down to this share of a curve's maximum below zero are baseline noise and set to 0; lower ones are errors."""

MIN_POINTS = 5
"""A curve with fewer points says too little."""

_KINDS = {"ex": "excitation", "ab": "absorption", "em": "emission"}


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


def read_spectra(path: Path, remarks: list[Finding] | None = None) -> tuple[MeasuredSpectrum, ...]:
    """Read all dyes of a spectra file, in the order in which they appear.

    Args:
        path: The file.
        remarks: Where given, what was left out is added: columns that are no curves, curves without light.

    Raises:
        InputError: with file, line and value of everything that is wrong: cells that are no numbers, negative values,
            wavelengths that do not increase, no curve with light.
    """
    where = str(path)
    rows = csv_rows(read_text(path, MAX_SPECTRA_BYTES), where)
    first = header_of(rows)
    if first is None:
        hint = "Wide: wavelength, NAME (EX), NAME (EM), ...; long: name, kind, wavelength, value."
        raise input_error("spectra-layout", "the header is not that of a spectra file", where=f"{where}:1", hint=hint)
    header = [cell.strip() for cell in rows[first]]
    findings: list[Finding] = []
    notes: list[Finding] = []
    body = list(enumerate(rows[first + 1 :], start=first + 2))
    place = f"{where}:{first + 1}"
    if is_wide(header, path.stem):
        if others := curves_of(header, path.stem)[1]:
            message = f"columns that are no curves of a dye are left out: {', '.join(others)}"
            notes.append(Finding("spectra-column", message, place, "Curves are called NAME (EX) and NAME (EM)."))
        points = wide_points(header, body, path.stem, place, findings)
    else:
        points = long_points(header, body, where, findings)
    curves = _curves(points, where, findings, notes)
    raise_if_any(findings)
    if not curves:
        missing = Finding("no-spectra", "the file has no curve", where, "Add columns NAME (EX), NAME (EM).")
        raise_if_any([*notes, missing])
    for name in (name for name, kind in curves if kind == "ab" and (name, "ex") in curves):
        message = f"{name}: absorption is left out, as there is an excitation"
        notes.append(Finding("spectra-column", message, where))
    if remarks is not None:
        remarks += notes
    excitation = {name: curve for wanted in ("ab", "ex") for (name, kind), curve in curves.items() if kind == wanted}
    names = dict.fromkeys(name for name, _ in curves)
    return tuple(MeasuredSpectrum(name, excitation.get(name), curves.get((name, "em"))) for name in names)


def _curves(
    points: Iterable[Point], where: str, findings: list[Finding], notes: list[Finding]
) -> dict[tuple[str, str], Array]:
    curves: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
    broken: set[tuple[str, str]] = set()
    for name, kind, nm, value, line in points:
        if value.strip() in NO_LABEL:
            continue
        place = f"{where}:{line}"
        numbers = _number(nm, "wavelength", place, findings), _number(value, f"{name} {kind}", place, findings)
        if numbers[0] is None or numbers[1] is None:
            broken.add((name, kind))
        elif numbers[1] or SHORTEST_NM <= numbers[0] <= LONGEST_NM:  # a table may go on where no curve has light
            curves.setdefault((name, kind), []).append((numbers[0], numbers[1], line))
    shaped: dict[tuple[str, str], Array] = {}
    for (name, kind), found in curves.items():
        if max(value for _, value, _ in found) <= 0:
            message = f"{name} ({_KINDS[kind]}) shows no light anywhere and is left out"
            notes.append(Finding("spectra-curve", message, f"{where}:{found[0][2]}"))
        elif (name, kind) not in broken:  # a curve with wrong cells is not judged further: that would repeat the fault
            shaped[name, kind] = _curve((name, kind), found, where, findings)
    return shaped


def _number(text: str, what: str, place: str, findings: list[Finding]) -> float | None:
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = np.nan
    if np.isfinite(value):
        return value
    hint = "Write plain numbers with a decimal point; leave unknown cells empty."
    findings.append(Finding("number", f"{what}: {text.strip()!r} is not a number", place, hint))
    return None


def _curve(key: tuple[str, str], points: list[tuple[float, float, int]], where: str, findings: list[Finding]) -> Array:
    name, kind = key
    points = sorted(points)  # some instruments scan from red to blue, or in several runs
    data = np.array([(nm, value) for nm, value, _ in points]).T
    lines = [line for _, _, line in points]
    top = data[1].max()
    twice = np.diff(data[0]) <= 0
    for index in np.flatnonzero(twice & (np.abs(np.diff(data[1])) > NEGATIVE_NOISE * top))[:1]:
        message = f"{name} ({kind}): two values at {data[0][index]:g} nm, {data[1][index]:g} and {data[1][index + 1]:g}"
        place = f"{where}:{max(lines[index : index + 2])}"
        findings.append(Finding("wavelength-order", message, place, "Keep one of them."))
    kept = np.append(True, ~twice)
    data, lines = data[:, kept], [line for line, keep in zip(lines, kept, strict=True) if keep]
    for index in np.flatnonzero((data[0] < SHORTEST_NM) | (data[0] > LONGEST_NM))[:1]:
        message = f"{name} ({kind}): wavelength {data[0][index]:g} nm is outside {SHORTEST_NM:g}-{LONGEST_NM:g} nm"
        findings.append(Finding("wavelength-range", message, f"{where}:{lines[index]}", "Give wavelengths in nm."))
    if data.shape[1] < MIN_POINTS:
        message = f"{name} ({kind}): only {data.shape[1]} points"
        findings.append(Finding("spectra-curve", message, f"{where}:{lines[0]}", "Leave the curve out."))
        return data
    for index in np.flatnonzero(data[1] < -NEGATIVE_NOISE * top)[:1]:
        message = f"{name} ({kind}): {data[1][index]:g} is negative"
        findings.append(Finding("negative-value", message, f"{where}:{lines[index]}", "Subtract the right baseline."))
    return np.asarray(np.vstack((data[0], np.clip(data[1], 0.0, None) / top)))
