"""Controls and order list of a sort plan."""

from __future__ import annotations

import math
from collections.abc import Sequence

from panelopt.domain.control_tubes import Controls
from panelopt.domain.reagent_order import Order
from panelopt.domain.reagents import Conjugate
from panelopt.instance.arrays import FloatArray
from panelopt.instance.product import Product, Vendors
from panelopt.planning.bench import Bench
from panelopt.planning.control_plan import plan_controls
from panelopt.planning.fmo import fmo_gates
from panelopt.planning.order_list import Supply, plan_order
from panelopt.planning.spares import dye_spares
from panelopt.planning.titration import PackSize
from panelopt.planning.tube import Tube
from panelopt.questions.question import Options, Question
from panelopt.questions.scored_panel import GivenPanel
from panelopt.scoring import PanelScore

MAX_TESTS = 1e9
"""Larger packs are treated as typing errors."""


def bench_lists(
    question: Question,
    scored: GivenPanel,
    score: PanelScore,
    options: Options,
    tubes: Sequence[Tube],
    phi: FloatArray,
    *,
    cells: float | None,
    cells_per_test: float,
    spares: int,
    bead_marker: str,
    control_share: float,
) -> tuple[Controls, Order]:
    """Return the control tubes and the order list of a scored panel.

    Args:
        question: The question.
        scored: The panel with its products.
        score: Its score.
        options: Demands of the call.
        tubes: Targets with their gates, in the order of the score's views.
        phi: (P,) share of each population among the events on the sorter.
        cells: Cells that reach the sorter; None = unknown.
        cells_per_test: Cells stained by one test.
        spares: Spare products of each kind listed per reagent; 0 = none.
        bead_marker: Marker of beads before the sort; empty without beads.
        control_share: Maximum share of those cells for all controls together.
    """
    problem, compiled = question.problem, scored.arrays
    instance = compiled.instance
    chosen = _chosen(scored, score)
    bench = Bench(
        instance=instance,
        slots=score.slots,
        conjugate={key: product.conjugate for key, product in chosen.items()},
        pack={key: pack_size(product.conjugate) for key, product in chosen.items()},
        dye={dye.name: dye for dye in question.fluorochromes},
        phi=phi,
        cells=cells,
        cells_per_test=cells_per_test,
        tissue=problem.sample.tissue,
        control_share=control_share,
        bead_marker=bead_marker,
    )
    controls = plan_controls(bench, fmo_gates(instance, score, tubes, phi))
    supply = Supply(
        chosen=chosen,
        products=compiled.products,
        locks=problem.locked,
        shipping=Vendors(compiled.constraints).shipping,
        spares=spares,
        detectors=instance.detector,
    )
    other_dyes = {
        index: dye_spares(instance, score, index, options.tolerance, spares)
        for index in range(len(score.slots) if spares else 0)
    }
    return controls, plan_order(bench, controls, supply, other_dyes)


def _chosen(scored: GivenPanel, score: PanelScore) -> dict[tuple[str, str], Product]:
    instance, bought = scored.arrays.instance, scored.arrays.bought(score.slots)
    keys = [(instance.marker[m], instance.dye[slot.dye]) for slot in score.slots for m in slot.markers]
    return {key: bought.get(key, Product(Conjugate(marker=key[0], fluorochrome=key[1]))) for key in keys}


def pack_size(conjugate: Conjugate) -> PackSize:
    """Return the content of one pack, as far as size, unit and tests state it."""
    # a slow import that only sort plans need
    from panelopt.catalogs.importing.packs import pack as read_pack

    pack = read_pack(conjugate.size, conjugate.unit, conjugate.tests)
    tests = pack.tests if pack.tests is not None and 1 <= pack.tests <= MAX_TESTS else None
    try:
        amount = float(pack.size.replace(",", "."))
    except ValueError:
        amount = math.nan
    return PackSize(tests, amount if math.isfinite(amount) else None, pack.unit)
