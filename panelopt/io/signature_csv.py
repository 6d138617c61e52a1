"""Libraries of measured signatures as CSV.

Wide: one row a dye, its name first (the header of that column may be empty), then one column a detector; or one row a
detector and one column a dye, if the first header says so (an empty one leaves it to the names). Long:
columns ``Instrument``, ``Fluorophore``, ``Detector`` and ``AdjustedY``, one value a row. The endings ``-A``, ``-H`` and
``-W`` of detector names, which FCS files add for area, height and width, are dropped. Gzipped files are read too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from panelopt.domain.base import repeated
from panelopt.errors import Finding, input_error
from panelopt.io.channel_names import detector_name
from panelopt.io.csv_table import raise_if_any
from panelopt.io.table_text import csv_rows, library_text

NEGATIVE_NOISE = 0.2
"""Values down to this share of the peak below zero are taken for noise of a dim control (model value)."""

LONG_COLUMNS = ("Instrument", "Fluorophore", "Detector", "AdjustedY")
"""Columns of a long library; the first may be left out."""

_DYE_HEADERS = frozenset(
    (
        *("", "name", "label", "sample", "conjugate", "dye", "dye name"),
        *("fluorophore", "fluorophore name", "fluorochrome", "fluor"),
    )
)

_DETECTOR_HEADERS = frozenset(("detector", "detector name", "detectors", "channel", "channel name", "channels"))


@dataclass(frozen=True, slots=True)
class SignatureTable:
    """Signatures as read: detectors, and values by dye in instrument units of any scale.

    Attributes:
        detectors: Names without measurement suffix.
        signatures: Values by dye, in the order of the detectors.
        instrument: Name of the instrument, if the file states it.
    """

    detectors: tuple[str, ...]
    signatures: dict[str, tuple[float, ...]]
    instrument: str = ""


def looks_like_long_library(header: Sequence[str]) -> bool:
    """Whether a header is that of a long library."""
    return set(LONG_COLUMNS[1:]) <= {cell.strip() for cell in header}


def read_signature_library(path: Path) -> SignatureTable:
    """Read a library, wide or long.

    Raises:
        InputError: with file, line and value of everything that is wrong.
    """
    where = str(path)
    rows = csv_rows(library_text(path), where)
    if not rows or len(rows[0]) < 2:
        hint = "The first row names the detectors, the first column the dyes."
        raise input_error("signature-layout", "the file has no table of signatures", where=where, hint=hint)
    header = [cell.strip() for cell in rows[0]]
    findings: list[Finding] = []
    if looks_like_long_library(header):
        table = _long(header, rows[1:], where, findings)
    elif header[0].casefold() in _DETECTOR_HEADERS and {len(row) for row in rows} == {len(header)}:
        upright = [list(row) for row in zip(*rows, strict=True)]
        table = _wide(["", *upright[0][1:]], upright[1:], f"{where}, columns as rows", findings)
    else:
        table = _wide(header, rows[1:], where, findings)
    raise_if_any(findings)
    if not table.signatures:
        raise input_error("no-signatures", "the file names no dye", where=where, hint="Write one dye a row.")
    return table


def _wide(header: list[str], rows: list[list[str]], where: str, findings: list[Finding]) -> SignatureTable:
    if header[0].casefold() not in _DYE_HEADERS:
        message = f"the first column is {header[0]!r}; it should hold the names of the dyes or of the detectors"
        findings.append(Finding("signature-layout", message, f"{where}:1", "Name it `dye`, or leave its header empty."))
    detectors = tuple(map(detector_name, header[1:]))
    twice = set(repeated(detectors))
    for name in dict.fromkeys(detectors):
        if not name or name in twice:
            message = f"detector {name} appears twice" if name else "a detector has no name"
            findings.append(Finding("duplicate-detector", message, f"{where}:1", "Keep one column a detector."))
    found: dict[str, tuple[float, ...]] = {}
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        name = row[0].strip()
        place = f"{where}:{line}"
        if len(row) != len(header):
            message = f"the row has {len(row)} cells, the header has {len(header)}"
            findings.append(Finding("row-length", message, place, "Quote cells that hold a comma."))
            continue
        values = tuple(
            _value(cell, detector, place, findings) for cell, detector in zip(row[1:], detectors, strict=True)
        )
        _add(found, name, values, place, findings)
    return SignatureTable(detectors, found)


def _long(header: list[str], rows: list[list[str]], where: str, findings: list[Finding]) -> SignatureTable:
    place_of = {name: header.index(name) for name in LONG_COLUMNS if name in header}
    values: dict[str, dict[str, float]] = {}
    instruments: dict[str, None] = {}
    first: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        place = f"{where}:{line}"
        if len(row) != len(header):
            message = f"the row has {len(row)} cells, the header has {len(header)}"
            findings.append(Finding("row-length", message, place))
            continue
        if "Instrument" in place_of:
            instruments[row[place_of["Instrument"]].strip()] = None
        dye, detector = row[place_of["Fluorophore"]].strip(), detector_name(row[place_of["Detector"]])
        known = values.setdefault(dye, {})
        first.setdefault(dye, line)
        if detector in known:
            findings.append(Finding("duplicate-value", f"{dye}: detector {detector} is stated twice", place))
        known[detector] = _value(row[place_of["AdjustedY"]], f"{dye} {detector}", place, findings)
    if len(instruments) > 1:
        message = f"the file mixes the instruments {', '.join(instruments)}"
        findings.append(Finding("mixed-instruments", message, where, "Import one instrument at a time."))
    detectors = tuple(dict.fromkeys(name for known in values.values() for name in known))
    found: dict[str, tuple[float, ...]] = {}
    for dye, known in values.items():
        place = f"{where}:{first[dye]}"
        missing = [name for name in detectors if name not in known]
        if missing:
            message = f"{dye} lacks {', '.join(missing[:8])}"
            findings.append(Finding("missing-detector", message, place, "Give every dye the same detectors."))
            continue
        _add(found, dye, tuple(known[name] for name in detectors), place, findings)
    return SignatureTable(detectors, found, next(iter(instruments), ""))


def _add(
    found: dict[str, tuple[float, ...]], name: str, values: tuple[float, ...], place: str, findings: list[Finding]
) -> None:
    if not name:
        findings.append(Finding("missing-name", "the dye has no name", place, "Name it in the first column."))
    elif name in found:
        findings.append(Finding("duplicate-dye", f"{name} is listed twice", place, "Keep one of them."))
    elif max(values) <= 0:
        findings.append(Finding("no-light", f"{name}: no detector shows light", place, "Leave the dye out."))
    elif min(values) < -NEGATIVE_NOISE * max(values):
        message = f"{name}: {min(values):g} is too far below zero for noise (the peak is {max(values):g})"
        findings.append(Finding("negative-value", message, place, "Subtract the unstained control, nothing more."))
    else:
        found[name] = values
        return


def _value(text: str, what: str, place: str, findings: list[Finding]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        found = repr(text.strip()) if text.strip() else "an empty cell"
        hint = "Write 0 where there is no light."
        findings.append(Finding("number", f"{what}: {found} is not a number", place, hint))
        return 0.0
    return value
