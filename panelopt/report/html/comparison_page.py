"""The comparison of two designs as a page."""

from __future__ import annotations

import math
from dataclasses import replace

from panelopt.domain.design_comparison import DesignComparison
from panelopt.report.comparison_text import change_sheets, changed_sheet
from panelopt.report.comparison_verdict import TubeChange, comparison_verdict, tube_changes
from panelopt.report.drawing import Drawing, shortened
from panelopt.report.html.environment import page
from panelopt.report.html.page_blocks import Card, Figure, Lead, Part
from panelopt.report.notices import Notice
from panelopt.report.palette import INK, SERIES
from panelopt.report.result_sheets import panel_sheet
from panelopt.report.text_tables import percent
from panelopt.report.verdict import verdict

_LABELS, _WIDTH, _STEP = 300.0, 960.0, 30.0
_TICKS = 15
_DOUBT = 90


def comparison_html(found: DesignComparison) -> str:
    """Return a comparison as one HTML file."""
    markers, objectives, targets, pairs, gates = change_sheets(found)
    first, second = (
        replace(panel_sheet(result), key=f"panel-{side}", caption=f"Panel {side.upper()}, slot by slot")
        for result, side in ((found.first, "a"), (found.second, "b"))
    )
    caption = (
        "Separation of each target from the contaminant that is closest in A or B (log10; further right is better). "
        "The table Separation has the same data."
    )
    legend = (("var(--c0)", "A", found.names[0]), ("var(--c1)", "B", found.names[1]))
    picture = Figure("pairs", (_dumbbells(found).markup(),), caption, legend)
    blocks = (targets, picture, pairs, gates)
    sides = (
        Part("panel-a", "Panel A", blocks=(first,)),
        Part("panel-b", "Panel B", blocks=(second,)),
    )
    parts = [
        Part("effects", "Effect on each target", blocks=blocks if found.targets else ()),
        Part("changes", "Every marker", blocks=(markers,)),
        Part("score", "Score and metrics", blocks=(objectives,)),
        Part("panels", "Both panels", blocks=sides if found.first.panel and found.second.panel else ()),
    ]
    return page("Comparison of two designs", f"A: {found.names[0]}. B: {found.names[1]}", _lead(found), parts)


def _lead(found: DesignComparison) -> Lead:
    """Return purity points, changed reagents and contaminants."""
    verdicts = (f"A: {verdict(found.first)}", f"B: {verdict(found.second)}")
    return Lead(
        verdict=comparison_verdict(found),
        standing="open",
        label="Verdict",
        sheets=(changed_sheet(found),) if found.changed else (),
        cards=tuple(_card(tube) for tube in tube_changes(found)),
        lines=verdicts,
        notices=(Notice("The questions differ", _DOUBT, found.questions, ()),) if found.questions else (),
    )


def _card(tube: TubeChange) -> Card:
    shown = ["-" if purity is None else f"{percent(purity)} %" for purity in (tube.first, tube.second)]
    return Card(
        title=tube.name,
        standing="open",
        headline="In one design only" if tube.points is None else f"{tube.points:+.1f} points of purity",
        facts=(("A, at least", shown[0]), ("B, at least", shown[1])),
        text=tube.contaminant,
    )


def _dumbbells(found: DesignComparison) -> Drawing:
    """Draw the closest contaminant of either design for each target, A and B as dots on one line."""
    rows = []
    for target in found.targets:
        known = [p for p in target.pairs if p.first is not None and p.second is not None]
        if known:
            rows.append((target.name, min(known, key=lambda p: (min(p.first or 0.0, p.second or 0.0), p.contaminant))))
    drawing = Drawing(_WIDTH, _STEP * len(rows) + 46, "Separation of each target from its nearest contaminant, A and B")
    values = [value for _, pair in rows for value in (pair.first, pair.second) if value is not None]
    low, high = min([0.0, *values]), max([1.0, *values])

    def across(value: float) -> float:
        return _LABELS + (value - low) / (high - low) * (_WIDTH - _LABELS - 30)

    for index, (name, pair) in enumerate(rows):
        y = _STEP * index + 20
        label = f"{name} : {pair.contaminant}"
        drawing.text(_LABELS - 14, y + 4, shortened(label, 46), anchor="end")
        ends = [across(value) for value in (pair.first, pair.second) if value is not None]
        drawing.line(*(ends[0], y, ends[1], y), "edge", stroke=INK, stroke_width=1.5)
        for index, (side, value) in enumerate((("A", pair.first), ("B", pair.second))):
            if value is not None:
                tip = f"{side}, {label}: {value:.2f}"
                size = 9.0 if side == "A" else 6.0  # B remains visible on top of A
                drawing.dots([(across(value), y)], f"d0 c{index}", tip=tip, stroke=SERIES[index], stroke_width=2 * size)
    base = _STEP * len(rows) + 12
    drawing.line(_LABELS, base, _WIDTH - 30, base, "edge", stroke=INK)
    step = max(1, math.ceil((high - low) / _TICKS))
    for place in range(math.floor((high - low) / step) + 1):
        tick = math.ceil(low) + place * step
        if tick <= high:
            drawing.text(across(tick), base + 16, f"{tick:g}", anchor="middle")
    return drawing
