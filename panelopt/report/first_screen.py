"""What a reader sees first, on a page and in a terminal: verdict, panel, tubes, what was given up, proof, warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from panelopt.domain.panel_records import PanelSlot, Reagent
from panelopt.domain.result import Result, TargetResult
from panelopt.frozen import dataclass
from panelopt.report.notices import Notice, notices
from panelopt.report.odds import wrong_cells
from panelopt.report.verdict import (
    Standing,
    is_marker_list,
    limited_by,
    proof_line,
    standing,
    trade,
    tube_name,
    verdict,
)

Stock = Literal["in stock", "to order", "ask the vendor"]


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One reagent of the panel.

    Attributes:
        marker, dye, detector: What is stained, with what, and where it is read.
        role: ``marker``, ``dump`` or ``viability``.
        vendor, catalog_number: The product; empty if unknown.
        stock: Whether it is in stock; ``ask the vendor`` where no source shows the product.
        price: Of one pack, with its currency; empty if unknown or in stock.
    """

    marker: str
    dye: str
    detector: str
    role: str
    vendor: str
    catalog_number: str
    stock: Stock
    price: str


@dataclass(frozen=True, slots=True)
class TubeCard:
    """One tube.

    Attributes:
        name: The target; in a marker list the marker.
        meets_goal: Whether the guaranteed purity reaches the goal; None without a goal.
        cells: Expected target cells; None if unknown.
        purity: Predicted share of target cells, 0 to 1.
        at_least: Guaranteed share of target cells, 0 to 1.
        wrong_cells: The guarantee as ``1 wrong cell in 36``.
        gate_yield: Share of the target cells that pass the gates, 0 to 1.
        limited_by: What keeps the tube from being purer; empty in a marker list.
        sorted_twice: Expected purity after a second sort, 0 to 1; None if unknown.
    """

    name: str
    meets_goal: bool | None
    cells: float | None
    purity: float
    at_least: float
    wrong_cells: str
    gate_yield: float
    limited_by: str
    sorted_twice: float | None


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """What a reader sees first.

    Attributes:
        verdict: One sentence.
        standing: Whether the goal is met.
        panel: One line per reagent, in panel order.
        tubes: One card per tube, in the order of the targets.
        trade: What was given up for what; empty if nothing is known.
        proof: What is proven, in one line.
        notices: Warnings merged by kind, the weightiest first.
    """

    verdict: str
    standing: Standing
    panel: tuple[PanelLine, ...]
    tubes: tuple[TubeCard, ...]
    trade: str
    proof: str
    notices: tuple[Notice, ...]


def first_screen(result: Result) -> FirstScreen:
    """Return what a reader of a result sees first.

    Args:
        result: Answer of ``design``, ``score`` or ``improve``.
    """
    return FirstScreen(
        verdict=verdict(result),
        standing=standing(result),
        panel=tuple(line for slot in result.panel for line in _lines(slot)),
        tubes=tuple(_card(result, target) for target in result.targets),
        trade=trade(result),
        proof=proof_line(result),
        notices=notices(result.warnings, result.problem),
    )


def _lines(slot: PanelSlot) -> Iterable[PanelLine]:
    for reagent in slot.all_reagents:
        yield PanelLine(
            marker=reagent.marker,
            dye=slot.fluorochrome,
            detector=slot.detector,
            role=slot.role,
            vendor=reagent.vendor,
            catalog_number=reagent.catalog_number,
            stock=_stock(reagent),
            price="" if reagent.owned or reagent.price is None else f"{reagent.price:,.2f} {reagent.currency}".rstrip(),
        )


def _stock(reagent: Reagent) -> Stock:
    if reagent.owned:
        return "in stock"
    return "ask the vendor" if reagent.availability == "unverified" else "to order"


def _card(result: Result, target: TargetResult) -> TubeCard:
    goal = None if result.robustness is None else result.robustness.purity_goal
    return TubeCard(
        name=tube_name(target.name),
        meets_goal=None if goal is None else target.purity_at_least >= goal,
        cells=target.expected_cells,
        purity=target.purity,
        at_least=target.purity_at_least,
        wrong_cells=wrong_cells(target.purity_at_least),
        gate_yield=target.gate_yield,
        limited_by="" if is_marker_list(result) else limited_by(result, target.name),
        sorted_twice=target.purity_second_sort,
    )
