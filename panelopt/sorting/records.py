"""From the numbers of a plan to the records that people and programs read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from panelopt.domain.calibration import Calibration, CalibrationChannel
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.problem_record import Enrichment, Problem
from panelopt.domain.sort_plan_record import (
    EnrichmentUse,
    GateStep,
    Miss,
    Plan,
    Share,
    Sorter,
    SortStage,
    TargetPlan,
    TradeOff,
    TubeBorder,
    TubeOutcome,
    TubePrediction,
)
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.planning.collection import SAMPLE_CELLS_PER_ML, collected_ml, jet, tubes_filled
from panelopt.planning.gate_order import removed_shares
from panelopt.planning.goals import Goals, Missed, hours_of, needed_cells
from panelopt.planning.overlap import Border
from panelopt.planning.sample import events_share, frequencies, with_enrichment
from panelopt.planning.second_sort import purity_sorted_twice
from panelopt.planning.sorter_run import SECONDS_PER_HOUR
from panelopt.planning.staged import Filled, Run, Way
from panelopt.planning.threshold_places import gate_places
from panelopt.planning.tube import Amounts, Tube, TubeGate, amounts
from panelopt.questions.question import Question
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES

UNLISTED = "cells of no listed population"
"""Name of what the problem does not list, among coincident cells."""

PERCENT = 100.0


class PlanRecords:
    """Makes the records of one plan.

    Args:
        question: The question.
        instance: Its arrays.
        panel: Slots of the panel.
        sorter: How the sorter is run.
        calibration: Signal of antibodies; None = unknown.
        beads_source: Where fold and recovery of beads come from that the problem does not state.
        score: The judged panel.
    """

    def __init__(
        self,
        question: Question,
        instance: Instance,
        panel: Sequence[PanelSlot],
        sorter: Sorter,
        calibration: Calibration | None,
        beads_source: str = "",
        *,
        score: PanelScore,
    ) -> None:
        self.question = question
        self.instance = instance
        self.score = score
        self.problem = question.problem
        self.names = instance.population
        self.panel = panel
        self.jet = jet(sorter.drop_rate_hz, sorter.nozzle_um, sorter.pressure_psi, sorter.drop_volume_nl)
        self.calibration = calibration
        self.beads_source = beads_source

    @property
    def calibration_source(self) -> str | None:
        """Where the calibration comes from; None without one."""
        if self.calibration is None:
            return None
        lines = dict.fromkeys(channel.source for channel in self.calibration.channel if channel.source)
        return self.calibration.source or "; ".join(lines) or "source not stated"

    # ---- gating trees

    def target(self, tube: Tube, problem: Problem) -> TargetPlan:
        """Return the gating tree of one target, its gates in the order of ``tube.gates``.

        Args:
            tube: Target and gates.
            problem: The question with the beads of the plan.
        """
        phi, before = frequencies(problem), None
        if problem.sample.enrichment is not None:
            plain = frequencies(with_enrichment(problem, None))
            before = self._prediction(tube, plain)
        return TargetPlan(
            name=tube.name, tree=tuple(self._tree(tube, phi)), prediction=self._prediction(tube, phi),
            without_enrichment=before,
        )  # fmt: skip

    def _tree(self, tube: Tube, phi: FloatArray) -> Iterable[GateStep]:
        doublets = max(self.problem.sample.doublet_fraction, tube.delta)
        raw, start = amounts(tube, phi, 0, doublets), amounts(tube, phi, 0)
        singlets = 1 - start.unwanted / raw.unwanted if raw.unwanted > 0 else 0.0
        yield self._step(tube, raw, {"kind": "scatter", "removes": 0.0}, 1.0)
        yield self._step(tube, start, {"kind": "singlets", "removes": singlets}, 1.0)
        for number, (gate, removed) in enumerate(zip(tube.gates, removed_shares(tube, phi), strict=True), start=1):
            left = amounts(tube, phi, number)
            found = {**self._gate(gate), **self._places(tube, number - 1, phi), "removes": removed}
            yield self._step(tube, left, found, left.target / start.target)

    def _step(self, tube: Tube, left: Amounts, gate: dict[str, object], gate_yield: float) -> GateStep:
        return GateStep.model_validate(
            {**gate, "yield_so_far": gate_yield, "purity_so_far": left.purity, "shares": self._shares(tube, left)}
        )

    def _gate(self, gate: TubeGate) -> dict[str, object]:
        slot = self.panel[gate.slot]
        line = self._line(slot)
        return {
            "kind": gate.kind,
            "slot": gate.slot,
            "markers": slot.markers,
            "fluorochrome": slot.fluorochrome,
            "detector": slot.detector,
            "side": SIDES[gate.side],
            "low": gate.low,
            "high": gate.high,
            "low_signal": _signal(line, gate.low),
            "high_signal": _signal(line, gate.high),
            "signal_unit": line.unit if line else None,
        }

    def _places(self, tube: Tube, place: int, phi: FloatArray) -> dict[str, float | None]:
        """Return where the thresholds of a gate lie in its controls."""
        number = next(n for n, view in enumerate(self.instance.views) if view.target == tube.target)
        places = gate_places(self.instance, self.score, number, tube, place, phi)
        found: dict[str, float | None] = {"fmo_p99": places.fmo_p99, "unstained_p99": places.unstained_p99}
        for end, threshold in (("low", places.low), ("high", places.high)):
            if threshold is not None:
                found[f"{end}_positive_kept"] = threshold.positive_kept
                found[f"{end}_fmo_percentile"] = PERCENT * threshold.fmo
                found[f"{end}_unstained_percentile"] = PERCENT * threshold.unstained
        return found

    def _line(self, slot: PanelSlot) -> CalibrationChannel | None:
        if self.calibration is None:
            return None
        # an unmixed signal belongs to a dye and to no detector
        detector = slot.detector if self.question.cytometer.conventional else ""
        return self.calibration.find(slot.fluorochrome, detector)

    def _prediction(self, tube: Tube, phi: FloatArray) -> TubePrediction:
        left = amounts(tube, phi)
        frequency = float(phi[tube.target])
        return TubePrediction.model_validate(
            {
                "frequency": frequency,
                "yield": left.target / frequency,
                "purity": left.purity,
                "shares": self._shares(tube, left),
            }
        )

    def _shares(self, tube: Tube, left: Amounts) -> tuple[Share, ...]:
        return tuple(
            Share(
                population=self.names[population],
                share=float(single + doublet) / left.total,
                doublets=float(doublet) / left.total,
            )
            for population, single, doublet in zip(tube.contaminants, left.single, left.doublet, strict=True)
        )

    # ---- plans

    def plan(self, way: Way, missed: Sequence[Missed], goals: Goals) -> Plan:
        """Return one plan with what it misses."""
        cells = self.problem.sample.cells
        needed = needed_cells(way, goals)
        return Plan(
            kind=way.kind,
            stages=tuple(self._stages(way)),
            tubes=tuple(self._tube(filled, way) for filled in way.tubes),
            hours=hours_of(way, cells),
            hours_for_wanted=hours_of(way, needed),
            cells_needed=needed,
            sheath_ml=_product(cells, way.seconds, self.jet.flow_ml_s),
            sample_ml=_product(cells, 1 / SAMPLE_CELLS_PER_ML, events_share(way.problem)),
            misses=tuple(self._miss(miss) for miss in missed),
        )

    def _stages(self, way: Way) -> Iterable[SortStage]:
        beads, cells = way.problem.sample.enrichment, self.problem.sample.cells
        if beads is not None:
            source = "problem" if way.problem is self.problem else self.beads_source
            yield SortStage(kind="beads", enrichment=enrichment_use(beads, source), events=cells)
        for run in way.runs:
            yield _stage(run, cells)

    def _tube(self, filled: Filled, way: Way) -> TubeOutcome:
        content = filled.content
        run = next(run for run in way.runs if content.tube.name in run.tubes and not run.loose)
        events = _product(self.problem.sample.cells, run.events, content.gated, content.survival)
        volume = None if events is None else collected_ml(events, run.mode, self.jet.drop_nl)
        size, tubes = (None, None) if volume is None else tubes_filled(volume, len(run.tubes))
        cells, target = self.problem.sample.cells, content.tube.target
        bare = with_enrichment(self.problem, None)
        overall = filled.recovered / float(frequencies(bare)[target])
        names = [*self.names, UNLISTED]
        return TubeOutcome(
            target=content.tube.name,
            purity=content.purity,
            purity_second_sort=self._sorted_again(content.tube, way),
            sort_yield=content.sort_yield,
            overall_yield=overall,
            survival=content.survival,
            abort_rate_hz=content.abort_rate_hz,
            passengers=content.passengers,
            gated=content.gated,
            cells_deflected=None if cells is None else cells * filled.deflected,
            cells_recovered=None if cells is None else cells * filled.recovered,
            volume_ml=volume,
            collection_tube_ml=size,
            collection_tubes=tubes,
            shares=tuple(
                Share(population=name, share=float(share), doublets=float(doublets))
                for index, (name, share, doublets) in enumerate(
                    zip(names, content.shares, content.doublets, strict=True)
                )
                if index != target and (share > 0 or index in content.tube.contaminants)
            ),
        )

    def _sorted_again(self, tube: Tube, way: Way) -> float | None:
        """Return the expected purity after one more sort; None where the plan has two."""
        if way.kind == "two-sorts":
            return None
        number = next(n for n, view in enumerate(self.instance.views) if view.target == tube.target)
        return purity_sorted_twice(self.instance, self.score, number, tube, frequencies(way.problem))

    def trade(self, way: Way, taken: Way) -> TradeOff:
        """Return a plan at one event rate; ``taken`` is the recommended one."""
        cells = self.problem.sample.cells
        return TradeOff(
            event_rate_hz=way.runs[0].rate_hz,
            hours=hours_of(way, cells),
            sort_yield=min(filled.content.sort_yield for filled in way.tubes),
            purity=min(filled.content.purity for filled in way.tubes),
            cells_recovered=_product(cells, min(filled.recovered for filled in way.tubes)),
            chosen=way.runs[0].rate_hz == taken.runs[0].rate_hz,
        )

    def border(self, border: Border, tubes: Sequence[Tube], phi: FloatArray, cells: float | None) -> TubeBorder:
        """Return the record of a border between two tubes.

        Args:
            border: The border.
            tubes: All targets.
            phi: (P,) share of each population among the events on the sorter.
            cells: Cells that reach the sorter; None = unknown.
        """
        upper, lower, slot = tubes[border.upper], tubes[border.lower], self.panel[border.slot]
        within = float(phi[upper.target]) * border.upper_share + float(phi[lower.target]) * border.lower_share
        return TubeBorder(
            upper=upper.name,
            lower=lower.name,
            slot=border.slot,
            markers=slot.markers,
            fluorochrome=slot.fluorochrome,
            value=border.value,
            low=border.low,
            high=border.high,
            upper_share=border.upper_share,
            lower_share=border.lower_share,
            cells=_product(cells, within),
        )

    def _miss(self, missed: Missed) -> Miss:
        names = [*self.names, UNLISTED]
        return Miss(
            goal=missed.goal,
            target=missed.target,
            value=missed.value,
            wanted=missed.wanted,
            limited_by=tuple(Share(population=names[index], share=share) for index, share in missed.limited_by),
            enrichment_marker=missed.marker,
            enrichment_fold=missed.fold,
            event_rate_hz=missed.rate_hz,
            cells=missed.cells,
            remedy=missed.remedy,
        )


def enrichment_use(enrichment: Enrichment | None, source: str) -> EnrichmentUse | None:
    """Return the record of a pre-enrichment; None without one."""
    if enrichment is None:
        return None
    return EnrichmentUse(marker=enrichment.marker, fold=enrichment.fold, recovery=enrichment.recovery, source=source)


def _stage(run: Run, cells: float | None) -> SortStage:
    return SortStage(
        kind="sort",
        mode=run.mode,
        targets=run.tubes,
        pass_number=run.pass_number + 1,
        events=None if cells is None else cells * run.events,
        event_rate_hz=run.rate_hz,
        hours=None if cells is None else cells * run.seconds / SECONDS_PER_HOUR,
        gates="loose" if run.loose else "all",
    )


def _product(*factors: float | None) -> float | None:
    """Return the product of known numbers; None if one is unknown."""
    known = [factor for factor in factors if factor is not None]
    return math.prod(known) if len(known) == len(factors) else None


def _signal(line: CalibrationChannel | None, antibodies: float | None) -> float | None:
    return None if line is None or antibodies is None else line.signal(antibodies)
