"""Ways to sort a sample: in one step, with beads first, or twice; every number per cell of the sample.

In a second sort the same dyes are seen on the same cells. A cell that passes the tight gates is taken to have passed
the loose ones, so a second look rejects nothing that the tight gates let through: two sorts save time and cells that
coincidence would discard, they do not separate what the panel cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from panelopt.domain.problem import Problem
from panelopt.domain.sort_plan import PlanKind, SortMode
from panelopt.instance.arrays import FloatArray
from panelopt.planning.coincidence import survival
from panelopt.planning.overlap import overlap
from panelopt.planning.rates import chosen_rate, usual_rates
from panelopt.planning.run import SorterSettings, TubeContent, gated_share, tube_content
from panelopt.planning.sample import events_share, frequencies
from panelopt.planning.tube import Tube, amounts

LOOSE_FACTOR = 0.25
"""Model value: what a gate of a first sort costs the target, relative to the same gate of the second."""

FIRST_SORT_FACTOR = 2.0
"""Model value: a first sort in yield mode is run at so many times the event rate of a single sort."""


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
        """Seconds for each cell of the sample."""
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
        """Seconds on the sorter for each cell of the sample."""
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
    settings: SorterSettings,
) -> Way:
    """Return the plan that sorts fast and loosely in yield mode, then each tube again in purity mode.

    Args:
        problem: The question.
        passes: Targets that are sorted at once in the first sort, pass by pass.
        loose: The same targets with loose gates, in any order.
        settings: How the sorter is run; the mode is that of each sort.
    """
    phi, share = frequencies(problem), events_share(problem) / len(passes)
    wide = {tube.name: tube for tube in loose}
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
            again, run = _second(tube, phi, second, events, share, number, problem.sample.cells)
            runs.append(run)
            filled.append(again)
    return Way("two-sorts", problem, tuple(runs), tuple(filled))


def in_passes(tubes: Sequence[Tube], ways: int, *, apart: bool = False) -> tuple[tuple[Tube, ...], ...]:
    """Return the tubes in groups of at most ``ways``, in their order.

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
    tube: Tube, phi: FloatArray, settings: SorterSettings, events: float, share: float, number: int, cells: float | None
) -> tuple[Filled, Run]:
    """Return a tube after its second sort, and that run of ``events``; ``share`` of the sample is its pass's part."""
    left = amounts(tube, phi)
    arrived = share * settings.recovery
    gated = min(arrived * left.total / events, 1.0)
    demand = replace(settings, yield_min=settings.yield_min / settings.recovery)
    rate = chosen_rate(demand, {tube.name: gated}, {tube.name: tube.gate_yield}, cells and cells * events)
    kept = survival(settings.mode, rate, settings.window_s, gated)
    deflected = arrived * left.target * kept
    content = replace(
        tube_content(tube, phi, settings, rate),
        gated=gated,
        survival=kept,
        target_per_event=deflected / events,
        sort_yield=deflected / share / float(phi[tube.target]),
        abort_rate_hz=rate * gated * (1 - kept),
    )
    run = Run(settings.mode, False, number, (tube.name,), rate, events)
    return Filled(content, deflected, deflected * settings.recovery), run
