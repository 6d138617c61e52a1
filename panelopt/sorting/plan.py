"""Plans a sort: gates in order, cells and hours, one step or two, missed goals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from panelopt import __version__
from panelopt.answers.result_records import Assembler
from panelopt.answers.samples import robustness
from panelopt.domain.problem_record import Enrichment, Problem
from panelopt.domain.result import SolveStatus
from panelopt.domain.sort_plan_record import PlanKind, SortGoals, SortPlan
from panelopt.errors import Finding, InfeasibleError
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.planning.beads import BEAD_RECOVERY, KNOWN_BEADS
from panelopt.planning.gate_order import gate_order
from panelopt.planning.goals import Goals, Missed, Replan, best_plan, fold_for_day, missed_goals, needed_cells
from panelopt.planning.overlap import Border, kept_apart, split
from panelopt.planning.rates import usual_rates
from panelopt.planning.sample import bead_markers, events_share, frequencies, with_enrichment
from panelopt.planning.second_sort import second_pass
from panelopt.planning.sorter_run import SorterSettings
from panelopt.planning.staged import LOOSE_FACTOR, Way, in_passes, one_step, two_sorts
from panelopt.planning.tube import Tube, in_order, loosened, tubes_of
from panelopt.questions.question import Options, Question, named
from panelopt.questions.scored_panel import GivenPanel, score_rows
from panelopt.scoring import PanelScore
from panelopt.sorting.bench_lists import bench_lists
from panelopt.sorting.gating_trees import GatingTrees
from panelopt.sorting.plan_records import PlanRecords, enrichment_use
from panelopt.sorting.plan_warnings import check_overlap, plan_warnings, set_up_findings
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
"""Rule of :func:`panelopt.scoring.check_panel` that several passes satisfy."""


@refuse_overflow
def sort_plan(
    question: Question,
    rows: Sequence[PanelRow],
    sort: SortOptions | None = None,
    options: Options | None = None,
    *,
    scored: GivenPanel | None = None,
    sampled: bool = True,
) -> SortPlan:
    """Plan the sort of a given panel.

    Args:
        question: The question.
        rows: The panel.
        sort: How to sort.
        options: Demands of the call, as for ``score``.
        scored: The panel as :func:`score_rows` returns it with these demands, if that is known.
        sampled: Whether to judge the recommended plan in samples of what is uncertain as well.

    Returns:
        The plan. If possible, a panel that breaks rules is planned too, and the rules are named.

    Raises:
        InputError: if a name is unknown, the instrument does not sort, or the problem has no populations.
        InfeasibleError: if the dyes cannot be separated, or a cell could pass the gates of two tubes filled at once.
        UsageError: if the options do not fit the instrument or the problem.
    """
    sort, options = sort or SortOptions(), named(question, options or Options())
    check_sortable(question.problem, question.cytometer, sort)
    if sort.calibration is not None:
        check_calibration(sort.calibration, question.cytometer, [dye.name for dye in question.fluorochromes])
    return Planner(question, scored or score_rows(question, rows, options), sort, options).plan(sampled=sampled)


class Planner:
    """Plans one sort.

    Args:
        question: The question.
        scored: The panel.
        sort: How to sort.
        options: Demands of the call.
    """

    def __init__(self, question: Question, scored: GivenPanel, sort: SortOptions, options: Options) -> None:
        self.question = question
        self.problem: Problem = question.problem
        self.scored = scored
        self.sort = sort
        self.options = options
        self.instance = scored.arrays.instance
        self.score = _score_of(scored)
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
        check_overlap(self.passes, self.problem.id)

    @cached_property
    def both(self) -> tuple[Tube, ...]:
        """The tubes after a first sort with loose gates and a second one with tight gates."""
        return tuple(
            second_pass(self.instance, self.score, number, *pair)
            for number, pair in enumerate(zip(self.loose, self.tubes, strict=True))
        )

    def plan(self, *, sampled: bool = True) -> SortPlan:
        """Return the plan; its robustness is left out unless ``sampled``."""
        ways, missed = self._ways()
        number = best_plan(ways, missed)
        taken = ways[number]
        phi, stained = frequencies(taken.problem), self._cells_to_stain(taken)
        tubes = tuple(in_order(tube, gate_order(tube, phi)) for tube in self.tubes)
        assembler = Assembler(self.question, self.options, self.scored.arrays)
        result = assembler.result(
            SolveStatus.FEASIBLE, self.score, remarks=self.scored.remarks, sampled=False, second_sort=False
        )  # a plan states its own missed goals
        source = beads_source(self.sort, self.marker) if self.marker else ""
        records = PlanRecords(self.question, self.instance, result.panel, self.sorter, source, score=self.score)
        trees = GatingTrees(self.question, self.instance, result.panel, self.sort.calibration, score=self.score)
        goals, cells = self.goals, self.problem.sample.cells
        fold = None
        if self.marker is not None and (cells or goals.wanted_cells):
            fold = fold_for_day(self._replan(self.marker, self._one_step), goals, cells)
        controls, order = bench_lists(
            self.question, self.scored, self.score, self.options, tubes, phi,
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
            calibration=trees.calibration_source,
            targets=tuple(trees.target(tube, taken.problem) for tube in tubes),
            passes=tuple(tuple(tube.name for tube in group) for group in self.passes),
            plans=plans,
            recommended=number,
            trade=tuple(records.trade(way, taken) for way in self._other_rates(taken)),
            borders=tuple(records.border(border, tubes, phi, stained) for border in self.borders),
            cells_to_stain=stained,
            robustness=robustness(
                self.question, self.instance, self.score.slots, self.options.tolerance, sample=taken.problem
            )
            if sampled
            else None,
            enrichment_fold_for_day=fold,
            enrichment_marker=self.marker,
            controls=controls,
            order=order,
            conflicts=tuple(conflict for conflict in self.scored.conflicts if conflict.demand != SORT_WAYS),
            warnings=(
                *plan_warnings(plans[number], self.problem.id, self._findings()),
                *result.warnings,
            ),
        )

    def _cells_to_stain(self, way: Way) -> float | None:
        """Return the cells that a plan brings to the sorter: the whole sample, or enough for the wanted cells."""
        cells, needed = self.problem.sample.cells, needed_cells(way, self.goals)
        known = [number for number in (cells, needed) if number is not None]
        return min(known) * events_share(way.problem) if known else None

    # ---- ways to sort

    def _ways(self) -> tuple[list[Way], list[tuple[Missed, ...]]]:
        """Return the plans, one step first, and the goals that each misses."""
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
        """Return the recommended plan at the usual event rates, slowest first, or itself if the rate is given."""
        if self.settings.event_rate_hz is not None:
            return [taken]
        rates = usual_rates(self.settings)
        return [self._at(replace(self.settings, event_rate_hz=rate), taken.kind, taken.problem) for rate in rates]

    # ---- beads

    def _bead_marker(self) -> str | None:
        """Return the bead marker: from the problem, the call, the known beads, or the best available.

        None for a depletion, or if no marker is on every target.
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
        """Return a plan as a function of its bead enrichment; 1 means no beads."""
        stated = self.problem.sample.enrichment
        recovery = stated.recovery if stated else self.sort.bead_recovery or BEAD_RECOVERY

        def at(fold: float) -> Way:
            beads = Enrichment(marker=marker, fold=fold, recovery=recovery) if fold > 1 else None
            return again(with_enrichment(self.problem, beads))

        return Replan(marker, at)

    def _findings(self) -> list[Finding]:
        stained = [self.instance.marker[marker] for slot in self.score.slots for marker in slot.markers]
        return [
            *sorter_remarks(self.problem, self.question.cytometer, self.sorter),
            *set_up_findings(
                self.problem,
                self.tubes,
                passes=len(self.passes),
                split=bool(self.borders),
                stained=stained,
                bead_marker=self.marker,
            ),
        ]


def _enriched_marker(way: Way) -> str:
    """Return the bead marker of a plan; empty without beads, or for a depletion."""
    beads = way.problem.sample.enrichment
    return beads.marker if beads is not None and beads.fold >= 1 else ""


def _score_of(scored: GivenPanel) -> PanelScore:
    if scored.score is None:
        text = "; ".join(f"{conflict.demand}: {conflict.message}" for conflict in scored.conflicts)
        hint = "Change the panel, or use `panelopt improve`."
        raise InfeasibleError(f"the given panel cannot be used for a sort: {text}", hint=hint)
    return scored.score
