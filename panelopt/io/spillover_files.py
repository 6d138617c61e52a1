"""Spillover matrices: the FCS keywords ``$SPILLOVER`` and ``SPILL``, text tables, FlowJo's ``.mtx``, Gating-ML.

Row = dye, column = detector; each row is the dye's light relative to its own detector. In tables the header names the
detectors (a ``#`` before it is dropped), with or without a first column of dye names or numbers; lines with a title may
stand before it. FlowJo's labels (``FITC-A :: CD4``) are understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panelopt.domain.base import repeated
from panelopt.errors import Finding, input_error
from panelopt.io.channel_names import detector_name
from panelopt.io.csv_table import raise_if_any
from panelopt.io.fcs import is_fcs, read_fcs
from panelopt.io.spillover_xml import is_xml, matrix_in_xml
from panelopt.io.table_text import csv_rows, library_text
from panelopt.optics.spectra import Array

LARGEST_COEFFICIENT = 10.0
"""Larger shares are a mistake, unless the diagonal is larger as well: then rows are relative to it."""

SMALLEST_DIAGONAL = 1e-6
"""A dye with less in its own detector is a mistake: the other shares are relative to it (model value)."""

NEGATIVE_NOISE = 0.05
"""Shares down to this far below zero are noise of the controls (model value); the smallest of an inverse are larger."""

_INVERSE = 0.005  # from here on a share below zero counts, if the inverse of the matrix has less of the kind
_PREFIXES = ("Comp-", "FJComp-")
_LABEL = "::"
_KEYWORDS = ("spillover", "spill", "comp")
_NUMBER = re.compile(r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*")

Line = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class SpilloverMatrix:
    """A square spillover matrix.

    Attributes:
        dyes: Row names; where a file has none, those of the detectors.
        detectors: Column names without the suffix for area or height.
        values: Shape (n, n), 1 on the diagonal.
        columns: Column names as written, without prefix and label.
    """

    dyes: tuple[str, ...]
    detectors: tuple[str, ...]
    values: Array
    columns: tuple[str, ...]


def read_spillover(path: Path) -> SpilloverMatrix:
    """Read a matrix from an FCS file, XML or a text table.

    Raises:
        InputError: with everything that is wrong: size, names, values that are no numbers, a singular matrix or one
            that is already inverted.
    """
    where = str(path)
    if is_fcs(path) or path.suffix.lower() == ".fcs":
        if not (text := spillover_text(read_fcs(path).keywords)):
            hint = "Export the compensation matrix as CSV instead."
            raise input_error("no-spillover", "the file has no $SPILLOVER keyword", where=where, hint=hint)
        return spillover_from_keyword(text, f"{path}: $SPILLOVER")
    text = library_text(path)
    if is_xml(text):
        found = matrix_in_xml(text, where)
        return _matrix(found.dyes, found.detectors, found.cells, [where] * len(found.cells), where)
    return _from_table(text, where)


def spillover_text(keywords: Mapping[str, str]) -> str:
    """Return the spillover matrix among the keywords of an FCS file as it is written, empty if there is none."""
    return next((keywords[key].strip() for key in _KEYWORDS if keywords.get(key, "").strip()), "")


def looks_like_spillover(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table is square, with rows that have no names, numbers, or the names of the columns."""
    lines = _table(rows)
    if len(lines) < 2:
        return False
    names, labels, body = _split(lines)
    known = {channel_of(name) for name in names}
    numbered = not labels or all(label.strip().isdecimal() or channel_of(label) in known for label in labels)
    return len(body) == len(names) and numbered


def spillover_from_keyword(text: str, where: str) -> SpilloverMatrix:
    """Return the matrix of a ``$SPILLOVER`` keyword: n, n names, n x n values by row, separated by commas.

    Raises:
        InputError: if the text does not fit that form.
    """
    parts = [part.strip() for part in text.strip().rstrip(",").split(",")]
    count = int(parts[0]) if parts[0].isdecimal() and len(parts[0]) < 5 else 0
    if count < 1 or len(parts) != 1 + count + count * count:
        message = f"{len(parts)} entries do not make a matrix of {parts[0] or 'no'} detectors"
        raise input_error("spillover-size", message, where=where, hint="Export the compensation matrix as CSV instead.")
    names = parts[1 : 1 + count]
    cells = [parts[1 + count + row * count :][:count] for row in range(count)]
    return _matrix(names, names, cells, [where] * count, where)


def _from_table(text: str, where: str) -> SpilloverMatrix:
    lines = _table(csv_rows(text, where))
    if not lines:
        raise input_error("spillover-size", "the file is empty", where=where, hint="The header names the detectors.")
    names, labels, body = _split(lines)
    findings = [
        Finding("row-length", f"the row has {len(row)} numbers for {len(names)} detectors", f"{where}:{line}")
        for line, row in body
        if len(row) != len(names)
    ]
    raise_if_any(findings)
    if len(body) != len(names):
        message = f"{len(body)} rows for {len(names)} detectors; the matrix must be square"
        raise input_error("spillover-size", message, where=where, hint="Export the whole matrix again.")
    dyes = names if all(label.isdecimal() for label in labels) else labels
    order = list(map(channel_of, dyes))
    if sorted(order) == sorted(map(channel_of, names)) and len(set(order)) == len(order):
        rows = [order.index(channel_of(name)) for name in names]  # some list the rows in another order
        dyes, body = [dyes[row] for row in rows], [body[row] for row in rows]
    return _matrix(dyes, names, [row for _, row in body], [f"{where}:{line}" for line, _ in body], where)


def _table(rows: Sequence[Sequence[str]]) -> list[Line]:
    """Lines from the header on, without empty ones: FlowJo writes a title and a line of brackets before it."""
    lines = [(line, [cell.strip() for cell in row]) for line, row in enumerate(rows, start=1)]
    lines = [(line, row) for line, row in lines if any(row)]
    width = max((len(row) for _, row in lines), default=0)
    first = next(
        (i for i, (_, row) in enumerate(lines) if len(row) == width and any(map(str.isalnum, "".join(row)))), 0
    )
    lines = lines[first:]
    if all(len(row) == width for _, row in lines):  # a separator at the end of lines
        used = max((i for _, row in lines for i, cell in enumerate(row, start=1) if cell), default=width)
        lines = [(line, row[:used]) for line, row in lines]
    return lines


def _split(lines: list[Line]) -> tuple[list[str], list[str], list[Line]]:
    """Names of the detectors, labels of the rows (empty if there are none), and the rows without their labels."""
    header, body = lines[0][1], lines[1:]
    header = [header[0].lstrip("# ").strip(), *header[1:]]
    named = len(body) == len(header) - 1 or not header[0] or not all(_NUMBER.fullmatch(row[0]) for _, row in body)
    if not named or len(header) == 1:
        return header, [], body
    return header[1:], [row[0] for _, row in body], [(line, row[1:]) for line, row in body]


def _matrix(
    dyes: Sequence[str], detectors: Sequence[str], cells: Sequence[Sequence[str]], places: Sequence[str], where: str
) -> SpilloverMatrix:
    findings: list[Finding] = []
    count = len(detectors)
    if not count or {len(dyes), len(cells), *map(len, cells)} != {count}:
        sizes = sorted(set(map(len, cells)))
        message = f"{len(dyes)} dyes and rows of {sizes} shares for {count} detectors; the matrix must be square"
        raise input_error("spillover-size", message, where=where, hint="Export the whole matrix again.")
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
    own = np.diag(values).copy()
    if own.min() > LARGEST_COEFFICIENT:  # in percent, or in units of the instrument
        values, own = values / own[:, None], np.ones(count)
    if not np.all(own >= SMALLEST_DIAGONAL):
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
    else:
        findings += _inverse_findings(values / np.diag(values)[:, None], dyes, detectors, places)
    raise_if_any(findings)
    values = values / np.diag(values)[:, None]
    columns = tuple(map(channel_of, detectors))
    return SpilloverMatrix(tuple(map(_dye_of, dyes)), tuple(map(_plain, columns)), values, columns)


def _inverse_findings(
    values: Array, dyes: Sequence[str], detectors: Sequence[str], places: Sequence[str]
) -> list[Finding]:
    """Say that a matrix is inverted: light is never negative, but what compensation subtracts is.

    A share that is clearly below zero is enough; a smaller one, if most of the kind vanish when the matrix is inverted.
    """
    lowest = float(values.min())
    back = np.linalg.inv(values)
    back = back / np.diag(back)[:, None]
    below = [-float(np.minimum(m, 0.0).sum()) for m in (values, back)]
    if lowest >= -_INVERSE or (lowest >= -NEGATIVE_NOISE and below[0] <= below[1]):
        return []
    row, column = divmod(int(values.argmin()), len(detectors))
    message = (
        f"{dyes[row]} in {detectors[column]}: {lowest:.3g} is below zero; this is an inverse (compensation) matrix"
    )
    hint = "Export the spillover matrix itself, or invert this one."
    return [Finding("spillover-inverse", message, places[row], hint)]


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


def channel_of(name: str) -> str:
    """Return the channel in a name such as ``Comp-FITC-A :: CD4``, with the suffix for area or height."""
    name = name.partition(_LABEL)[0].strip()
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _plain(channel: str) -> str:
    # FACSDiva and FlowJo name rows and columns "CD4 PE-Cy7 FLR-A" or "PE-Cy7-A"
    return detector_name(channel).removesuffix(" FLR")


def _dye_of(name: str) -> str:
    _, mark, label = name.partition(_LABEL)
    return f"{_plain(channel_of(name))} {mark} {label.strip()}" if mark else _plain(channel_of(name))
