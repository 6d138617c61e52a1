"""Plan a sort: gates in order, cells and hours, one step or two, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations

import numpy as np

from panelopt import __version__
from panelopt.answers.result_records import Assembler
from panelopt.answers.samples import robustness
from panelopt.domain.problem_record import Enrichment, Problem
from panelopt.domain.result import Remark, SolveStatus
from panelopt.domain.sort_plan_record import Plan, PlanKind, SortGoals, SortPlan
from panelopt.errors import Finding, InfeasibleError
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.planning.beads import BEAD_RECOVERY, KNOWN_BEADS
from panelopt.planning.gate_order import gate_order
from panelopt.planning.goals import Goals, Missed, Replan, best_plan, fold_for_day, missed_goals, needed_cells
from panelopt.planning.overlap import Border, kept_apart, overlap, split
from panelopt.planning.rates import usual_rates
from panelopt.planning.sample import bead_markers, events_share, frequencies, with_enrichment
from panelopt.planning.second_sort import second_pass
from panelopt.planning.sorter_run import SorterSettings
from panelopt.planning.staged import LOOSE_FACTOR, Way, in_passes, one_step, two_sorts
from panelopt.planning.tube import Tube, in_order, loosened, tubes_of
from panelopt.questions.judged import Judged, judge
from panelopt.questions.question import Options, Question, named
from panelopt.scoring import PanelScore
from panelopt.sorting.bench_lists import bench_lists
from panelopt.sorting.records import PlanRecords, enrichment_use
from panelopt.sorting.remarks import plan_findings
from panelopt.sorting.settings import (
    SortOptions,
    beads_of,
    beads_source,
    check_calibration,
    check_sortable,
    sorter_of,
    sorter_remarks,
)

SORT_WAYS = "sort-ways"
"""The rule of :func:`panelopt.scoring.check_panel` that passes one after another answer."""

UNLISTED = 1e-6
"""A smaller share of cells of no listed population is rounding."""


@refuse_overflow
def sort_plan(
    question: Question,
    rows: Sequence[PanelRow],
    sort: SortOptions | None = None,
    options: Options | None = None,
) -> SortPlan:
    """Plan the sort of a given panel.

    Args:
        question: What is asked.
        rows: The panel.
        sort: How to sort.
        options: Demands of the call, as for ``score``.

    Returns:
        The plan; a panel that breaks rules is planned all the same where that is possible, and the rules are named.

    Raises:
        InputError: if a name is unknown, the instrument does not sort, or the problem has no populations.
        InfeasibleError: if the dyes of the panel cannot be told apart, or a cell would fall into the gates of two tubes
            filled at once.
        UsageError: if the options do not fit the instrument or the problem.
    """
    sort, options = sort or SortOptions(), named(question, options or Options())
    check_sortable(question.problem, question.cytometer, sort)
    if sort.calibration is not None:
        check_calibration(sort.calibration, question.cytometer, [dye.name for dye in question.fluorochromes])
    judged = judge(question, rows, options)
    return Planner(question, judged, sort, options).plan()


class Planner:
    """Plans one sort.

    Args:
        question: The question.
        judged: The panel.
        sort: How to sort.
        options: Demands of the call.
    """

    def __init__(self, question: Question, judged: Judged, sort: SortOptions, options: Options) -> None:
        self.question = question
        self.problem: Problem = question.problem
        self.judged = judged
        self.sort = sort
        self.options = options
        self.instance = judged.arrays.instance
        self.score = _judged_score(judged)
        self.sorter = sorter_of(self.problem, question.cytometer, sort)
        goal, limits = self.problem.goal, self.instance.max_share
        limited = {p: float(limit) for p, limit in enumerate(limits) if not np.isnan(limit)}
        self.goals = Goals(goal.purity, goal.yield_min, sort.hours, sort.wanted_cells, limited)
        self.settings = SorterSettings(
            mode=self.sorter.mode,
            drop_rate_hz=self.sorter.drop_rate_hz,
            mask_drops=self.sorter.mask_drops,
            recovery=self.sorter.recovery,
            event_rate_hz=self.sorter.event_rate_hz,
            yield_min=self.goals.yield_min,
            max_event_rate_hz=self.sorter.max_event_rate_hz,
        )
        self.tubes: tuple[Tube, ...] = tubes_of(self.instance, self.score)
        self.borders: tuple[Border, ...] = ()
        if sort.overlap == "split":
            phi = frequencies(self.problem)
            self.tubes, self.borders = split(self.instance, self.score, self.tubes, phi)
        self.loose = kept_apart(loosened(self.instance, self.score, LOOSE_FACTOR), self.tubes)
        self.passes = in_passes(self.tubes, self.sorter.ways, apart=sort.overlap == "split")
        self.marker = self._bead_marker()
        _check_overlap(self.passes, self.problem.id)

    @cached_property
    def both(self) -> tuple[Tube, ...]:
        """The tubes with what passes a first sort with loose gates and a second one with tight gates."""
        return tuple(
            second_pass(self.instance, self.score, number, *pair)
            for number, pair in enumerate(zip(self.loose, self.tubes, strict=True))
        )

    def plan(self) -> SortPlan:
        """Return the plan."""
        ways, missed = self._ways()
        number = best_plan(ways, missed)
        taken = ways[number]
        phi, stained = frequencies(taken.problem), self._cells_to_stain(taken)
        tubes = tuple(in_order(tube, gate_order(tube, phi)) for tube in self.tubes)
        assembler = Assembler(self.question, self.options, self.judged.arrays)
        result = assembler.result(SolveStatus.FEASIBLE, self.score, remarks=self.judged.remarks, sampled=False)
        source = beads_source(self.sort, self.marker) if self.marker else ""
        records = PlanRecords(
            self.question, self.instance, result.panel, self.sorter, self.sort.calibration, source, score=self.score
        )
        goals, cells = self.goals, self.problem.sample.cells
        fold = None
        if self.marker is not None and (cells or goals.wanted_cells):
            fold = fold_for_day(self._replan(self.marker, self._one_step), goals, cells)
        controls, order = bench_lists(
            self.question, self.judged, self.score, self.options, tubes, phi,
            cells=stained, bead_marker=_enriched_marker(taken), cells_per_test=self.sort.cells_per_test,
            spares=self.sort.spares, control_share=self.sort.control_share,
        )  # fmt: skip
        plans = tuple(records.plan(way, miss, goals) for way, miss in zip(ways, missed, strict=True))
        return SortPlan(
            panelopt_version=__version__,
            problem=self.problem.id,
            problem_sha256=self.question.problem_sha256,
            cytometer=self.question.cytometer.id,
            panel=result.panel,
            goals=SortGoals(
                purity=goals.purity, yield_min=goals.yield_min, hours=goals.hours, wanted_cells=goals.wanted_cells
            ),
            sorter=self.sorter,
            cells=cells,
            enrichment=enrichment_use(self.problem.sample.enrichment, "problem"),
            calibration=records.calibration_source,
            targets=tuple(records.target(tube, taken.problem) for tube in tubes),
            passes=tuple(tuple(tube.name for tube in group) for group in self.passes),
            plans=plans,
            recommended=number,
            trade=tuple(records.trade(way, taken) for way in self._other_rates(taken)),
            borders=tuple(records.border(border, tubes, phi, stained) for border in self.borders),
            cells_to_stain=stained,
            robustness=robustness(
                self.question, self.instance, self.score.slots, self.options.tolerance, sample=taken.problem
            ),
            enrichment_fold_for_day=fold,
            enrichment_marker=self.marker,
            controls=controls,
            order=order,
            conflicts=tuple(conflict for conflict in self.judged.conflicts if conflict.demand != SORT_WAYS),
            warnings=(*self._remarks(plans[number]), *(r for r in result.warnings if r.code != "goal-missed")),
        )

    def _cells_to_stain(self, way: Way) -> float | None:
        """Return the cells that a plan brings to the sorter: of the whole sample, or enough for the wanted cells."""
        cells, needed = self.problem.sample.cells, needed_cells(way, self.goals)
        known = [number for number in (cells, needed) if number is not None]
        return min(known) * events_share(way.problem) if known else None

    # ---- ways to sort

    def _ways(self) -> tuple[list[Way], list[tuple[Missed, ...]]]:
        """Return the plans with the goals that each misses, one step first."""
        ways = [self._one_step(self.problem)]
        missed = [self._missed(ways[0], self._one_step)]
        if self.sort.stages == "one" or (self.sort.stages == "auto" and not missed[0]):
            return ways, missed
        beads = beads_of(self.sort, self.marker)
        if beads is not None and self.problem.sample.enrichment is None:
            ways.append(self._with_beads(with_enrichment(self.problem, beads)))
            missed.append(self._missed(ways[-1], self._with_beads))
        ways.append(self._two_sorts(self.problem))
        missed.append(self._missed(ways[-1], self._two_sorts))
        return ways, missed

    def _one_step(self, problem: Problem) -> Way:
        return self._at(self.settings, "one-step", problem)

    def _with_beads(self, problem: Problem) -> Way:
        return self._at(self.settings, "beads", problem)

    def _two_sorts(self, problem: Problem) -> Way:
        return self._at(self.settings, "two-sorts", problem)

    def _at(self, settings: SorterSettings, kind: PlanKind, problem: Problem) -> Way:
        if kind == "two-sorts":
            return two_sorts(problem, self.passes, self.loose, self.both, settings)
        return one_step(problem, self.passes, settings, kind)

    def _other_rates(self, taken: Way) -> list[Way]:
        """Return the recommended plan at the usual event rates, slowest first; itself where the rate is given."""
        if self.settings.event_rate_hz is not None:
            return [taken]
        rates = usual_rates(self.settings)
        return [self._at(replace(self.settings, event_rate_hz=rate), taken.kind, taken.problem) for rate in rates]

    # ---- beads

    def _bead_marker(self) -> str | None:
        """Return the marker of beads: as the problem states, as asked, of the known beads, else the best one.

        None for a depletion, and where no marker is on every target.
        """
        stated = self.problem.sample.enrichment
        if stated is not None:
            return stated.marker if stated.fold >= 1 else None
        if self.sort.bead_marker is not None:
            return self.sort.bead_marker
        able = bead_markers(self.problem, self.instance)
        return KNOWN_BEADS if KNOWN_BEADS in able else next(iter(able), None)

    def _missed(self, way: Way, again: Callable[[Problem], Way]) -> tuple[Missed, ...]:
        replan = None if self.marker is None else self._replan(self.marker, again)
        return missed_goals(way, self.goals, self.settings, self.problem.sample.cells, replan)

    def _replan(self, marker: str, again: Callable[[Problem], Way]) -> Replan:
        """Return a plan as a function of the fold of its beads; without beads where that is 1."""
        stated = self.problem.sample.enrichment
        recovery = stated.recovery if stated else self.sort.bead_recovery or BEAD_RECOVERY

        def at(fold: float) -> Way:
            beads = Enrichment(marker=marker, fold=fold, recovery=recovery) if fold > 1 else None
            return again(with_enrichment(self.problem, beads))

        return Replan(marker, at)

    # ---- remarks

    def _remarks(self, plan: Plan) -> Iterable[Remark]:
        for miss in plan.misses:
            what = f"{miss.target}: {miss.goal}" if miss.target else miss.goal
            shown = "unknown" if miss.value is None else f"{miss.value:.3g}"
            message = f"{miss.remedy} So far {what} of {shown} misses the goal of {miss.wanted:.3g}."
            yield Remark(code="goal-missed", message=message, where=self.problem.id)
        findings = [
            *sorter_remarks(self.problem, self.question.cytometer, self.sorter),
            *self._findings(),
            *plan_findings(plan, self.problem.id),
        ]
        for finding in findings:
            message = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
            yield Remark(code=finding.code, message=message, where=finding.where)

    def _findings(self) -> Iterable[Finding]:
        where = self.problem.id
        if len(self.passes) > 1:
            message = f"{len(self.passes)} passes one after another, each with an equal part of the sample"
            hint = "More ways at once, or fewer targets, would save cells."
            if any(overlap(one, other) for one, other in combinations(self.tubes, 2)):
                hint = "No marker of the panel sets some tubes apart; one that does would save cells."
            yield Finding("several-passes", message, where, hint)
        if self.borders:
            message = "gates that overlap got a common border; purity and yield differ from those of `score`"
            yield Finding("gates-split", message, where)
        stained = {name for slot in self.score.slots for name in (self.instance.marker[m] for m in slot.markers)}
        if self.marker in stained:
            message = f"beads and a dye for {self.marker} compete for it; take clones that bind different epitopes"
            yield Finding("beads-and-dye", message, where)
        if sum(p.frequency for p in self.problem.population) < 1 - UNLISTED and self.problem.sample.enrichment:
            message = "the frequencies sum to less than 1; cells of no listed population are left out after the beads"
            yield Finding("unlisted-cells", message, where)


def _enriched_marker(way: Way) -> str:
    """Return the marker of the beads of a plan; empty without beads, or where they deplete."""
    beads = way.problem.sample.enrichment
    return beads.marker if beads is not None and beads.fold >= 1 else ""


def _judged_score(judged: Judged) -> PanelScore:
    if judged.score is None:
        text = "; ".join(f"{conflict.demand}: {conflict.message}" for conflict in judged.conflicts)
        hint = "Change the panel, or let `panelopt improve` do it."
        raise InfeasibleError(f"the given panel cannot be sorted with: {text}", hint=hint)
    return judged.score


def _check_overlap(passes: Sequence[Sequence[Tube]], where: str) -> None:
    """Refuse tubes filled at once whose gates a cell can pass together."""
    pairs = [
        f"{one.name} and {other.name}"
        for tubes in passes
        for one, other in combinations(tubes, 2)
        if overlap(one, other)
    ]
    if pairs:
        raise InfeasibleError(
            f"a cell can fall into the gates of two tubes filled at once: {'; '.join(pairs)}",
            where=where,
            hint="Leave out --overlap to give them a common border, or sort them one after another (--ways 1).",
        )
