"""Builds the result of a scored panel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from panelopt import __version__
from panelopt.answers.missed_goals import missed_goals, sorted_twice, target_name
from panelopt.answers.practical_records import Comparison
from panelopt.answers.purchase_records import Bought, reagent, unknown_shipping, vendor_deliveries
from panelopt.answers.result_details import channels, gap_of, provenance, solver_stats, spectral
from panelopt.answers.samples import robustness
from panelopt.domain.panel_records import BestPanel, PanelSlot, VendorDelivery
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.domain.result import (
    Bound,
    CatalogUse,
    Conflict,
    Gate,
    Objective,
    PairResult,
    Remark,
    Result,
    SolveStatus,
    Spectral,
    TargetResult,
)
from panelopt.errors import Finding
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.instance.compile import Compiled
from panelopt.questions.hashes import cytometer_sha256, fluorochromes_sha256, signatures_sha256
from panelopt.questions.question import Options, Question
from panelopt.scoring import PanelScore, ViewScore
from panelopt.scoring.claims import SIDES, WINDOW
from panelopt.solver.outcome import Outcome

Purities = Sequence[float | None]
"""Expected purity of each tube after a second sort; None where it is not worked out."""


class Assembler:
    """Builds the result of one question.

    Args:
        question: The question.
        options: Demands of the call.
        compiled: Its arrays.
    """

    def __init__(self, question: Question, options: Options, compiled: Compiled) -> None:
        self.question = question
        self.options = options
        self.compiled = compiled
        self.instance: Instance = compiled.instance

    def result(
        self,
        status: SolveStatus,
        score: PanelScore | None,
        outcome: Outcome | None = None,
        conflicts: Sequence[Conflict] = (),
        remarks: Iterable[Finding] = (),
        *,
        sampled: bool = True,
        second_sort: bool = True,
    ) -> Result:
        """Return the result; every number of the panel comes from its score.

        With ``sampled`` the panel is judged in samples of what is uncertain as well, and a further marker is sought
        where it misses the goal. Without ``second_sort`` the slowest numbers are left out: purity after a second sort,
        and what would reach a missed goal.
        """
        found = outcome or Outcome()
        twice = sorted_twice(self.instance, score) if score and second_sort else None
        bought = self.compiled.bought(score.slots) if score else {}
        slots = [self._slot(slot, bought) for slot in score.slots] if score else []
        deliveries = vendor_deliveries(self.compiled, slots)
        shipping = unknown_shipping(self.question.problem.id, deliveries)
        compared = None if score is None else Comparison(self.instance, score, outcome)
        open_ = compared.remarks() if compared else ()
        findings = [*self.compiled.remarks, *remarks, *shipping, *open_]
        return Result(
            panelopt_version=__version__,
            problem=self.question.problem.id,
            problem_sha256=self.question.problem_sha256,
            cytometer=self.question.cytometer.id,
            cytometer_sha256=cytometer_sha256(self.question.cytometer),
            fluorochromes_sha256=fluorochromes_sha256(self.question.fluorochromes, self.question.autofluorescence),
            signatures_sha256=signatures_sha256(self.question.signatures),
            demands=self.options.demands,
            catalogs=tuple(
                CatalogUse(name=c.name, version=c.version, sha256=c.sha256, rows=c.rows, origin=c.origin)
                for c in self.question.catalogs
            ),
            status=status,
            objective=self._objective(score, slots, deliveries) if score else None,
            bound=Bound(worst_log_ratio=found.bound_worst, sum_log_ratio=found.bound_total),
            best=compared.best_panel(self._best_slots(found)) if compared else BestPanel(),
            given_up=compared.given_up() if compared else None,
            practical=compared.practicality() if compared else None,
            robustness=robustness(self.question, self.instance, score.slots, self.options.tolerance)
            if score and sampled
            else None,
            gap=gap_of(found),
            floor=found.floor,
            panel=tuple(slots),
            deliveries=deliveries,
            targets=self._targets(score, twice or (None,) * len(score.views)) if score else (),
            pairs=tuple(pair for view in score.views for pair in self._pairs(view)) if score else (),
            channels=tuple(channels(self.question.cytometer, self.instance, score)) if score else (),
            spectral=spectral(self.instance, score.slots) if score else Spectral(),
            solver=solver_stats(self.options, found),
            provenance=provenance(self.question, self.instance, score.slots if score else ()),
            conflicts=tuple(conflicts),
            warnings=tuple(self._remarks(score, twice, findings, sampled=sampled)),
        )

    # ---- the panel

    def _best_slots(self, found: Outcome) -> tuple[PanelSlot, ...]:
        if found.best is None:
            return ()
        bought = self.compiled.bought(found.best.slots)
        return tuple(self._slot(slot, bought) for slot in found.best.slots)

    def _slot(self, slot: SlotIndex, bought: Bought) -> PanelSlot:
        reagents = tuple(reagent(self.instance, marker, slot.dye, bought) for marker in slot.markers)
        detector = self.question.cytometer.detector[slot.detector]
        prices = [r.price for r in reagents]
        vendors, numbers = {r.vendor for r in reagents}, {r.catalog_number for r in reagents}
        known = [price for price in prices if price is not None]
        names = tuple(r.marker for r in reagents)
        return PanelSlot(
            markers=names,
            clones=tuple(r.clone for r in reagents),
            fluorochrome=self.instance.dye[slot.dye],
            detector=detector.name,
            laser_nm=detector.laser_nm,
            vendor=vendors.pop() if len(vendors) == 1 else None,
            catalog_number=numbers.pop() if len(numbers) == 1 else None,
            price=float(sum(known)) if len(known) == len(prices) else None,
            role="dump" if slot.is_dump else "viability" if names == (VIABILITY_MARKER,) else "marker",
            reagents=reagents,
        )

    def _objective(
        self, score: PanelScore, slots: Sequence[PanelSlot], deliveries: Sequence[VendorDelivery]
    ) -> Objective:
        reagents = [r for slot in slots for r in slot.reagents]
        prices = [r.price for r in reagents if r.price is not None]
        currencies = {r.currency for r in reagents if r.price is not None and r.currency}
        price = float(sum(prices)) if prices else None
        shipping = float(sum(d.shipping or 0.0 for d in deliveries)) if self.compiled.constraints.shipping else None
        return Objective(
            worst_log_ratio=score.worst,
            sum_log_ratio=score.total,
            colours=len(slots),
            price=price,
            shipping=shipping,
            total_price=None if price is None else price + (shipping or 0.0),
            to_buy=sum(not r.owned for r in reagents),
            currency=currencies.pop() if len(currencies) == 1 else "",
            unknown_prices=len(reagents) - len(prices),
        )

    # ---- targets and pairs

    def _targets(self, score: PanelScore, twice: Purities) -> tuple[TargetResult, ...]:
        return tuple(self._target(view, score.slots, again) for view, again in zip(score.views, twice, strict=True))

    def _target(self, view: ViewScore, slots: Sequence[SlotIndex], twice: float | None) -> TargetResult:
        frequency = float(self.instance.phi[view.view.target])
        sample = self.question.problem.sample
        recovery = sample.enrichment.recovery if sample.enrichment else 1.0
        source = next(
            (p for p in self.question.problem.population if p.name == self.instance.population[view.view.target]), None
        )
        cells = (
            sample.cells * source.frequency * (1 - sample.dead_fraction) * recovery * view.gate_yield
            if sample.cells and source
            else None
        )
        return TargetResult.model_validate(
            {
                "name": target_name(self.instance, view),
                "frequency": frequency,
                "yield": view.gate_yield,
                "purity": view.purity,
                "purity_at_least": view.purity_at_least,
                "purity_second_sort": twice,
                "expected_cells": cells,
                "gates": tuple(self._gate(view, slots, slot, side) for slot, side in view.gates),
            }
        )

    def _gate(self, view: ViewScore, slots: Sequence[SlotIndex], slot: int, side: int) -> Gate:
        low, high = WINDOW[SIDES[side]]
        return Gate(
            slot=slot,
            markers=tuple(self.instance.marker[m] for m in slots[slot].markers),
            fluorochrome=self.instance.dye[slots[slot].dye],
            side=SIDES[side],
            low=None if low is None else float(view.thresholds[low, slot]),
            high=None if high is None else float(view.thresholds[high, slot]),
        )

    def _pairs(self, view: ViewScore) -> Iterable[PairResult]:
        for i, c in enumerate(view.view.contaminants):
            single, doublet = float(view.single[i]), float(view.doublet[i])
            rho = float(view.rho[i])
            limited = "cap" if rho >= self.instance.rho_cap else "single" if single <= doublet else "doublet"
            yield PairResult(
                target=target_name(self.instance, view),
                contaminant=self.instance.population[c],
                log_ratio=rho,
                single=single,
                doublet=doublet if np.isfinite(doublet) else None,
                rejection=float(view.rejection[i]),
                limited_by=limited,  # type: ignore[arg-type]
            )

    # ---- remarks

    def _remarks(
        self, score: PanelScore | None, twice: Purities | None, findings: Iterable[Finding], *, sampled: bool
    ) -> Iterable[Remark]:
        seen: set[Finding] = set()
        for finding in [*self._missed(score, twice, sampled=sampled), *findings]:
            if finding not in seen:
                seen.add(finding)
                yield Remark(code=finding.code, message=finding.message, where=finding.where, hint=finding.hint)

    def _missed(self, score: PanelScore | None, twice: Purities | None, *, sampled: bool) -> Iterable[Finding]:
        if score is None or twice is None:
            return ()
        tolerance = self.options.tolerance
        return missed_goals(self.question.problem, self.instance, score, twice, tolerance, search=sampled)
