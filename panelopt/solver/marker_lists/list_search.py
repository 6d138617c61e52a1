"""Local search for marker lists: changed dyes, exchanges between markers, and rebuilding several slots at once.

Every marker has exactly one slot, so a panel is an assignment of dyes to markers. Neighbours are ranked by the fast
estimate, and the best few are estimated fully.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import islice

import numpy as np

from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.solver.marker_lists.list_builder import ListBuilder, Merit, Panel, as_key
from panelopt.solver.marker_lists.list_screen import ListScreen, Near

_CONFIRMED = 4  # neighbours per slot that are estimated fully
_EXCHANGES = 12  # exchanges estimated fully: for a bright marker the fast estimate is too low
_LEAST_RUIN, _MOST_RUIN = 4, 12  # slots removed before rebuilding
_KICK_SHARE = 16  # a panel of n slots is ruined and rebuilt n^2 / 16 times in a round
_IDLE = 3  # rounds without gain before a restart
_MEMORY = 8  # late acceptance: a rebuilt panel is kept if as good as the one this many steps ago
_GAIN = 1e-9


class ListSearch:
    """Moves between panels of a simple marker list.

    Args:
        builder: Completes partial panels; knows slots, estimates and rules.
    """

    def __init__(self, builder: ListBuilder) -> None:
        self.builder = builder
        self.options = builder.options
        self.estimator = builder.estimator
        self.random = builder.random
        self._allowed = builder.allowed
        self._exclusions = builder.exclusions
        self._option = self.builder.option
        self._of_marker = self.builder.of_marker
        self._alike = cosine_similarity(self.estimator.instance.signal)

    # ---- climbing

    def climb(
        self,
        panel: Panel,
        merit: Merit,
        stop: Callable[[], bool],
        first: Collection[int] = (),
        least: float = -np.inf,
    ) -> tuple[Panel, float]:
        """Return a panel that no change of one dye and no exchange improves, and its merit.

        Args:
            panel: Where to begin.
            merit: What to maximise.
            stop: Whether time is up.
            first: Markers whose dyes are changed first, e.g. those rebuilt.
            least: Merit that must be reached by changing these; otherwise the climb ends there.
        """
        value = float(merit(self.estimator.rho(np.array([panel])))[0]) if self._allowed(panel) else -np.inf
        screen = ListScreen(self.estimator, panel)
        blockers = self._blockers(panel)
        turns = deque(sorted(range(len(panel)), key=lambda i: (screen.marker[i] not in first, screen.rho[i])))
        early, quiet = len(first), 0
        while not stop():
            if early and quiet == early:
                if value < least:
                    break
                early = 0
            if quiet < len(panel):
                slot = turns[quiet] if early else turns[0]
                found = self._replacement(screen, blockers, slot, merit, value)
                quiet += 1
                if not early:
                    turns.rotate(-1)
            else:
                found = self._exchange(screen, merit, value)
                if found is None:
                    break
            if found is not None:
                (panel, value), quiet = found, 0
                screen, blockers = ListScreen(self.estimator, panel), self._blockers(panel)
        return panel, value

    def _blockers(self, panel: Panel) -> np.ndarray:
        """Return (O,) how many slots of a panel each option conflicts with."""
        return np.asarray(self._exclusions.rows(panel).sum(axis=0, dtype=np.int16))

    def _replacement(
        self, screen: ListScreen, blockers: np.ndarray, slot: int, merit: Merit, value: float
    ) -> tuple[Panel, float] | None:
        """Return the best panel with another dye for one marker, if it is better."""
        old = screen.panel[slot]
        offers = self._of_marker[screen.marker[slot]]
        joiners = offers[(blockers[offers] == self._exclusions.rows([old], offers)[0]) & (offers != old)]
        if joiners.size == 0:
            return None
        near = screen.replaced(slot, self.options.dye[joiners])
        panels = np.repeat(screen.panel[None], joiners.size, axis=0)
        panels[:, slot] = joiners
        return self._confirm(panels, near, merit, value)

    def _exchange(self, screen: ListScreen, merit: Merit, value: float) -> tuple[Panel, float] | None:
        """Return the best panel with the dyes of two markers exchanged, if it is better."""
        n = screen.panel.size
        first, second = np.triu_indices(n, 1)
        dye = self.options.dye[screen.panel]
        possible = (self._option[screen.marker[first], dye[second]] >= 0) & (
            self._option[screen.marker[second], dye[first]] >= 0
        )
        first, second = first[possible], second[possible]
        if first.size == 0:
            return None
        orders = np.repeat(np.arange(n)[None], first.size, axis=0)
        each = np.arange(first.size)
        orders[each, first], orders[each, second] = second, first
        panels = self._option[screen.marker[orders], dye]
        return self._confirm(panels, screen.permuted(orders), merit, value, _EXCHANGES)

    def _confirm(
        self, panels: np.ndarray, near: Near, merit: Merit, value: float, doubted: int = 0
    ) -> tuple[Panel, float] | None:
        """Return the best of the neighbours that the fast estimate prefers, if the full estimate confirms it.

        The first ``doubted`` are estimated fully even if the fast estimate finds them no better.
        """
        guess = merit(near.rho)
        ranked = enumerate(np.argsort(-guess, kind="stable"))
        promising = (as_key(panels[i]) for rank, i in ranked if rank < doubted or guess[i] > value + _GAIN)
        chosen = list(islice((panel for panel in promising if self._allowed(panel)), max(_CONFIRMED, doubted)))
        if not chosen:
            return None
        merits = merit(self.estimator.rho(np.array(chosen)))
        top = int(np.argmax(merits))
        return (chosen[top], float(merits[top])) if merits[top] > value + _GAIN else None

    # ---- ruin and recreate

    def explore(self, start: Panel, merit: Merit, rounds: int, stop: Callable[[], bool]) -> Iterator[Panel]:
        """Yield a local optimum, then ever better panels from rounds of ruin and recreate, with restarts.

        Args:
            start: Where to begin.
            merit: What to maximise.
            rounds: Most rounds.
            stop: Whether time is up.
        """
        panel, value = self.climb(start, merit, stop)
        yield panel
        best, idle = value, 0
        for _ in range(rounds):
            if stop():
                return
            panel, reached = self._improve(panel, value, merit, stop)
            idle, value = 0 if reached > value + _GAIN else idle + 1, reached
            if value > best + _GAIN:
                best = value
                yield panel
            if idle == _IDLE and (fresh := self.builder.build((), merit)) is not None:
                panel, value = self.climb(fresh, merit, stop)
                idle = 0

    def _improve(self, panel: Panel, value: float, merit: Merit, stop: Callable[[], bool]) -> tuple[Panel, float]:
        """Return the best of a chain of ruined and rebuilt panels, longer for larger panels."""
        best, best_value = panel, value
        memory = [value] * _MEMORY
        for kick in range(max(1, len(panel) ** 2 // _KICK_SHARE)):
            if stop():
                break
            kept = self._ruined(panel)
            rebuilt = self.builder.build(kept, merit)
            if rebuilt is None:
                continue
            fresh = set(self.estimator.marker[sorted({*rebuilt} - {*kept})].tolist())
            least = min(value, memory[kick % _MEMORY])
            candidate, reached = self.climb(rebuilt, merit, stop, fresh, least)
            if reached >= least:
                panel, value = candidate, reached
            memory[kick % _MEMORY] = value
            if value > best_value + _GAIN:
                best, best_value = panel, value
        return best, best_value

    def _ruined(self, panel: Panel) -> Panel:
        """Return the panel without some slots: random ones, or those with dyes similar to one, often the worst."""
        n = len(panel)
        size = int(self.random.integers(min(_LEAST_RUIN, n), min(_MOST_RUIN, n) + 1))
        way = self.random.random()
        if way < 0.3:
            removed = self.random.permutation(n)[:size]
        else:
            rho = self.estimator.rho(np.array([panel]))[0]
            seed = int(np.argmin(rho)) if way < 0.6 else int(self.random.integers(n))
            dye = self.options.dye[list(panel)]
            closeness = self._alike[dye[seed], dye] + 0.3 * self.random.random(n)
            closeness[seed] = np.inf
            removed = np.argsort(-closeness, kind="stable")[:size]
        gone = {int(i) for i in removed}
        return tuple(o for i, o in enumerate(panel) if i not in gone)
