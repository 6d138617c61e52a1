"""Two designs compared: as tables, and as text."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.design_comparison import DesignComparison, NumberChange, PairChange, ReagentUse, TargetChange
from panelopt.report.comparison_verdict import comparison_verdict, tube_changes
from panelopt.report.odds import one_in, one_in_cells
from panelopt.report.sheet import Column, Sheet, Value, sheet
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, number, percent, section, table, wrapped

SHOWN_PAIRS = 5
"""Contaminants of each target that the text lists, largest change first."""

_TITLES = {
    "worst_log_ratio": "Worst log ratio", "sum_log_ratio": "Sum of log ratios", "colours": "Colours", "price": "Price",
    "bound_worst_log_ratio": "Proven bound, worst ratio", "bound_sum_log_ratio": "Proven bound, sum of ratios",
    "complexity_index": "Complexity index", "max_similarity": "Largest similarity", "hotspot_max": "Largest hotspot",
    "purity": "Purity", "purity_at_least": "Purity at least", "yield": "Yield", "expected_cells": "Cells",
}  # fmt: skip

_CHANGES = {
    "same": "same", "product": "other product", "detector": "other detector", "fluorochrome": "other fluorochrome",
    "role": "other role", "added": "added", "removed": "removed",
}  # fmt: skip


_PAIR_TITLES = ("Contaminant", "A: 1 wrong in", "B: 1 wrong in", "A, log10", "B, log10", "Change")


def comparison_text(found: DesignComparison, width: int = DEFAULT_WIDTH) -> str:
    """Return a comparison as text."""
    head = f"A: {found.names[0]}\nB: {found.names[1]}\n{comparison_verdict(found)}"
    changes = [(m.marker, _CHANGES[m.change], *(_use(use) for use in (m.first, m.second))) for m in found.changed]
    return blocks(
        [
            "\n".join(wrapped(line, "   ", width, first="") for line in head.split("\n")),
            "\n".join(wrapped(text, "    ", width, first="  - ") for text in found.questions),
            section(
                "Differences between the panels",
                table(("Marker", "Change", "A", "B"), changes, "lLll", width) if changes else "",
            ),
            section("Purity at least", _purities_text(found, width)),
            section("Contaminants that change most, 1 wrong cell in", _contaminants_text(found, width)),
            section("Score, log10", _numbers_text(found.objectives, width)),
            *(section(f"Target {target.name}", _target_text(target, width)) for target in found.targets),
        ]
    )


def _purities_text(found: DesignComparison, width: int) -> str:
    rows = [
        (
            tube.name,
            *(f"{percent(x)} %" for x in (tube.first, tube.second)),
            "-" if tube.points is None else f"{_signed(tube.points, 2)} points",
            *("-" if x is None else one_in_cells(x) for x in (tube.first, tube.second)),
        )
        for tube in tube_changes(found)
    ]
    headers = ("Target", "A", "B", "Change", "A: 1 wrong in", "B: 1 wrong in")
    return table(headers, rows, "lRRRRR", width) if rows else ""


def _contaminants_text(found: DesignComparison, width: int) -> str:
    rows = [
        (target.name, pair.contaminant, one_in(pair.first), one_in(pair.second), _difference(pair))
        for target in found.targets
        for pair in target.pairs[:1]
    ]
    return table(("Target", "Contaminant", "A", "B", "Log10"), rows, "llRRR", width) if rows else ""


def _numbers_text(numbers: Iterable[NumberChange], width: int) -> str:
    rows = [
        (_title(n), _number(n, n.first), _number(n, n.second), _change(n))
        for n in numbers
        if n.first is not None or n.second is not None
    ]
    return table(("", "A", "B", "Change"), rows, "lRRR", width) if rows else ""


def _target_text(target: TargetChange, width: int) -> str:
    pairs = [
        (p.contaminant, one_in(p.first), one_in(p.second), number(p.first), number(p.second), _difference(p))
        for p in target.pairs[:SHOWN_PAIRS]
    ]
    gates = [
        wrapped(f"Gates {side}: {'; '.join(words) or 'none'}", "    ", width, first="  ")
        for side, words in (("A", target.gates_first), ("B", target.gates_second))
    ]
    parts = [
        _numbers_text(target.numbers, width),
        table(_PAIR_TITLES, pairs, "lRRRRR", width) if pairs else "",
        "\n".join(gates),
    ]
    return "\n".join(part.rstrip("\n") for part in parts if part)


def change_sheets(found: DesignComparison) -> tuple[Sheet, ...]:
    """Return the tables of a comparison: markers, objectives, targets, contaminants, gates."""
    markers = [
        (m.marker, _CHANGES[m.change], _use(m.first), _use(m.second), _product(m.first), _product(m.second))
        for m in found.markers
    ]  # fmt: skip
    objectives = [(_title(n), *_shown(n)) for n in found.objectives]
    targets = [(t.name, _title(n), *_shown(n)) for t in found.targets for n in t.numbers]
    pairs: list[tuple[Value, ...]] = [
        (t.name, p.contaminant, p.first, p.second, _pair_change(p), p.first_limit, p.second_limit)
        for t in found.targets
        for p in t.pairs
    ]
    gates = [(t.name, "; ".join(t.gates_first), "; ".join(t.gates_second)) for t in found.targets]
    three = tuple(Column(title, "number", 3) for title in ("A", "B", "Change"))
    stains = ("Marker", "Change", "A", "B", "Product A", "Product B")
    effects = ("Target", "Quantity", "A", "B", "Change")
    return (
        sheet("markers", "Panel: how each marker is stained", stains, markers),
        sheet("objectives", "Score and metrics", ("Quantity", "A", "B", "Change"), objectives),
        sheet("target-changes", "Effect on each target", effects, targets, heads=2),
        sheet("pair-changes", "Separation from each contaminant, log10",
              ("Target", "Contaminant", *three, "Limiting A", "Limiting B"), pairs, heads=2),
        sheet("gate-changes", "Gates, antibodies per cell", ("Target", "A", "B"), gates),
    )  # fmt: skip


def changed_sheet(found: DesignComparison) -> Sheet:
    """Return the markers that the designs stain differently."""
    rows = [(m.marker, _CHANGES[m.change], _use(m.first), _use(m.second)) for m in found.changed]
    return sheet("changed", "Changed reagents", ("Marker", "Change", "A", "B"), rows)


def _use(use: ReagentUse | None) -> str:
    return (
        "-"
        if use is None
        else f"{use.fluorochrome} on {use.detector}" + ("" if use.role == "marker" else f" ({use.role})")
    )


def _product(use: ReagentUse | None) -> str:
    if use is None:
        return ""
    price = "" if use.price is None else f"{use.price:.2f} {use.currency}".rstrip()
    return ", ".join(filter(None, (f"{use.vendor} {use.catalog_number}".strip(), use.clone, price)))


def _title(change: NumberChange) -> str:
    unit = f" ({change.unit})" if change.unit not in ("", "fraction", "log10", "cells") else ""
    return _TITLES[change.name] + unit


def _shown(change: NumberChange) -> tuple[str, str, str]:
    return _number(change, change.first), _number(change, change.second), _change(change)


def _number(change: NumberChange, value: float | None) -> str:
    if value is None:
        return "-"
    if change.unit == "fraction":
        return f"{percent(value)} %"
    if change.unit == "cells":
        return count(value)
    return number(value, 0 if change.name == "colours" else 3 if change.name != "price" else 2)


def _change(change: NumberChange) -> str:
    if change.change is None:
        return "-"
    if change.unit == "fraction":
        return f"{_signed(100 * change.change, 2)} points"
    return _signed(change.change, {"colours": 0, "expected_cells": 0, "price": 2}.get(change.name, 3))


def _signed(value: float, digits: int) -> str:
    text = f"{value:+,.{digits}f}"
    return text if text.strip("+-0.,") else "0"


def _pair_change(pair: PairChange) -> float | None:
    return None if pair.first is None or pair.second is None else pair.second - pair.first


def _difference(pair: PairChange) -> str:
    change = _pair_change(pair)
    return "-" if change is None else _signed(change, 2)
