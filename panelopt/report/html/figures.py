"""The figures of a report: pictures with captions and legends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from panelopt.report.content import Optics, Report, TargetPlots
from panelopt.report.emission_drawing import FAINTEST, emission_drawing
from panelopt.report.gate_drawing import colour_names, gate_drawings
from panelopt.report.html.page_blocks import Figure
from panelopt.report.instrument_drawing import panel_grid
from panelopt.report.matrix_drawing import matrix_drawing
from panelopt.report.matrix_sheets import noise_sheet, similarity_sheet, spillover_sheet, spreading_sheet
from panelopt.report.sheet import Sheet
from panelopt.report.signature_drawing import signature_drawing

_PLOTTED = (
    "Simulated single cells, equally many of each population; compensated or unmixed as on an instrument. Axes in "
    "antibodies per cell, linear near zero and logarithmic beyond. Each plot shows only cells that passed the gates "
    "before it; crowded cells are darker on light pages and lighter on dark ones. Percentages are predicted for the "
    "whole sample."
)

_MANY = 15
"""Columns of a matrix, with the names of its rows, that can be read on half a page."""


def grid_figure(report: Report, optics: Optics) -> Figure:
    """Return the dyes of the panel on the grid of lasers and detectors."""
    cytometer = optics.cytometer
    caption = (
        f"Lasers of {cytometer.name} as rows, its detectors along the wavelength, and the dyes of the panel at the "
        "detectors that read them. Colours only show the wavelength. The table Panel has the same data."
    )
    return Figure("map", (panel_grid(cytometer, report.result.panel).markup(),), caption)


def emission_figure(report: Report, optics: Optics) -> Figure:
    """Return the emission of every dye behind every laser."""
    caption = (
        "Light of every dye behind each laser, in percent of what the dye gives at the wavelength that excites it "
        "best; the axis shows square roots. Bold lines: dyes that a detector of this laser reads; thin lines: light "
        f"that spoils their signals. Light below the laser line is blocked; less than {100 * FAINTEST:g} % is not "
        "drawn. The stronger bands read a dye of the panel. The table Emission and excitation has the same data."
    )
    return Figure("emission", (emission_drawing(optics, report.result.panel).markup(),), caption)


def signature_figure(optics: Optics) -> Figure | None:
    """Return the signatures over all channels; None for instruments that compensate."""
    if optics.cytometer.conventional:
        return None
    caption = (
        "Signature of each dye over all channels, relative to its brightest one. Unmixing tells dyes apart by these "
        "shapes; the table Similarity of the spectra compares them in pairs."
    )
    return Figure("signatures", (signature_drawing(optics).markup(),), caption)


def matrix_blocks(report: Report) -> Iterator[Figure | Sheet]:
    """Yield each matrix of the panel as a picture and as a table: spillover, spread, noise, similarity."""
    optics = report.optics
    found = [
        (spillover_sheet(optics, report.result) if optics else None, "% of the light in its own detector"),
        (spreading_sheet(optics) if optics else None, "square roots of antibodies"),
        (noise_sheet(report.result), "antibodies per cell, standard deviation"),
        (similarity_sheet(optics) if optics else None, "cosine: 1 = identical"),
    ]
    for sheet, unit in found:
        if sheet is not None:
            picture, caption = matrix_drawing(sheet, unit).markup(), f"{sheet.caption}. {sheet.note}"
            yield Figure(f"m-{sheet.key}", (picture,), caption, half=len(sheet.columns) <= _MANY)
            yield replace(sheet, note="")


def scatter_figure(plots: TargetPlots) -> Figure:
    """Return the gates on scatter and single cells, common to all tubes."""
    caption = (
        "Gates on scatter and on single cells, the same for all tubes. Scatter is a simple model, on which no number "
        "of this report depends: set these gates on your own cells."
    )
    return _plots(plots, "scatter", caption, "other live cells")


def gate_figure(plots: TargetPlots, key: str) -> Figure:
    """Return the gates of one target."""
    return _plots(plots, key, f"Gates of {plots.target}. {_PLOTTED}", "all other populations")


def _plots(plots: TargetPlots, key: str, caption: str, rest: str) -> Figure:
    pictures = tuple(drawing.markup() for drawing in gate_drawings(plots))
    legend = [(f"var(--c{index})", label, name) for index, label, name in colour_names(plots)]
    switch = "Show true proportions" if any(plot.sample for plot in plots.plots) else ""
    return Figure(key, pictures, caption, (*legend, ("var(--rest)", "", rest)), wide=False, switch=switch)
