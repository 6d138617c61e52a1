"""Ways to sort a sample: in one step, after beads, or twice; every number is per cell of the sample.

A second sort sees the same dyes on the same cells: antibodies stay, most of the noise is drawn anew
(:mod:`panelopt.planning.second_sort`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from panelopt.domain.problem_record import Problem
from panelopt.domain.sort_plan_record import PlanKind, SortMode
from panelopt.instance.arrays import FloatArray
from panelopt.planning.coincidence import survival
from panelopt.planning.overlap import overlap
from panelopt.planning.rates import chosen_rate, usual_rates
from panelopt.planning.sample import events_share, frequencies
from panelopt.planning.second_sort import after_two_sorts
from panelopt.planning.sorter_run import SorterSettings, TubeContent, content_of, gated_share, tube_content
from panelopt.planning.tube import Amounts, Tube

LOOSE_FACTOR = 0.25
"""Model value: cost to the target of a gate in a first sort, relative to the same gate in the second."""

FIRST_SORT_FACTOR = 2.0
"""Model value: event rate of a first sort in yield mode, relative to a single sort."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the sorter.

    Attributes:
        mode: Sort mode.
        loose: Whether the gates are the loose ones of a first sort.
        pass_number: Which part of the sample, from 0.
        tubes: Targets that are sorted.
        rate_hz: Events per second.
        events: Events for each cell of the sample.
    """

    mode: SortMode
    loose: bool
    pass_number: int
    tubes: tuple[str, ...]
    rate_hz: float
    events: float

    @property
    def seconds(self) -> float:
        """Seconds per cell of the sample."""
        return self.events / self.rate_hz


@dataclass(frozen=True, slots=True)
class Filled:
    """A tube at the end of a plan.

    Attributes:
        content: After the last sort.
        deflected: Target cells deflected in the last sort, for each cell of the sample.
        recovered: The same after the losses of the sort.
    """

    content: TubeContent
    deflected: float
    recovered: float


@dataclass(frozen=True, slots=True)
class Way:
    """A plan in numbers; see :class:`Run` and :class:`Filled`."""

    kind: PlanKind
    problem: Problem
    runs: tuple[Run, ...]
    tubes: tuple[Filled, ...]

    @property
    def seconds(self) -> float:
        """Seconds on the sorter per cell of the sample."""
        return sum(run.seconds for run in self.runs)


def one_step(
    problem: Problem, passes: Sequence[Sequence[Tube]], settings: SorterSettings, kind: PlanKind = "one-step"
) -> Way:
    """Return the plan that sorts once; each pass gets an equal part of the sample.

    Args:
        problem: The question, with the pre-enrichment of the plan.
        passes: Targets that are sorted at once, pass by pass.
        settings: How the sorter is run.
        kind: Name of the plan.
    """
    phi, share = frequencies(problem), events_share(problem) / len(passes)
    runs, filled = [], []
    for number, tubes in enumerate(passes):
        gated = {tube.name: gated_share(tube, phi) for tube in tubes}
        events = None if problem.sample.cells is None else share * problem.sample.cells
        rate = chosen_rate(settings, gated, {tube.name: tube.gate_yield for tube in tubes}, events)
        runs.append(Run(settings.mode, False, number, tuple(gated), rate, share))
        for tube in tubes:
            content = tube_content(tube, phi, settings, rate)
            deflected = share * content.target_per_event
            filled.append(Filled(content, deflected, deflected * settings.recovery))
    return Way(kind, problem, tuple(runs), tuple(filled))


def two_sorts(
    problem: Problem,
    passes: Sequence[Sequence[Tube]],
    loose: Sequence[Tube],
    both: Sequence[Tube],
    settings: SorterSettings,
) -> Way:
    """Return the plan that sorts fast and loosely in yield mode, then each tube again in purity mode.

    Args:
        problem: The question.
        passes: Targets that are sorted at once in the first sort, pass by pass.
        loose: The same targets with loose gates, in any order.
        both: The same with what passes loose and tight gates, by :func:`panelopt.planning.second_sort.second_pass`.
        settings: How the sorter is run; the mode is that of each sort.
    """
    phi, share = frequencies(problem), events_share(problem) / len(passes)
    wide, twice = ({tube.name: tube for tube in tubes} for tubes in (loose, both))
    first = replace(settings, mode="yield")
    second = replace(settings, mode="purity")
    fast = FIRST_SORT_FACTOR * (settings.event_rate_hz or usual_rates(settings)[-1])
    fast = min(fast, settings.max_event_rate_hz or fast)
    runs, filled = [], []
    for number, tubes in enumerate(passes):
        runs.append(Run("yield", True, number, tuple(tube.name for tube in tubes), fast, share))
        for tube in tubes:
            content = tube_content(wide[tube.name], phi, first, fast)
            events = share * content.gated * (1 + content.passengers) * settings.recovery
            left = after_two_sorts(wide[tube.name], tube, twice[tube.name], phi)
            again, run = _second(tube, left, second, (events, share, problem.sample.cells), phi)
            run = replace(run, pass_number=number)
            runs.append(run)
            filled.append(again)
    return Way("two-sorts", problem, tuple(runs), tuple(filled))


def in_passes(tubes: Sequence[Tube], ways: int, *, apart: bool = False) -> tuple[tuple[Tube, ...], ...]:
    """Return the tubes in groups of at most ``ways``, in order.

    Args:
        tubes: Targets with their gates.
        ways: Tubes filled at once.
        apart: Whether tubes whose gates overlap go to different groups.
    """
    groups: list[list[Tube]] = []
    for tube in tubes:
        fitting = (g for g in groups if len(g) < ways and not (apart and any(overlap(tube, one) for one in g)))
        group = next(fitting, None)
        if group is None:
            groups.append([tube])
        else:
            group.append(tube)
    return tuple(map(tuple, groups))


def _second(
    tube: Tube, left: Amounts, settings: SorterSettings, sizes: tuple[float, float, float | None], phi: FloatArray
) -> tuple[Filled, Run]:
    """Return a tube after its second sort, and that run.

    Args:
        tube: Target and tight gates.
        left: What passes both sorts, per event of the first one.
        settings: How the sorter is run.
        sizes: Events of the run and part of the sample, for each cell of the sample, and cells in the sample.
        phi: (P,) share of each population among the events of the first sort.
    """
    events, share, cells = sizes
    arrived = share * settings.recovery
    gated = min(arrived * left.total / events, 1.0)
    demand = replace(settings, yield_min=settings.yield_min / settings.recovery)
    kept_by_gates = left.target / float(phi[tube.target])
    rate = chosen_rate(demand, {tube.name: gated}, {tube.name: kept_by_gates}, cells and cells * events)
    kept = survival(settings.mode, rate, settings.window_s, gated)
    deflected = arrived * left.target * kept
    content = replace(
        content_of(tube, left, phi),
        gated=gated,
        survival=kept,
        target_per_event=deflected / events,
        sort_yield=deflected / share / float(phi[tube.target]),
        abort_rate_hz=rate * gated * (1 - kept),
    )
    run = Run(settings.mode, False, 0, (tube.name,), rate, events)
    return Filled(content, deflected, deflected * settings.recovery), run
