"""Cytometers from tables: FACSDiva configuration exports and plain detector lists."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import Row, parse_table, raise_if_any
from panelopt.io.documents import read_text, validate

MAX_CSV_BYTES = 1_000_000
"""Maximum file size; a configuration has a few kB."""

LONG_PASS_END_NM = 900.0
"""Model value: upper end of a long-pass band, nm; photomultipliers hardly respond beyond."""

DETECTOR_COLUMNS = ("name", "laser_nm", "centre_nm", "width_nm", "path", "power_mw")
"""Columns of a detector table; the last two are optional."""

_FACSDIVA_COLUMNS = ("Laser Name", "Wavelength", "Power", "Detector", "Filter", "Parameter")
_NUMBER = r"(\d+(?:\.\d+)?)"
_BAND = re.compile(rf"{_NUMBER}\s*/\s*{_NUMBER}\s*(?:BP)?(?:\s+{_NUMBER}\s*LP)?", re.IGNORECASE)
_LONG_PASS = re.compile(rf"{_NUMBER}\s*/?\s*LP", re.IGNORECASE)
_RANGE = re.compile(rf"{_NUMBER}\s*-\s*{_NUMBER}")


def parse_filter(text: str) -> tuple[float, float]:
    """Return centre and full width of a filter in nm.

    Args:
        text: ``530/30``, ``530/30 BP``, ``530/30 505LP``, ``655-730``, or a long-pass ``750 LP``, whose band ends at
            :data:`LONG_PASS_END_NM`.

    Raises:
        ValueError: if the text has another form or the band is empty.
    """
    cleaned = text.strip()
    if match := _BAND.fullmatch(cleaned):
        centre, width = float(match[1]), float(match[2])
    elif match := _LONG_PASS.fullmatch(cleaned):
        centre, width = (float(match[1]) + LONG_PASS_END_NM) / 2, LONG_PASS_END_NM - float(match[1])
    elif match := _RANGE.fullmatch(cleaned):
        centre, width = (float(match[1]) + float(match[2])) / 2, float(match[2]) - float(match[1])
    else:
        raise ValueError(f"{text!r} is not a filter")
    if width <= 0:
        raise ValueError(f"the filter {text!r} passes no light")
    return centre, width


def read_facsdiva_export(
    path: Path,
    *,
    id: str,  # noqa: A002
    name: str = "",
    sorter: bool = False,
    unmixing: Literal["compensation", "spectral"] = "compensation",
) -> Cytometer:
    """Read a cytometer configuration exported by FACSDiva as CSV.

    Each laser gets its own path; detectors are named by their parameter. Detectors whose band contains their laser line
    measure scatter and are skipped, as are empty positions without a filter.

    Args:
        path: Exported file.
        id: Short name of the new cytometer.
        name: Full name; default: instrument and configuration as in the export.
        sorter: Whether it sorts.
        unmixing: How it separates signals.

    Raises:
        InputError: with file, line and value of every fault.
    """
    where = str(path)
    records = _records(read_text(path, MAX_CSV_BYTES), where)
    starts = [index for index, (_, cells) in enumerate(records) if cells[0] == "Laser Name"]
    if len(starts) != 1:
        found = "no line starts with 'Laser Name'" if not starts else f"the file has {len(starts)} configurations"
        hint = "In FACSDiva: Cytometer > View Configurations, choose one, and export it as CSV."
        raise input_error("facsdiva-layout", found, where=where, hint=hint)
    about = {cells[0]: cells[1] for _, cells in records[: starts[0]] if len(cells) > 1}
    line, header = records[starts[0]]
    missing = [column for column in _FACSDIVA_COLUMNS if column not in header]
    if missing:
        message = f"the table lacks {', '.join(missing)}"
        raise input_error("missing-column", message, where=f"{where}:{line}", hint="Export the configuration again.")
    findings: list[Finding] = []
    rows = [
        Row(number, {**dict.fromkeys(header, ""), **dict(zip(header, cells, strict=False))})
        for number, cells in records[starts[0] + 1 :]
    ]
    lasers, detectors = _facsdiva_parts(rows, where, findings)
    raise_if_any(findings)
    software = about.get("Software Version", "")
    instrument, configuration = about.get("Cytometer", ""), about.get("Configuration Name", "")
    document = {
        "id": id,
        "name": name or ": ".join(part for part in (instrument, configuration) if part) or id,
        "source": f"configuration export {path.name} ({software})",
        "sorter": sorter,
        "unmixing": unmixing,
        "photodetector": "pmt" if "FACSDiva" in software else "",
        "laser": lasers,
        "detector": detectors,
    }
    return _checked(document, where)


def read_detector_table(
    path: Path,
    *,
    id: str,  # noqa: A002
    name: str = "",
    maker: str = "",
    source: str = "",
    sorter: bool = False,
    unmixing: Literal["compensation", "spectral"] = "compensation",
) -> Cytometer:
    """Read a CSV file with one detector per row.

    Args:
        path: File with the columns :data:`DETECTOR_COLUMNS`. Without a path, each laser line gets its own; lasers on
            the same path are collinear. State the power of each laser at least once.
        id: Short name of the new cytometer.
        name: Full name; default: the id.
        maker: Company.
        source: Where the numbers come from; default: the file name.
        sorter: Whether it sorts.
        unmixing: How it separates signals.

    Raises:
        InputError: with file, line and value of every fault.
    """
    where = str(path)
    rows = parse_table(read_text(path, MAX_CSV_BYTES), where, DETECTOR_COLUMNS, DETECTOR_COLUMNS[:4])
    if not rows:
        raise input_error("no-detectors", "the table has no detectors", where=where, hint="Add one detector per row.")
    findings: list[Finding] = []
    detectors, powers = [], []
    for row in rows:
        numbers = _row_numbers(row, where, findings)
        if not row.cells["name"]:
            findings.append(Finding("missing-name", "the detector has no name", f"{where}:{row.line}", "Name it."))
        if numbers is None or not row.cells["name"]:
            continue
        laser_nm, centre_nm, width_nm, power = numbers
        beam = row.cells.get("path") or f"{laser_nm:g}"
        detectors.append(_detector(row.cells["name"], beam, laser_nm, centre_nm, width_nm))
        powers.append((beam, laser_nm, power, row.line))
    findings += _twice(((row.cells["name"], row.line) for row in rows), where)
    lasers = _lasers(powers, where, findings)
    raise_if_any(findings)
    document = {
        "id": id,
        "name": name or id,
        "maker": maker,
        "source": source or path.name,
        "sorter": sorter,
        "unmixing": unmixing,
        "laser": lasers,
        "detector": detectors,
    }
    return _checked(document, where)


def _checked(document: Mapping[str, Any], where: str) -> Cytometer:
    cytometer = validate(Cytometer, document, where)
    raise_if_any(band_findings(cytometer, where))
    return cytometer


def band_findings(cytometer: Cytometer, where: str) -> list[Finding]:
    """Return one finding for each detector whose band passes its own laser line."""
    return [
        Finding(
            "band",
            f"detector {detector.name}: the band {detector.low_nm:g}-{detector.high_nm:g} nm passes its own "
            f"{detector.laser_nm:g} nm laser",
            where,
            "Correct centre_nm, width_nm or laser_nm; remove scatter detectors.",
        )
        for detector in cytometer.detector
        if detector.low_nm < detector.laser_nm < detector.high_nm
    ]


def _records(text: str, where: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except csv.Error as error:
        raise input_error("csv-syntax", f"not valid CSV: {error}", where=f"{where}:{reader.line_num}") from None
    return [(line, cells) for line, cells in records if any(cells)]


def _facsdiva_parts(
    rows: Sequence[Row], where: str, findings: list[Finding]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    lasers: list[dict[str, Any]] = []
    detectors: list[dict[str, Any]] = []
    names: list[tuple[str, int]] = []
    laser_nm: float | None = None
    for row in rows:
        cells, place = row.cells, f"{where}:{row.line}"
        if cells["Laser Name"]:
            laser_nm = _number(cells["Wavelength"], "Wavelength", place, findings)
            power = _number(cells["Power"], "Power", place, findings) if cells["Power"] else None
            lasers.append({"nm": laser_nm, "power_mw": power or None, "path": cells["Laser Name"]})
        elif not lasers:
            findings.append(Finding("missing-laser", "a detector comes before the first laser", place))
            continue
        if not cells["Detector"] or not cells["Filter"]:
            continue  # an empty position, or a second parameter name of the detector above
        band = _filter(cells["Filter"], place, findings)
        if band is None or laser_nm is None or abs(band[0] - laser_nm) < band[1] / 2:
            continue
        beam = lasers[-1]["path"]
        name = cells["Parameter"] or f"{beam} {cells['Detector']}"
        names.append((name, row.line))
        detectors.append(_detector(name, beam, laser_nm, *band))
    findings += _twice(names, where)
    findings += [
        Finding("duplicate-laser", f"laser {beam} is listed {count} times", where, "Rename one of them.")
        for beam, count in Counter(laser["path"] for laser in lasers).items()
        if count > 1
    ]
    return lasers, detectors


def _filter(text: str, place: str, findings: list[Finding]) -> tuple[float, float] | None:
    try:
        return parse_filter(text)
    except ValueError as error:
        findings.append(Finding("filter", str(error), place, "Write centre and width in nm, such as 530/30 BP."))
        return None


def _number(text: str, column: str, place: str, findings: list[Finding]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value > 0:
        return value
    found = repr(text) if text else "nothing"
    hint = "Use a plain number with a decimal point, without unit."
    findings.append(Finding("number", f"{column}: {found} is not a positive number", place, hint))
    return None


def _row_numbers(row: Row, where: str, findings: list[Finding]) -> tuple[float, float, float, float | None] | None:
    place = f"{where}:{row.line}"
    laser, centre, width = (_number(row.cells[column], column, place, findings) for column in DETECTOR_COLUMNS[1:4])
    text = row.cells.get("power_mw", "")
    power = _number(text, "power_mw", place, findings) if text else None
    if laser is None or centre is None or width is None or (text and power is None):
        return None
    return laser, centre, width, power


def _lasers(
    stated: Iterable[tuple[str, float, float | None, int]], where: str, findings: list[Finding]
) -> list[dict[str, Any]]:
    powers: dict[tuple[str, float], float | None] = {}
    for beam, nm, power, line in stated:
        known = powers.setdefault((beam, nm), power)
        if known is None:
            powers[beam, nm] = power
        elif power is not None and power != known:
            message = f"power_mw: {power:g} for the {nm:g} nm laser, but {known:g} further up"
            findings.append(Finding("power", message, f"{where}:{line}", "State the power of each laser once."))
    return [{"nm": nm, "power_mw": power, "path": beam} for (beam, nm), power in powers.items()]


def _detector(name: str, beam: str, laser_nm: float, centre_nm: float, width_nm: float) -> dict[str, Any]:
    return {"name": name, "path": beam, "laser_nm": laser_nm, "centre_nm": centre_nm, "width_nm": width_nm}


def _twice(names: Iterable[tuple[str, int]], where: str) -> list[Finding]:
    first: dict[str, int] = {}
    findings = []
    for name, line in names:
        if name and first.setdefault(name, line) != line:
            message = f"detector {name!r} is already on line {first[name]}"
            findings.append(
                Finding("duplicate-detector", message, f"{where}:{line}", "Give each detector its own name.")
            )
    return findings
