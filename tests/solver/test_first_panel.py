"""A panel is shown at once to somebody who watches, and the search does not depend on it."""

from __future__ import annotations

import pytest

from panelopt.scoring import check_panel
from panelopt.solver.listener import SilentSolveListener
from panelopt.solver.search import Search
from panelopt.solver.stopping import EnoughFound
from tests.oracle.instances import random_instance


class Silent(SilentSolveListener):
    """Ends a search after its first objective."""

    def phase(self, name: str) -> None:
        """End the search."""
        if name == "sum":
            raise EnoughFound


class Watcher:
    """Notes what it is told of the first objective, then ends the search, or interrupts it after some panels."""

    def __init__(self, most: int | None = None) -> None:
        self.search: Search | None = None
        self.most = most
        self.worst: list[float] = []
        self.tables: list[int] = []

    def phase(self, name: str) -> None:
        """End the search."""
        Silent().phase(name)

    def bound(self, worst: float | None, total: float | None) -> None:
        """Ignore."""

    def improved(self, worst: float, total: float | None) -> None:  # noqa: ARG002  of the protocol
        """Note a panel."""
        assert self.search is not None
        self.worst.append(worst)
        self.tables.append(self.search.finders.tools.estimator.tables.tables.shape[1])
        if self.most == len(self.worst):
            raise KeyboardInterrupt


@pytest.mark.parametrize("conventional", [True, False], ids=["conventional", "spectral"])
def test_a_watched_search_finds_the_same(conventional: bool) -> None:
    instance = random_instance(3, conventional=conventional)
    alone, watcher = Search(instance, listener=Silent()), Watcher()
    watched = watcher.search = Search(instance, listener=watcher)
    outcomes = [search.run() for search in (alone, watched)]
    for name in ("best_worst", "bound_worst", "iterations", "deterministic_time", "rows", "constraints"):
        assert getattr(outcomes[1], name) == getattr(outcomes[0], name)
    assert list(watched.finders.scorer.known) == list(alone.finders.scorer.known)
    assert watcher.tables[0] == 0  # the first panel waits for no table
    assert watcher.worst == sorted(watcher.worst)


def test_a_panel_that_was_shown_is_not_lost() -> None:
    instance = random_instance(3, conventional=True)
    watcher = Watcher(most=1)
    watcher.search = Search(instance, listener=watcher)
    outcome = watcher.search.run()
    assert outcome.interrupted
    assert outcome.score is not None
    assert outcome.best_worst == outcome.score.worst == watcher.worst[0]
    assert not check_panel(instance, outcome.score.slots)
