"""Matrices of a panel as sheets: noise, similarity, spillover and spread."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from panelopt.domain.result import Result
from panelopt.report.content import Optics
from panelopt.report.sheet import Column, Sheet, Titles, Value, sheet


def noise_sheet(result: Result) -> Sheet | None:
    """Return the noise of each slot by population as a matrix; None if the result has none."""
    populations = list(dict.fromkeys(name for channel in result.channels for name in channel.noise))
    if not populations:
        return None
    rows = [(c.fluorochrome, *(c.noise.get(name) for name in populations)) for c in result.channels]
    note = (
        "Standard deviation of the unmixed or compensated signal, in antibodies per cell; the worst over all targets. "
        "Rows: dyes; columns: populations."
    )
    columns: Titles = ("Fluorochrome", *(Column(name, "matrix", 0) for name in populations))
    caption = "Predicted spread: noise of each dye in each population"
    return sheet("noise", caption, columns, rows, note=note, by_log=True)


def similarity_sheet(optics: Optics) -> Sheet | None:
    """Return the cosine of each pair of signatures; None if unknown."""
    if optics.similarity is None:
        return None
    note = "Cosine of two signatures over all detectors: 1 = identical, 0 = no detector in common."
    found = optics.similarity
    return _matrix("similarity", "Similarity of the spectra", found.dyes, found.cosine, note, digits=2)


def spillover_sheet(optics: Optics, result: Result) -> Sheet | None:
    """Return the light of each dye in the detector of each other, in percent of that in its own; None if it has none.

    On a conventional instrument this is the spillover that compensation removes, before it is measured on controls.
    """
    names = [detector.name for detector in optics.cytometer.detector]
    if any(slot.detector not in names for slot in result.panel):
        return None
    seen = optics.light[[names.index(slot.detector) for slot in result.panel]].T
    own = np.diagonal(seen)
    if not (own > 0).all():
        return None
    rows: list[tuple[Value, ...]] = [
        (slot.fluorochrome, *map(float, line))
        for slot, line in zip(result.panel, 100 * seen / own[:, None], strict=True)
    ]
    columns: Titles = (
        "Fluorochrome",
        *(Column(f"{slot.detector} ({slot.fluorochrome})", "matrix", 0) for slot in result.panel),
    )
    note = (
        "Rows: stained dye; columns: detectors of the panel. Light in percent of that in the dye's own detector, "
        "computed from spectra, filters and lasers. Compensate or unmix with measured controls, not with these numbers."
    )
    return sheet("spillover", "Predicted spillover", columns, rows, note=note, by_log=True)


def spreading_sheet(optics: Optics) -> Sheet | None:
    """Return the predicted spillover spreading matrix; None if unknown."""
    if optics.spreading is None:
        return None
    note = (
        "Rows: stained dye; columns: dye whose spread grows. A stain of F antibodies adds a variance of F times the "
        "squared entry (antibodies squared). Photon statistics alone; Nguyen et al. 2013, "
        "doi:10.1002/cyto.a.22251."
    )
    dyes = tuple(dye.name for dye in optics.dyes)
    caption = "Predicted spillover spreading, square roots of antibodies"
    return _matrix("spreading", caption, dyes, optics.spreading, note, digits=0)


def _matrix(
    key: str, caption: str, names: tuple[str, ...], values: Iterable[Iterable[float]], note: str, *, digits: int
) -> Sheet:
    rows: list[tuple[Value, ...]] = [(name, *map(float, line)) for name, line in zip(names, values, strict=True)]
    columns: Titles = ("Fluorochrome", *(Column(name, "matrix", digits) for name in names))
    return sheet(key, caption, columns, rows, note=note, by_log=digits == 0)
