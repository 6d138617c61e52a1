"""Spillover (compensation) matrices: the FCS keywords ``$SPILLOVER`` and ``SPILL``, and CSV tables.

Row = dye, column = detector; each row is the dye's light relative to its own detector. CSV: the header names the
detectors (a ``#`` before it is dropped), with or without a first column of dye names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panelopt.domain.base import repeated
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import raise_if_any
from panelopt.io.fcs import read_fcs
from panelopt.io.signature_csv import csv_rows, detector_name, library_text
from panelopt.optics.spectra import Array

LARGEST_COEFFICIENT = 10.0
"""Larger spillover coefficients are taken for percent, or for a mistake."""

SMALLEST_DIAGONAL = 1e-6
"""A dye with less in its own detector is a mistake: the other shares are relative to it (model value)."""

_PREFIXES = ("Comp-", "FJComp-")


@dataclass(frozen=True, slots=True)
class SpilloverMatrix:
    """A square spillover matrix.

    Attributes:
        dyes: Row names; where a file has none, those of the detectors.
        detectors: Column names as written, without the suffix for area or height.
        values: Shape (n, n), 1 on the diagonal.
    """

    dyes: tuple[str, ...]
    detectors: tuple[str, ...]
    values: Array


def read_spillover(path: Path) -> SpilloverMatrix:
    """Read a matrix from an FCS file or from CSV.

    Raises:
        InputError: with everything that is wrong: size, names, values that are no numbers, a singular matrix.
    """
    if path.suffix.lower() == ".fcs":
        keywords = read_fcs(path).keywords
        text = next((keywords[key] for key in ("spillover", "spill", "comp") if key in keywords), None)
        if text is None:
            hint = "Export the compensation matrix as CSV instead."
            raise input_error("no-spillover", "the file has no $SPILLOVER keyword", where=str(path), hint=hint)
        return spillover_from_keyword(text, f"{path}: $SPILLOVER")
    return _from_csv(path)


def spillover_from_keyword(text: str, where: str) -> SpilloverMatrix:
    """Return the matrix of a ``$SPILLOVER`` keyword: n, n names, n x n values by row, separated by commas.

    Raises:
        InputError: if the text does not fit that form.
    """
    parts = [part.strip() for part in text.split(",")]
    count = int(parts[0]) if parts[0].isdecimal() and len(parts[0]) < 5 else 0
    if count < 1 or len(parts) != 1 + count + count * count:
        message = f"{len(parts)} entries do not make a matrix of {parts[0] or 'no'} detectors"
        raise input_error("spillover-size", message, where=where, hint="Export the compensation matrix as CSV instead.")
    names = parts[1 : 1 + count]
    cells = [parts[1 + count + row * count :][:count] for row in range(count)]
    return _matrix(names, names, cells, [where] * count, where)


def _from_csv(path: Path) -> SpilloverMatrix:
    where = str(path)
    rows = [(line, row) for line, row in enumerate(csv_rows(library_text(path), where), start=1) if any(row)]
    if not rows:
        raise input_error("spillover-size", "the file is empty", where=where, hint="The header names the detectors.")
    header = [cell.strip() for cell in rows[0][1]]
    header[0] = header[0].lstrip("# ").strip()
    body = rows[1:]
    named = len(body) == len(header) - 1
    names = header[1:] if named else header
    findings = [
        Finding("row-length", f"the row has {len(row)} cells, the header has {len(header)}", f"{where}:{line}")
        for line, row in body
        if len(row) != len(header)
    ]
    raise_if_any(findings)
    if len(body) != len(names):
        message = f"{len(body)} rows for {len(names)} detectors; the matrix must be square"
        raise input_error("spillover-size", message, where=where, hint="Export the whole matrix again.")
    dyes = [row[0].strip() for _, row in body] if named else names
    cells = [row[1:] if named else row for _, row in body]
    return _matrix(dyes, names, cells, [f"{where}:{line}" for line, _ in body], where)


def _matrix(
    dyes: Sequence[str], detectors: Sequence[str], cells: Sequence[Sequence[str]], places: Sequence[str], where: str
) -> SpilloverMatrix:
    findings: list[Finding] = []
    count = len(detectors)
    twice = set(repeated(detectors))
    for name in dict.fromkeys(detectors):
        if not name or name in twice:
            message = f"detector {name} appears twice" if name else "a detector has no name"
            findings.append(Finding("duplicate-detector", message, where, "Give each detector its own name."))
    values = np.zeros((count, count))
    for row, (texts, place) in enumerate(zip(cells, places, strict=True)):
        for column, text in enumerate(texts):
            values[row, column] = _coefficient(text, f"{dyes[row]} in {detectors[column]}", place, findings)
    raise_if_any(findings)
    own = np.diag(values)
    if np.allclose(own, 100.0):
        values = values / 100.0  # written in percent
    elif not np.all(own >= SMALLEST_DIAGONAL):
        row = int(np.argmin(own))
        message = f"{dyes[row]} has {own[row]:g} in its own detector {detectors[row]}"
        findings.append(Finding("spillover-diagonal", message, places[row], "The diagonal must be 1."))
    elif np.abs(values).max() > LARGEST_COEFFICIENT:
        row, column = divmod(int(np.abs(values).argmax()), count)
        message = f"{dyes[row]} in {detectors[column]}: {values[row, column]:g} is too large for a share"
        findings.append(Finding("spillover-value", message, places[row], "Write shares of the dye's own detector."))
    elif np.linalg.matrix_rank(values) < count:
        hint = "Two dyes have the same row; the matrix cannot compensate."
        findings.append(Finding("spillover-singular", "the matrix has no inverse", where, hint))
    raise_if_any(findings)
    return SpilloverMatrix(tuple(map(_plain, dyes)), tuple(map(_plain, detectors)), values / np.diag(values)[:, None])


def _coefficient(text: str, what: str, place: str, findings: list[Finding]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    hint = "Write shares such as 0.013."
    findings.append(Finding("number", f"{what}: {text.strip()!r} is not a number", place, hint))
    return 0.0


def _plain(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    # FACSDiva and FlowJo name rows and columns "CD4 PE-Cy7 FLR-A" or "PE-Cy7-A"
    return detector_name(name).removesuffix(" FLR")
