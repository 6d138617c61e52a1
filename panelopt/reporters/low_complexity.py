"""Choose dyes of low complexity index on an instrument, for people who bring nothing but dyes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import Finding, InputError, UsageError, input_error
from panelopt.instance.arrays import SPECTRAL_MAX_COSINE, FloatArray
from panelopt.io.signature_files import read_signatures
from panelopt.optics.measured import signature_findings
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.signatures import signature_matrix
from panelopt.optics.spectral_similarity import Similarity, cosine_similarity, similarity_of
from panelopt.registry import find_cytometer, fluorochrome_names, fluorochromes
from panelopt.reporters.named import numbers_of
from panelopt.solver.complexity_search import ComplexitySearch, lowest_first
from panelopt.solver.seats import Seats

Light = dict[str, tuple[FloatArray, str]]
"""Signature (D,) and its origin, by dye."""


@refuse_overflow
def choose_low_complexity(
    cytometer: str,
    colours: int,
    dyes: Sequence[str] = (),
    exclude: Sequence[str] = (),
    signatures: Sequence[str] = (),
) -> Similarity:
    """Choose dyes whose signatures have a low complexity index; the lowest found, which is not proven.

    Two dyes whose cosine is 0.98 or more are never chosen together.

    Args:
        cytometer: Name or file.
        colours: Dyes to be chosen, two or more.
        dyes: Dyes that must be among them.
        exclude: Dyes that must not.
        signatures: Signature files, whose dyes are chosen from, known or not; none = the shipped dyes for antibodies.

    Raises:
        InputError: if a file is wrong, a dye is unknown, or there are too few that can be told apart.
        UsageError: if the number of colours is below 2, or more dyes are demanded.
    """
    instrument = find_cytometer(cytometer)
    if colours < max(2, len(dyes)):
        raise UsageError(f"{colours} colours: at least {max(2, len(dyes))} are needed", hint="Raise --colours.")
    light = _measured(signatures, instrument) if signatures else _shipped(instrument)
    required, excluded = _demanded(dyes, exclude, list(light))
    names = [name for name in light if name not in excluded or name in required]
    matrix = np.array([light[name][0] for name in names]).T.reshape(len(instrument.detector), -1)
    allowed = np.ones((colours, len(names)), dtype=bool)
    for seat, name in enumerate(required):
        allowed[seat] = np.array(names) == name
    apart = cosine_similarity(matrix) >= SPECTRAL_MAX_COSINE
    np.fill_diagonal(apart, val=False)
    seats = Seats(allowed, apart)
    chosen = lowest_first(matrix, seats)
    if (chosen < 0).any() or colours > len(instrument.detector):
        message = f"{instrument.name}: no {colours} of the {len(names)} dyes can be told apart"
        raise input_error("too-few-dyes", message, hint="Lower --colours, or demand and exclude fewer dyes.")
    for better in ComplexitySearch(matrix, seats).run(chosen):
        chosen = better
    chosen = np.sort(chosen)
    found = [names[f] for f in chosen]
    detectors = [detector.name for detector in instrument.detector]
    return similarity_of(instrument.name, found, detectors, matrix[:, chosen], [light[name][1] for name in found])


def _shipped(instrument: Cytometer) -> Light:
    dyes = [dye for dye in fluorochromes() if dye.use == "antibody"]
    return {
        dye.name: (column, "computed")
        for dye, column in zip(dyes, signature_matrix(instrument, dyes).T, strict=True)
        if column.max() > 0
    }


def _measured(paths: Sequence[str], instrument: Cytometer) -> Light:
    """Return the signatures of files; where several have a dye, the last one counts."""
    row = {detector.name: number for number, detector in enumerate(instrument.detector)}
    found: Light = {}
    for path in paths:
        measured = read_signatures(Path(path))
        if faults := signature_findings(measured, list(row), instrument.id, path):
            raise InputError(faults)
        for entry in measured.signature:
            column = np.zeros(len(row))
            column[[row[name] for name in measured.detector]] = measured.shape(entry)
            name = fluorochrome_names().resolve(entry.fluorochrome) or entry.fluorochrome
            found[name] = (column, measured.origin_of(entry))
    return found


def _demanded(dyes: Sequence[str], exclude: Sequence[str], known: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the dyes that must, and that must not, be among the chosen ones."""
    faults: list[Finding] = []
    places = [numbers_of(names, known, "dye", faults) for names in (dyes, exclude)]
    if faults:
        raise InputError(faults)
    required, excluded = ([known[place] for place in dict.fromkeys(some)] for some in places)
    return required, excluded
