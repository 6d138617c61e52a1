"""What goes on paper: the answer, pictures, gates to set, plan, controls and order list.

What explains, proves or repeats stays on the screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from panelopt.report.content import Report, TargetPlots
from panelopt.report.html.page_blocks import Figure, Part
from panelopt.report.sheet import Sheet

PARTS = ("proof", "limits", "alternatives", "omip", "provenance", "glossary")
"""Parts that are not printed."""

SHEETS = ("panel", "products", "emission", "targets", "gates", "pairs", "trade", "stages", "misses", "fmo")
"""Tables that are not printed."""

SERIES = ("cells-", "tree-")
"""Beginnings of the names of tables that are not printed: one for each target."""

FIGURES = ("m-noise", "m-similarity")
"""Figures that are not printed."""


def for_paper(parts: Iterable[Part]) -> list[Part]:
    """Return the parts that are printed, with what is printed of them."""
    return [_printed(part) for part in parts if part.key not in PARTS]


def one_layer(report: Report) -> Report:
    """Return a report whose plots have only the layer that is printed."""
    scatter = None if report.scatter is None else _even(report.scatter)
    return replace(report, scatter=scatter, plots=tuple(_even(plots) for plots in report.plots))


def _even(plots: TargetPlots) -> TargetPlots:
    return replace(plots, plots=tuple(replace(plot, sample=()) for plot in plots.plots))


def _printed(part: Part) -> Part:
    blocks = tuple(_printed(b) if isinstance(b, Part) else b for b in part.blocks if not _is_off(b))
    return replace(part, blocks=blocks)


def _is_off(block: Sheet | Figure | Part) -> bool:
    if isinstance(block, Figure):
        return block.key in FIGURES
    return isinstance(block, Sheet) and (block.is_matrix or block.key in SHEETS or block.key.startswith(SERIES))
