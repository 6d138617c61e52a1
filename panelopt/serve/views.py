"""What the templates show of a sitting: plain values, ready to be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from panelopt import api
from panelopt.api.consulting import Reagent
from panelopt.api.designs import Result
from panelopt.api.pictures import panel_grid, search_curve
from panelopt.api.reporting import first_screen, is_marker_list, most_that_counts, ratio_in_words, verdict
from panelopt.serve.jobs import Snapshot
from panelopt.serve.sitting import Sitting, value
from panelopt.serve.state import Slot

_STEADY = 5e-4
"""Changes below half a tenth of a percent, or of a log ratio, are shown as none."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a number: its text, and whether it is better (1), worse (-1) or neither."""

    text: str
    sign: int


@dataclass(frozen=True, slots=True)
class Card:
    """One tube.

    Attributes:
        name: Target.
        purity, at_least: Predicted and guaranteed purity, percent.
        met: Whether the guaranteed purity reaches the goal.
        gate_yield: Percent of the target cells.
        cells: Cells in the tube; empty if unknown.
        gates: In words.
        wrong_cells: What is guaranteed, as one wrong cell in so many.
        limited_by: What keeps the tube from being purer.
        since: Change of the purity since the last state; None if there was none.
        to_best: Distance to the best panel so far.
    """

    name: str
    purity: str
    at_least: str
    met: bool
    gate_yield: str
    cells: str
    gates: tuple[str, ...]
    wrong_cells: str
    limited_by: str
    since: Change | None
    to_best: Change | None


@dataclass(frozen=True, slots=True)
class Line:
    """One slot in the table of the panel.

    Attributes:
        slot: As in the state.
        place: Laser and detector.
        role: marker, dump or viability.
        products: Vendor, catalog number and clone of each reagent.
        tags: Words on stock and source.
    """

    slot: Slot
    place: str
    role: str
    products: tuple[str, ...]
    tags: tuple[str, ...]


def cards(sitting: Sitting, goal: float) -> list[Card]:
    """Return a card for each tube."""
    result = sitting.result
    if result is None:
        return []
    before, best = _purities(sitting.before), _purities(sitting.best)
    return [
        Card(
            name=tube.name,
            purity=percent(tube.purity),
            at_least=percent(tube.at_least),
            met=tube.at_least >= goal,
            gate_yield=f"{100 * tube.gate_yield:.0f}",
            cells=f"{tube.cells:,.0f}" if tube.cells is not None else "",
            gates=tuple(f"{'+'.join(g.markers)} {_SIDES[g.side]}" for g in target.gates),
            wrong_cells=tube.wrong_cells,
            limited_by=tube.limited_by,
            since=points(tube.purity, before.get(tube.name)),
            to_best=points(tube.purity, best.get(tube.name)),
        )
        for tube, target in zip(first_screen(result).tubes, result.targets, strict=True)
    ]


_SIDES = {"above": "high", "below": "low", "between": "between"}


def lines(sitting: Sitting) -> list[Line]:
    """Return the slots of the panel, with what the score says of them."""
    known = {slot.fluorochrome: slot for slot in (sitting.result.panel if sitting.result else ())}
    found = []
    for slot in sitting.state.panel:
        scored = known.get(slot.dye)
        reagents = scored.reagents if scored else ()
        found.append(
            Line(
                slot=slot,
                place=f"{slot.detector} · {scored.laser_nm:g} nm" if scored else slot.detector,
                role=scored.role if scored else "dump" if len(slot.markers) > 1 else "marker",
                products=tuple(product(one) for one in reagents),
                tags=tags(reagents),
            )
        )
    return found


def product(reagent: Reagent) -> str:
    """Return a product in words: vendor, catalog number, clone; what is unknown is said."""
    named = " ".join(filter(None, (reagent.vendor, reagent.catalog_number))) or "product unknown"
    unknown = "" if reagent.catalog_number or not reagent.vendor else "catalog number unknown"
    clone = f"clone {reagent.clone}" if reagent.clone else ""
    return ", ".join(filter(None, (named, unknown, clone)))


def price(reagent: Reagent) -> str:
    """Return the price of one pack."""
    if reagent.owned:
        return "in stock"
    return "unknown" if reagent.price is None else f"{reagent.price:,.2f} {reagent.currency}".strip()


def tags(reagents: Sequence[Reagent]) -> tuple[str, ...]:
    """Return words on stock and source of the products of a slot."""
    if not reagents:
        return ("not listed",)
    owned = sum(one.owned for one in reagents)
    shown = sum(one.owned or one.availability in ("sourced", "") for one in reagents)
    words = []
    if owned:
        words.append("in stock" if owned == len(reagents) else f"{owned} of {len(reagents)} in stock")
    if owned < len(reagents):
        words.append("sourced" if shown == len(reagents) else "unverified")
    return tuple(words)


def panel_map(sitting: Sitting, question: api.Question) -> Markup:
    """Return the panel on its instrument as SVG."""
    return panel_grid(question.cytometer, sitting.result.panel if sitting.result else ()).markup()


def curve(found: Snapshot) -> Markup:
    """Return the course of a search as SVG."""
    return search_curve([(p.seconds, p.best, p.bound) for p in found.points], found.seconds).markup()


def overall(sitting: Sitting) -> dict[str, object]:
    """Return the worst log ratio, its changes, and the bound."""
    result = sitting.result
    if result is None or result.objective is None:
        return {}
    worst = result.objective.worst_log_ratio
    before = value(sitting.before)[0] if sitting.before else None
    best = value(sitting.best)[0] if sitting.best else None
    return {
        "verdict": verdict(result),
        "worst": f"{worst:.2f}",
        "since": ratio(worst, before),
        "to_best": ratio(worst, best),
        "bound": sitting.bound,
        "colours": result.objective.colours,
        "burden": _burden(result),
        "price": _price(result),
    }


def aim(question: api.Question) -> str:
    """Return what makes a panel of a marker list good."""
    most = most_that_counts(question.problem.goal.purity)
    return (
        "Nothing is sorted: each marker is told from a cell that carries all others. The worst of these comparisons "
        f"counts first, then their sum. More than {most:.2f} ({ratio_in_words(most)}) does not count. Between panels "
        "that are as good, Design prefers products in stock, then the lower "
        f"{burden_name(conventional=question.cytometer.conventional)}."
    )


def burden_name(*, conventional: bool) -> str:
    """Return what decides between panels of a marker list that are as good."""
    return "spillover burden" if conventional else "complexity index"


def _burden(result: Result) -> str:
    """Return the spillover burden or complexity index of the panel of a marker list; empty for other questions."""
    own = result.practical
    if own is None or not is_marker_list(result):
        return ""
    found = own.spillover_burden if own.complexity_index is None else own.complexity_index
    return "unknown" if found is None else f"{found:.2f}"


def _price(result: Result) -> str:
    own = result.objective
    if own is None or own.total_price is None:
        return "unknown"
    open_ = (
        f"{own.unknown_prices} {'price' if own.unknown_prices == 1 else 'prices'} unknown" if own.unknown_prices else ""
    )
    if not own.total_price:
        return open_ or "nothing to buy"
    return f"{own.total_price:,.0f} {own.currency}".strip() + (f", {open_}" if open_ else "")


def percent(share: float) -> str:
    """Return a share in percent, with digits where they matter."""
    return f"{100 * share:.1f}" if share < 0.999 else f"{100 * share:.2f}"


def points(now: float, then: float | None) -> Change | None:
    """Return a change of a share in percentage points."""
    if then is None:
        return None
    return _change(now - then, f"{100 * (now - then):+.1f}")


def ratio(now: float, then: float | None) -> Change | None:
    """Return a change of a log ratio."""
    if then is None:
        return None
    return _change((now - then) / 10, f"{now - then:+.2f}")


def _change(by: float, text: str) -> Change:
    return Change("\u00b10", 0) if abs(by) < _STEADY else Change(text.replace("-", "\u2212"), 1 if by > 0 else -1)


def _purities(result: Result | None) -> dict[str, float]:
    return {target.name: target.purity for target in result.targets} if result else {}
