"""Reuse between searches with different demands on the same cells, cytometer and dyes.

Cuts depend on light and noise only. They stay valid under other demands as long as no slot is allowed that was not
allowed when they were found, since most of them hold "whatever joins". Scores stay valid while nothing has changed
that the choice of gates depends on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Cut, Lowered
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore
from panelopt.solver.panel_scorer import PanelScorer
from panelopt.solver.tools import Tools

if TYPE_CHECKING:
    from panelopt.solver.separator import Separator

NamedSlot = tuple[tuple[int, ...], str, int]
"""Markers, name of the dye, detector: a slot, independent of the dyes of an instance."""

STARTS = 40
"""Panels of earlier searches to start from, for each of the two objectives."""

_SAME = (
    *("population", "marker", "detector", "role", "phi", "abc", "cv", "autofluorescence_factor", "autofluorescence"),
    *("background", "excess", "electronic", "proportional", "no_above", "conventional", "eps", "leak", "delta"),
    *("cv_autofluorescence", "unknown_abc", "unknown_cv", "marker_list", "purity_goal", "leak_total", "viability"),
    "max_spillover",
)
"""Fields of an instance on which claims depend, besides the signatures of the dyes."""

_SAME_GATES = ("dye", "yield_min", "max_gates", "max_share", "require_goal")
"""Further fields on which the choice of gates and the dye numbers in a score depend."""


@dataclass(frozen=True, slots=True)
class _Memory:
    """Findings of one search.

    Attributes:
        instance: Its question.
        tools: Its tools.
        names: Its options.
        tolerance: Tolerance with which its panels were scored.
        rows, lowered: Its cuts.
        panels: Panels that have a score.
        scores: Their scores.
    """

    instance: Instance
    tools: Tools
    names: tuple[NamedSlot, ...]
    tolerance: float
    rows: tuple[Cut, ...]
    lowered: tuple[Lowered, ...]
    panels: tuple[tuple[NamedSlot, ...], ...]
    scores: tuple[PanelScore, ...]


class SearchCache:
    """Collects the findings of searches for later ones."""

    def __init__(self) -> None:
        self._memories: list[_Memory] = []

    def tools(self, instance: Instance, options: CandidateSlots) -> Tools:
        """Return the tools of an earlier search for the same options, or new ones."""
        names = _names(instance, options)
        for memory in self._related(instance):
            if memory.names == names and _alike(memory.instance, instance, _SAME_GATES):
                return memory.tools.under_names_of(options)
        return Tools(instance, options)

    def starts(self, instance: Instance, options: CandidateSlots) -> list[tuple[SlotIndex, ...]]:
        """Return the best panels of earlier searches that the options allow."""
        known = dict(zip(_names(instance, options), options.slots, strict=True))
        found = {
            tuple(known[name] for name in panel): score
            for memory in self._related(instance)
            for panel, score in zip(memory.panels, memory.scores, strict=True)
            if all(name in known for name in panel)
        }
        by_worst = sorted(found, key=lambda panel: -found[panel].worst)[:STARTS]
        by_total = sorted(found, key=lambda panel: -found[panel].total)[:STARTS]
        return list(dict.fromkeys([*by_worst, *by_total]))

    def remember(self, instance: Instance, scorer: PanelScorer) -> None:
        """Give a new search the scores that are valid for it."""
        for memory in self._related(instance):
            if memory.tolerance == scorer.tolerance and _alike(memory.instance, instance, _SAME_GATES):
                scorer.remember(memory.scores)

    def apply(self, instance: Instance, options: CandidateSlots, separator: Separator, scorer: PanelScorer) -> None:
        """Give a new search the cuts and scores that are valid for it."""
        self.remember(instance, scorer)
        place = {name: o for o, name in enumerate(_names(instance, options))}
        for memory in self._related(instance):
            if place.keys() <= set(memory.names):
                now = [place.get(name, -1) for name in memory.names]
                rows = (_row_now(row, now) for row in memory.rows)
                lowered = [_lowered_now(bounds, now) for bounds in memory.lowered]
                separator.reuse([row for row in rows if row is not None], lowered)

    def record(self, instance: Instance, tools: Tools, separator: Separator, scorer: PanelScorer) -> None:
        """Keep the findings of a search."""
        names = _names(instance, tools.options)
        scored = [(one.key, one.score) for one in scorer.known.values() if one.score is not None]
        self._memories.append(
            _Memory(
                instance=instance,
                tools=tools,
                names=names,
                tolerance=scorer.tolerance,
                rows=tuple(separator.rows),
                lowered=tuple(separator.lowered),
                panels=tuple(tuple(names[o] for o in key) for key, _ in scored),
                scores=tuple(score for _, score in scored),
            )
        )

    def _related(self, instance: Instance) -> list[_Memory]:
        return [memory for memory in self._memories if _speaks_of(memory.instance, instance)]


def _names(instance: Instance, options: CandidateSlots) -> tuple[NamedSlot, ...]:
    return tuple((slot.markers, instance.dye[slot.dye], slot.detector) for slot in options.slots)


def _speaks_of(one: Instance, other: Instance) -> bool:
    """Whether two instances describe the same cells, cytometer and light."""
    if not _alike(one, other, _SAME):
        return False
    here = {dye: f for f, dye in enumerate(one.dye)}
    common = [(here[dye], f) for f, dye in enumerate(other.dye) if dye in here]
    return all(np.array_equal(one.signal[:, a], other.signal[:, b]) for a, b in common)


def _alike(one: Instance, other: Instance, names: Sequence[str]) -> bool:
    return all(_equal(getattr(one, name), getattr(other, name)) for name in names)


def _equal(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    return one == other


def _row_now(row: Cut, now: Sequence[int]) -> Cut | None:
    """Return a cut with current option numbers, or None if a slot that it names is gone."""
    fixed = tuple(tuple(now[o] for o in group if now[o] >= 0) for group in row.fixed)
    if not all(fixed):
        return None
    return replace(row, fixed=fixed, reduction=tuple((now[o], less) for o, less in row.reduction if now[o] >= 0))


def _lowered_now(lowered: Lowered, now: Sequence[int]) -> Lowered:
    stay = [place for place, o in enumerate(lowered.members) if now[o] >= 0]
    members = tuple(now[lowered.members[place]] for place in stay)
    return replace(lowered, members=members, bounds=lowered.bounds[stay])
