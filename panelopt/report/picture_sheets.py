"""The content of a report's pictures as tables, for accessibility and spreadsheets."""

from __future__ import annotations

import numpy as np

from panelopt.domain.reagents import Fluorochrome
from panelopt.domain.result import Result
from panelopt.optics.spectra import emission_density
from panelopt.report.content import Optics, TargetPlots
from panelopt.report.sheet import Column, Sheet, Titles, Value, sheet


def emission_sheet(optics: Optics, result: Result) -> Sheet:
    """Return emission and excitation of each dye."""
    lasers = [laser.nm for laser in optics.cytometer.laser]
    bands = {d.name: f"{d.centre_nm:g}/{d.width_nm:g}" for d in optics.cytometer.detector}
    rows: list[tuple[Value, ...]] = [
        (
            dye.name,
            slot.detector,
            bands.get(slot.detector, ""),
            emission_peak_nm(dye) if dye.has_optics else None,
            *(float(x) if dye.has_optics else None for x in optics.excitation[:, i]),
        )
        for i, (dye, slot) in enumerate(zip(optics.dyes, result.panel, strict=True))
    ]
    columns: Titles = (
        "Fluorochrome",
        "Detector",
        "Band (nm)",
        Column("Emission peak (nm)", "number", 0),
        *(Column(f"Excited by {nm:g} nm, %", "percent") for nm in lasers),
    )
    note = "Excitation as a percentage of the dye's maximum."
    return sheet("emission", "Emission and excitation of the dyes", columns, rows, note=note)


def emission_peak_nm(dye: Fluorochrome) -> float:
    """Return the wavelength of maximum emission in photons per nm, to the nearest nanometre."""
    nm = np.arange(300.0, 1001.0)
    return float(nm[int(emission_density(dye, nm).argmax())])


def plot_sheet(target: TargetPlots, key: str) -> Sheet:
    """Return how many simulated cells of each population reach each plot of a target and fall inside its gates."""
    rows: list[tuple[Value, ...]] = []
    for index, cloud in enumerate(target.plots[0].clouds):
        counts: list[Value] = [cloud.population, cloud.drawn]
        for plot in target.plots:
            counts += [int(plot.clouds[index].x.size), plot.clouds[index].inside]
        rows.append(tuple(counts))
    columns: list[Column | str] = ["Population", Column("Drawn", "number", 0)]
    for number, plot in enumerate(target.plots, start=1):
        gates = " and ".join(axis.label for axis in (plot.x, plot.y) if axis.gated)
        columns += [Column(f"Reach plot {number}", "number", 0), Column(f"Inside {gates}", "number", 0)]
    return sheet(key, f"Simulated cells at the gates of {target.target}", columns, rows)
