"""Records of sort plans, tubes, trade-offs and borders."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.problem_record import Enrichment
from panelopt.domain.sort_plan_record import (
    EnrichmentUse,
    Miss,
    Plan,
    Share,
    Sorter,
    SortStage,
    TradeOff,
    TubeBorder,
    TubeOutcome,
)
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.planning.collection import SAMPLE_CELLS_PER_ML, collected_ml, jet, tubes_filled
from panelopt.planning.goals import Goals, Missed, hours_of, needed_cells
from panelopt.planning.overlap import Border
from panelopt.planning.sample import events_share, frequencies, with_enrichment
from panelopt.planning.second_sort import after_two_sorts, second_pass
from panelopt.planning.sorter_run import SECONDS_PER_HOUR
from panelopt.planning.staged import Filled, Run, Way
from panelopt.planning.tube import Tube
from panelopt.questions.question import Question
from panelopt.scoring import PanelScore

UNLISTED = "cells of unlisted populations"
"""Name of coincident cells that the problem does not list."""


class PlanRecords:
    """Builds the records of one plan.

    Args:
        question: The question.
        instance: Its arrays.
        panel: Slots of the panel.
        sorter: Sorter settings.
        beads_source: Source of bead values that the problem does not state.
        score: Score of the panel.
    """

    def __init__(
        self,
        question: Question,
        instance: Instance,
        panel: Sequence[PanelSlot],
        sorter: Sorter,
        beads_source: str = "",
        *,
        score: PanelScore,
    ) -> None:
        self.instance = instance
        self.score = score
        self.problem = question.problem
        self.names = instance.population
        self.panel = panel
        self.jet = jet(sorter.drop_rate_hz, sorter.nozzle_um, sorter.pressure_psi, sorter.drop_volume_nl)
        self.beads_source = beads_source
        self._twice: dict[str, Tube] = {}

    def plan(self, way: Way, missed: Sequence[Missed], goals: Goals) -> Plan:
        """Return the record of a plan and its missed goals."""
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
        """Return the expected purity after one more sort; None if the plan has two."""
        if way.kind == "two-sorts":
            return None
        if tube.name not in self._twice:  # the gates of a target are the same in every plan
            number = next(n for n, view in enumerate(self.instance.views) if view.target == tube.target)
            self._twice[tube.name] = second_pass(self.instance, self.score, number, tube)
        return after_two_sorts(tube, tube, self._twice[tube.name], frequencies(way.problem)).purity

    def trade(self, way: Way, taken: Way) -> TradeOff:
        """Return the trade-off at one event rate; ``taken`` is the recommended plan."""
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
