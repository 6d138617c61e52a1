"""A result as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panelopt.domain.panel_records import PanelSlot, Reagent
from panelopt.domain.result import Bound, Gate, Objective, Result, TargetResult
from panelopt.report.choice_text import choice_text, choice_title
from panelopt.report.first_screen import first_screen
from panelopt.report.first_screen_text import screen_blocks, title_text, verdict_text, warnings_text
from panelopt.report.odds import one_in, one_in_cells
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, number, percent, section, table, wrapped
from panelopt.report.verdict import best_found

WORST_PAIRS = 8
"""Pairs of target and contaminant listed, worst first."""

_OBJECTIVES = ("Worst ratio", "Sum of ratios")
GATE_WORDS = {"above": "above {low}", "below": "below {high}", "between": "{low} to {high}"}
"""Sides of a gate in words."""


def result_text(result: Result, *, warnings: bool = True, width: int = DEFAULT_WIDTH) -> str:
    """Return a result as text: the verdict and the first screen, then all tables.

    Args:
        result: What to show.
        warnings: Whether to list the warnings.
        width: Maximum line width.
    """
    screen = first_screen(result)
    return blocks(
        [
            f"{title_text(result, width)}\n{verdict_text(screen, width)}",
            *screen_blocks(screen, result, width),
            section("Warnings", warnings_text(result, width) if warnings else ""),
            details_text(result, width),
        ]
    )


def details_text(result: Result, width: int = DEFAULT_WIDTH) -> str:
    """Return all that the first screen leaves out."""
    return blocks(
        [
            wrapped(result.robustness.summary(), width=width) if result.robustness is not None else "",
            section("Reagents", order_table(result.panel, width)),
            section("Orders", deliveries_table(result, width)),
            section("Slots", panel_table(result.panel, width)),
            section("Purity and yield", _targets(result.targets, width)),
            section("Gates, in antibodies per cell", _gates(result.targets, width)),
            section(_pairs_title(result), _pairs(result, width)),
            section(_proof_title(result), _proof(result, width)),
            section(choice_title(result), choice_text(result, width)),
            section("Price and spectra", _metrics(result, width)),
            section("Catalogs", _catalogs(result, width)),
        ]
    )


def panel_table(panel: Iterable[PanelSlot], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per slot; empty without a panel."""
    rows = [
        (str(index), ", ".join(slot.markers), slot.fluorochrome, slot.detector, f"{slot.laser_nm:g}", slot.role)
        for index, slot in enumerate(panel, start=1)
    ]
    return table(("#", "Marker", "Fluorochrome", "Detector", "Laser", "Role"), rows, "rlLLrl", width) if rows else ""


def order_table(panel: Sequence[PanelSlot], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per product; empty without a panel."""
    rows = [
        (
            f"{reagent.marker} *" if reagent.availability == "unverified" else reagent.marker,
            reagent.clone or "-",
            reagent.fluorochrome,
            reagent.vendor or "-",
            reagent.catalog_number or "-",
            _cost(reagent),
        )
        for slot in panel
        for reagent in slot.reagents
    ]
    headers = ("Marker", "Clone", "Fluorochrome", "Vendor", "Catalog no.", "Price")
    if not rows:
        return ""
    text = table(headers, rows, "LlLlLR", width)
    lots = [_lot(reagent) for slot in panel for reagent in slot.reagents if reagent.owned]
    if lots:
        text += "\n" + wrapped(f"In your stock, no need to order: {'; '.join(lots)}.", width=width)
    if any(reagent.availability == "unverified" for slot in panel for reagent in slot.reagents):
        text += "\n" + wrapped("* No source confirms this product; ask the vendor.", width=width)
    return text


def _cost(reagent: Reagent) -> str:
    if reagent.owned:
        return "your stock"
    return "-" if reagent.price is None else f"{reagent.price:.2f} {reagent.currency}".rstrip()


def _lot(reagent: Reagent) -> str:
    lot = f" lot {reagent.lot}" if reagent.lot else ""
    expires = f", expires {reagent.expires}" if reagent.expires else ""
    return f"{reagent.marker} {reagent.fluorochrome}{lot}{expires}"


def deliveries_table(result: Result, width: int = DEFAULT_WIDTH) -> str:
    """Return one line per vendor to buy from; empty if the problem states no shipping costs."""
    rows = [
        (
            delivery.vendor or "-",
            str(delivery.products),
            f"{delivery.price:,.2f}",
            "-" if delivery.shipping is None else f"{delivery.shipping:,.2f}",
        )
        for delivery in result.deliveries
    ]
    return table(("Vendor", "Products", "Price", "Shipping"), rows, "LRRR", width) if rows else ""


def _targets(targets: Sequence[TargetResult], width: int) -> str:
    rows = [
        (
            target.name,
            percent(target.frequency),
            percent(target.gate_yield),
            percent(target.purity),
            percent(target.purity_at_least),
            one_in_cells(target.purity_at_least),
        )
        for target in targets
    ]
    headers = ("Target", "Frequency %", "Yield %", "Purity %", "At least %", "1 wrong in")
    if not rows:
        return ""
    twice = [f"{percent(t.purity_second_sort)} % ({t.name})" for t in targets if t.purity_second_sort is not None]
    note = f"Expected purity after a second sort through the same gates: {', '.join(twice)}."
    return table(headers, rows, "lRRRRR", width) + ("\n" + wrapped(note, width=width) if twice else "")


def _gates(targets: Iterable[TargetResult], width: int) -> str:
    lines = []
    for target in targets:
        gates = "; ".join(map(gate_text, target.gates)) or "no gate"
        lines.append(wrapped(f"{target.name}: {gates}", "    ", width, first="  "))
    return "\n".join(lines)


def gate_text(gate: Gate) -> str:
    """Return a gate in words: marker, fluorochrome, thresholds in antibodies per cell."""
    limits = GATE_WORDS[gate.side].format(low=count(gate.low), high=count(gate.high))
    return f"{'+'.join(gate.markers)} {gate.fluorochrome} {limits}"


def _pairs_title(result: Result) -> str:
    shown = min(WORST_PAIRS, len(result.pairs))
    return f"Worst pairs ({shown} of {len(result.pairs)}), log10 target : contaminant"


def _pairs(result: Result, width: int) -> str:
    worst = sorted(result.pairs, key=lambda pair: (pair.log_ratio, pair.target, pair.contaminant))[:WORST_PAIRS]
    rows = [
        (
            pair.target,
            pair.contaminant,
            number(pair.log_ratio),
            one_in(pair.log_ratio),
            number(pair.single),
            number(pair.doublet),
            number(pair.rejection),
            pair.limited_by,
        )
        for pair in worst
    ]
    headers = ("Target", "Contaminant", "Ratio", "1 wrong in", "Single", "Doublet", "Rejection", "Limited by")
    return table(headers, rows, "llRRRRRL", width) if rows else ""


def _proof_title(result: Result) -> str:
    return "Score, log10" if result.bound == Bound() else "Score and proof, log10"


def _proof(result: Result, width: int) -> str:
    """Return both objectives of the panel and their proven bounds, if any."""
    own, bound = result.objective, result.bound
    if own is None and bound == Bound():
        return ""
    values = (own.worst_log_ratio, own.sum_log_ratio) if own else (None, None)
    if bound == Bound():
        given = [(name, number(value, 3)) for name, value in zip(_OBJECTIVES, values, strict=True)]
        return table(("", "This panel"), given, "lr", width)
    found = best_found(result)
    limits = (bound.worst_log_ratio, bound.sum_log_ratio)
    rows = [
        (name, *(number(x, 3) for x in (mine, best, limit, _minus(limit, best))))
        for name, mine, best, limit in zip(_OBJECTIVES, values, found, limits, strict=True)
    ]
    rows.insert(1, ("1 wrong cell in", one_in(values[0]), one_in(found[0]), one_in(limits[0], "up"), ""))
    lines = [table(("", "This panel", "Best found", "Proven bound", "Gap"), rows, "lrrrr", width)]
    if result.floor is not None:
        note = f"The bound on the sum holds for panels whose worst ratio is at least {result.floor:.3f}."
        if own is not None and own.worst_log_ratio < result.floor:
            note += " This panel's is lower, so its sum may exceed the bound."
        lines.append(wrapped(note, width=width))
    lines.append(wrapped(_effort(result), width=width))
    return "\n".join(lines)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one - other, 0.0)


def _effort(result: Result) -> str:
    stats = result.solver
    limit = "no time limit" if stats.time_limit_s is None else f"limit {stats.time_limit_s:g} s"
    limit += "" if stats.memory_limit_mb is None else f" and {stats.memory_limit_mb:g} MB"
    workers = "1 worker" if stats.workers == 1 else f"{stats.workers} workers"
    return f"{stats.wall_s:.1f} s ({limit}), {workers}, seed {stats.seed}, tolerance {stats.tolerance:g}."


def _metrics(result: Result, width: int) -> str:
    lines = []
    if result.objective is not None:
        lines.append(_price(result.objective))
    spectral = result.spectral
    parts = []
    if spectral.complexity_index is not None:
        parts.append(f"complexity index {spectral.complexity_index:.2f}")
    if spectral.max_similarity is not None:
        pair = " and ".join(spectral.most_similar or ())
        parts.append(f"largest similarity {spectral.max_similarity:.3f}" + (f" ({pair})" if pair else ""))
    if spectral.hotspot_max is not None:
        parts.append(f"largest hotspot {spectral.hotspot_max:.2f}")
    if parts:
        lines.append(f"Spectra: {', '.join(parts)}.")
    return "\n".join(wrapped(line, width=width) for line in lines)


def _price(objective: Objective) -> str:
    if objective.price is None:
        return "Price: unknown."
    text = f"Price: {objective.price:,.2f} {objective.currency}".rstrip() + " for one pack of each reagent"
    if objective.shipping is not None and objective.total_price is not None:
        text += f", shipping {objective.shipping:,.2f}, total {objective.total_price:,.2f}"
    return text + (f"; unknown prices: {objective.unknown_prices}." if objective.unknown_prices else ".")


def _catalogs(result: Result, width: int) -> str:
    lines = [
        f"{use.name}{' ' + use.version if use.version else ''}: {use.rows:,} products, sha256 {use.sha256[:12] or '-'}"
        for use in result.catalogs
    ]
    return "\n".join(wrapped(line, "    ", width, first="  ") for line in lines)
