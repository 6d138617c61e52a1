"""Imports: spectra become fluorochromes; signature libraries and spillover matrices become signature files."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ValidationError
from scipy.optimize import linear_sum_assignment

from panelopt.domain.base import repeated
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Brightness, EmissionPeak, Fluorochrome
from panelopt.errors import Finding, InputError, did_you_mean
from panelopt.io.channel_names import detector_name
from panelopt.io.documents import validation_findings
from panelopt.io.fcs import is_fcs
from panelopt.io.signature_csv import SignatureTable, looks_like_long_library, read_signature_library
from panelopt.io.spectra_csv import read_spectra
from panelopt.io.spectra_layout import header_of
from panelopt.io.spillover_files import looks_like_spillover, read_spillover
from panelopt.io.spillover_xml import is_xml
from panelopt.io.table_text import csv_rows, library_text
from panelopt.optics.measured import MeasuredSignature, SignatureSet
from panelopt.optics.measured_dye import dye_from_spectra
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.signatures import signature_matrix
from panelopt.registry.dye_sources import fluorochrome_names, fluorochromes

ImportKind = Literal["spectra", "signatures", "controls", "spillover"]

OWN_FAMILY = "imported"
"""Family of imported dyes that are not shipped."""

MOST_WORDS = 10
"""Longer runs of words are not looked up as the name of a dye; the longest known one has seven."""

_ACCEPTOR = re.compile(r"(cy|daz|dazzle|fire|vio|texas|tr|e?fluor)[\d.]*|[hr]\d", re.IGNORECASE)
"""Words that go on with the name of a dye."""

_NAME_PARTS = re.compile(r"[_()\[\]]+")


def import_kind(path: Path) -> ImportKind:
    """Tell what kind of file this is by its content.

    Raises:
        InputError: if it cannot be read.
    """
    if is_fcs(path) or path.suffix.lower() == ".fcs":
        return "controls"
    text = library_text(path)
    if is_xml(text):
        return "spillover"
    rows = csv_rows(text, str(path))
    header = [cell.strip() for cell in rows[0]] if rows else []
    if header_of(rows) is not None:
        return "spectra"
    if looks_like_long_library(header) or not header:
        return "signatures"
    return "spillover" if looks_like_spillover(rows) else "signatures"


@refuse_overflow
def import_spectra(paths: Sequence[Path]) -> tuple[tuple[Fluorochrome, ...], tuple[Finding, ...]]:
    """Fit dyes to spectra; a shipped dye of the same name lends kind, family, aliases and brightness.

    Returns:
        The dyes, and remarks: dyes that were left out, as a curve is missing or cannot be one.

    Raises:
        InputError: with all faults of the first wrong file, or if no dye is left.
    """
    shipped = {dye.name: dye for dye in fluorochromes()}
    found: dict[str, Fluorochrome] = {}
    remarks: list[Finding] = []
    faults: list[Finding] = []
    for path in paths:
        for spectrum in read_spectra(path, remarks):
            if spectrum.excitation is None or spectrum.emission is None:
                lacking = "excitation" if spectrum.excitation is None else "emission"
                message = f"{spectrum.name} has no {lacking} and is left out"
                remarks.append(Finding("missing-curve", message, str(path), "Add the curve to the file."))
                continue
            try:
                with _refused(path, Fluorochrome):
                    known = shipped.get(fluorochrome_names().resolve(spectrum.name) or "") or _unknown_dye(
                        spectrum.name
                    )
                found[known.name] = dye_from_spectra(known, spectrum.excitation, spectrum.emission, path.name)
            except InputError as error:
                faults += [replace(f, message=f"{spectrum.name} is left out: {f.message}") for f in error.findings]
    if not found:
        raise InputError(faults or remarks)
    return tuple(found.values()), (*remarks, *faults)


@refuse_overflow
def import_library(path: Path, cytometer: Cytometer, rename: Mapping[str, str] | None = None) -> SignatureSet:
    """Turn a library of measured signatures into a signature file for an instrument.

    Args:
        path: CSV, wide or long.
        cytometer: The instrument on which it was measured.
        rename: Detector of the instrument by column of the file, where the names differ.

    Raises:
        InputError: if the file is wrong, or names detectors that the instrument lacks.
    """
    table = _upright(read_signature_library(path), cytometer, rename or {})
    detectors = _matched_detectors(table.detectors, cytometer, rename or {}, str(path))
    kept, dropped = _one_a_dye(list(table.signatures))
    note = f"left out, as another row means the same dye: {', '.join(dropped)}" if dropped else ""
    origin = f"{path.name} ({table.instrument[:200]})" if table.instrument else path.name
    with _refused(path, SignatureSet):
        return SignatureSet(
            cytometer=cytometer.id,
            origin=origin,
            note=note[:2000],
            detector=detectors,
            signature=tuple(MeasuredSignature(fluorochrome=d, values=table.signatures[n]) for n, d in kept.items()),
        )


@contextlib.contextmanager
def _refused(path: Path, model: type[BaseModel]) -> Iterator[None]:
    """Say what is wrong with names and numbers that no dye can have, such as a name of a thousand letters."""
    try:
        yield
    except ValidationError as error:
        raise InputError(validation_findings(error, str(path), model)) from None


def _upright(table: SignatureTable, cytometer: Cytometer, rename: Mapping[str, str]) -> SignatureTable:
    """Return a table with one row a dye: some have one row a detector, and the names say so."""
    known = {detector.name for detector in cytometer.detector}
    rows = [rename.get(name, rename.get(detector_name(name), detector_name(name))) for name in table.signatures]
    if not known.issuperset(rows) or known.intersection(rename.get(name, name) for name in table.detectors):
        return table
    columns = zip(*table.signatures.values(), strict=True)
    return SignatureTable(tuple(rows), dict(zip(table.detectors, columns, strict=True)), table.instrument)


def _one_a_dye(names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Canonical dye of each row that is kept, and the rows that are not: the name as we spell it goes first."""
    known = fluorochrome_names()
    first: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name != known.resolve(name)):
        first.setdefault((known.resolve(name) or name).casefold(), name)
    chosen = set(first.values())
    kept = {name: known.resolve(name) or name for name in names if name in chosen}
    return kept, [name for name in names if name not in kept]


@refuse_overflow
def import_spillover(path: Path, cytometer: Cytometer, rename: Mapping[str, str] | None = None) -> SignatureSet:
    """Turn a spillover matrix into a signature file; arguments and errors as for :func:`import_library`.

    A column that is named after a dye and not renamed stands for the detector of this dye: the one in which it is
    brightest, or, where several dyes want it, such that all of them together are.
    """
    matrix = read_spillover(path)
    stated = np.abs(matrix.values - np.eye(len(matrix.dyes))).max(axis=1) > 0
    if not stated.any():
        message = "the matrix states no spillover at all"
        hint = "Calculate the compensation first, then export it."
        raise InputError([Finding("no-spillover", message, str(path), hint)])
    guessed = _by_dye(matrix.detectors, cytometer, rename or {})
    detectors = _matched_detectors(matrix.detectors, cytometer, {**guessed, **(rename or {})}, str(path))
    with _refused(path, MeasuredSignature):
        entries = tuple(
            MeasuredSignature(fluorochrome=known_name(dye), values=tuple(map(float, row)))
            for dye, row, told in zip(matrix.dyes, matrix.values, stated, strict=True)
            if told
        )
    known = {dye.name for dye in fluorochromes()}
    if not known.intersection(entry.fluorochrome for entry in entries):
        message = f"no row names a known dye: {', '.join(entry.fluorochrome for entry in entries[:8])}"
        hint = "Write the names of the dyes into the first column; `panelopt dye list` shows them."
        raise InputError([Finding("unknown-fluorochrome", message, str(path), hint)])
    silent = [dye for dye, told in zip(matrix.dyes, stated, strict=True) if not told]
    notes = [f"left out, as no spillover is stated: {', '.join(silent)}"] if silent else []
    if guessed:
        listed = ", ".join(f"{column} is {detector}" for column, detector in guessed.items())
        notes.append(f"detectors guessed from the dyes: {listed}")
    note = "; ".join(notes)[:2000]
    origin = f"spillover matrix {path.name}"
    with _refused(path, SignatureSet):
        return SignatureSet(cytometer=cytometer.id, origin=origin, note=note, detector=detectors, signature=entries)


def _matched_detectors(
    columns: Sequence[str], cytometer: Cytometer, rename: Mapping[str, str], where: str
) -> tuple[str, ...]:
    names = [detector.name for detector in cytometer.detector]
    found = tuple(rename.get(column, column) for column in columns)
    twice = set(repeated(found))
    findings = []
    for column, name in zip(columns, found, strict=True):
        if name not in names:
            hint = did_you_mean(name, names) or f"Detectors: {', '.join(names)}."
            message = f"{cytometer.id} has no detector {name}"
            findings.append(Finding("unknown-detector", message, where, f"{hint} Use --rename {column}=DETECTOR."))
        elif name in twice:
            message = f"column {column} means detector {name}, as another column does"
            findings.append(Finding("duplicate-detector", message, where, f"Use --rename {column}=DETECTOR."))
    if findings:
        raise InputError(findings)
    return found


def _by_dye(columns: Sequence[str], cytometer: Cytometer, rename: Mapping[str, str]) -> dict[str, str]:
    """Detectors of the columns that are named after a dye: one each, so that all dyes together are brightest."""
    names = [detector.name for detector in cytometer.detector]
    known = {dye.name: dye for dye in fluorochromes()}
    others = {column: known_name(column) for column in columns if column not in (*names, *rename)}
    dyes = {column: known[name] for column, name in others.items() if name in known}
    light = signature_matrix(cytometer, list(dyes.values())).T
    share = light / np.maximum(light.max(axis=1, keepdims=True), 1e-300)
    free = [row for row, name in enumerate(names) if name not in {rename.get(column, column) for column in columns}]
    chosen = zip(*linear_sum_assignment(share[:, free], maximize=True), strict=True)
    return {list(dyes)[row]: names[free[column]] for row, column in chosen if share[row, free[column]] > 0}


def dye_in(stem: str) -> str | None:
    """Return the dye that a text holds: the longest run of its words that is a name.

    None also where the next word would make it another dye, a tandem that is not known.
    """
    words = [word for part in _NAME_PARTS.split(stem) for word in part.split()]
    for length in range(min(len(words), MOST_WORDS), 0, -1):
        for start in range(len(words) - length + 1):
            dye = fluorochrome_names().resolve(" ".join(words[start : start + length]))
            if dye is not None:
                following = words[start + length] if start + length < len(words) else ""
                return None if _ACCEPTOR.fullmatch(following) else dye
    return None


def known_name(name: str) -> str:
    """Return the canonical name of a dye; of ``CD4 PE-Cy7`` the dye; what is not known stays without its label."""
    return fluorochrome_names().resolve(name) or dye_in(name) or name.partition(" :: ")[0]


def _unknown_dye(name: str) -> Fluorochrome:
    known = (dye.brightness for dye in fluorochromes())
    measured = [b.photoelectrons_per_antibody for b in known if b is not None and b.origin == "measured"]
    return Fluorochrome(
        name=name,
        family=OWN_FAMILY,
        kind="small_molecule",
        excitation={488: 1.0},
        emission=(EmissionPeak(peak_nm=520, left_nm=20, right_nm=20, weight=1),),
        brightness=Brightness(
            photoelectrons_per_antibody=float(f"{np.median(measured):.2g}"),
            origin="model",
            source="model: median of the measured dyes",
        ),
    )
