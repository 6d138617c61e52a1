"""Goals that a panel misses, and what would reach them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from panelopt.domain.problem_record import Problem
from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance
from panelopt.planning.beads import BEAD_FOLD, KNOWN_BEADS
from panelopt.planning.remedies import Beads, FurtherMarker, beads_needed, further_marker
from panelopt.planning.second_sort import purity_sorted_twice
from panelopt.planning.tube import tubes_of
from panelopt.scoring import PanelScore, ViewScore


def target_name(instance: Instance, view: ViewScore) -> str:
    """Return the name of a tube: its target and, in marker lists, the marker concerned."""
    name = instance.population[view.view.target]
    return name if view.view.marker is None else f"{name}: {instance.marker[view.view.marker]}"


def sorted_twice(instance: Instance, score: PanelScore) -> tuple[float | None, ...]:
    """Return the expected purity of each tube after a second sort through the same gates; None in marker lists."""
    if instance.marker_list:
        return (None,) * len(score.views)
    tubes = enumerate(tubes_of(instance, score))
    return tuple(purity_sorted_twice(instance, score, number, tube, instance.phi) for number, tube in tubes)


@dataclass(frozen=True, slots=True)
class Missing:
    """Tubes that miss the goal and share a remedy.

    Attributes:
        instance: The question.
        views: The tubes.
        twice: Expected purity of each after a second sort.
        beads: Beads with which all of them reach the goal; None if there are none.
        further: Marker whose addition helps; None if there is none.
        is_sought: Whether a further marker was searched for.
    """

    instance: Instance
    views: tuple[ViewScore, ...]
    twice: tuple[float, ...]
    beads: Beads | None
    further: FurtherMarker | None
    is_sought: bool

    def remedies(self) -> str:
        """Return what would reach the goal, with numbers, or that nothing would."""
        ways = [*self._beads(), *self._second_sort(), *self._marker()]
        if any(reaches for _, reaches in ways):
            ways.sort(key=lambda way: not way[1])
            return " ".join(text for text, _ in ways)
        nothing = f"no beads for a marker of {'these targets' if len(self.views) > 1 else 'this target'}"
        if self.is_sought and self.further is None:
            nothing += ", no further marker of the problem"
        return f"No remedy reaches {self._goal}: {nothing}. {' '.join(text for text, _ in ways)}"

    def miss(self) -> str:
        """Return by how much the goal is missed, and the limiting contaminants."""
        values = self._listed([view.purity_at_least for view in self.views])
        return f"The panel alone guarantees a purity of {values}, limited by {_limits(self)}"

    @property
    def _goal(self) -> str:
        return f"the goal of {100 * self.instance.purity_goal:g} %"

    def _beads(self) -> Iterable[tuple[str, bool]]:
        if self.beads is None:
            return
        marker, stated, fold = self.beads.marker, self.beads.stated, _rounded_up(self.beads.fold)
        text = f"Enriching {marker} at least {fold:,g}-fold before the sort"
        if stated is not None:
            text += f" instead of {stated:g}-fold"
        text += f" reaches {self._goal} in the model"
        known = BEAD_FOLD if marker == KNOWN_BEADS else None
        if known is not None and fold > known:
            text += f" (known beads for {marker} reach {known:g}-fold)"
        yield f"{text}.", True

    def _second_sort(self) -> Iterable[tuple[str, bool]]:
        reaches, end = self._enough(self.twice)
        yield f"A second sort through the same gates is expected to reach a purity of {end}", reaches

    def _marker(self) -> Iterable[tuple[str, bool]]:
        if self.further is None:
            return
        views = {view.view.target: view for view in self.further.score.views}
        slot = self.further.slot
        text = f"Adding {self.instance.marker[slot.markers[0]]} in {self.instance.dye[slot.dye]}"
        if self.further.has_too_many_colours:
            text += f", one colour more than max_colours = {self.instance.max_colours},"
        reaches, end = self._enough([views[view.view.target].purity_at_least for view in self.views])
        yield f"{text} guarantees a purity of {end}", reaches

    def _enough(self, purities: Sequence[float]) -> tuple[bool, str]:
        """Return whether purities reach the goal, and the end of a sentence about them."""
        reaches = all(purity >= self.instance.purity_goal for purity in purities)
        return reaches, self._listed(purities) + ("." if reaches else ", which is not enough.")

    def _listed(self, purities: Sequence[float]) -> str:
        return _joined(
            [
                f"{_percent(purity)} ({target_name(self.instance, view)})"
                for view, purity in zip(self.views, purities, strict=True)
            ]
        )


def missed_goals(
    problem: Problem,
    instance: Instance,
    score: PanelScore,
    twice: Sequence[float | None],
    tolerance: float,
    *,
    search: bool = True,
) -> Iterable[Finding]:
    """Yield a finding for targets whose guaranteed purity misses the goal: the limiting cells; hint: what would help.

    Targets with the same remedy share a finding.

    Args:
        problem: The problem that ``instance`` was compiled from.
        instance: The question.
        score: The scored panel.
        twice: Expected purity of each tube as of :func:`sorted_twice`.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
        search: Whether to search for a further marker.
    """
    for group in missing(problem, instance, score, twice, tolerance, search=search):
        yield Finding("goal-missed", group.miss(), problem.id, group.remedies())


def missing(
    problem: Problem,
    instance: Instance,
    score: PanelScore,
    twice: Sequence[float | None],
    tolerance: float,
    *,
    search: bool = True,
) -> tuple[Missing, ...]:
    """Return the tubes that miss the goal, grouped by remedy; for the arguments see :func:`missed_goals`."""
    numbers = [n for n, view in enumerate(score.views) if view.purity_at_least < instance.purity_goal]
    if instance.marker_list or not numbers:
        return ()
    further = further_marker(instance, score, tolerance) if search else None

    def group(chosen: Sequence[int], beads: Beads | None) -> Missing:
        views = tuple(score.views[n] for n in chosen)
        return Missing(instance, views, tuple(twice[n] or 0.0 for n in chosen), beads, further, search)

    def beads_for(chosen: Sequence[int]) -> Beads | None:
        return beads_needed(problem, instance, [score.views[n] for n in chosen], KNOWN_BEADS)

    together = beads_for(numbers)
    if together is not None or len(numbers) == 1:
        return (group(numbers, together),)
    alone = {n: beads_for([n]) for n in numbers}
    helped = [group([n], beads) for n, beads in alone.items() if beads is not None]
    others = [n for n, beads in alone.items() if beads is None]
    return (*helped, group(others, None)) if others else tuple(helped)


def _limits(missed: Missing) -> str:
    """Return the limiting contaminants, without repetition."""
    found: dict[str, None] = {}
    for view in missed.views:
        worst = int(np.argmin(view.rho))
        kind = "doublets" if view.doublet[worst] < view.single[worst] else "single cells"
        found[f"{missed.instance.population[view.view.contaminants[worst]]} ({kind})"] = None
    return _joined(list(found))


def _joined(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _rounded_up(fold: float) -> float:
    """Return a fold rounded up to two digits."""
    unit = 10.0 ** (math.floor(math.log10(fold)) - 1)
    return math.ceil(fold / unit - 1e-9) * unit
