"""The estimates that guide the local search, over the neighbours of a panel."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks.subject import Subject
from panelopt import api
from panelopt.solver.local import LocalSearch
from panelopt.solver.marker_lists.list_screen import ListScreen

BATCH = 384


def test_estimates(benchmark, subject: Subject) -> None:
    estimator, panel = subject.estimator, subject.panel
    near = LocalSearch(subject.instance, subject.options, estimator, 0).neighbours(panel)
    panels = np.array([p for p in near if len(p) == len(panel)][:BATCH])
    estimator.estimate(panels)  # fills the tables of claims, which are kept
    worst, _ = benchmark(estimator.estimate, panels)
    if benchmark.stats is not None:
        benchmark.extra_info["panels_per_s"] = len(panels) / benchmark.stats["median"]
    benchmark.extra_info.update(panels=len(panels), slots=len(panel))
    assert worst.shape == (len(panels),)


def test_screen_of_a_marker_list(benchmark) -> None:
    """Every other dye of every marker, and every exchange of dyes, near one panel."""
    subject = Subject(read=lambda: api.load("general-msc-identity", cytometer="aurora-5l"))
    options, lists, panel = subject.options, subject.estimator.lists, subject.panel
    assert lists is not None
    dyes = [options.dye[lists.marker == lists.marker[o]] for o in panel]
    pairs = list(itertools.combinations(range(len(panel)), 2))
    orders = np.array([[j if s == i else i if s == j else s for s in range(len(panel))] for i, j in pairs])

    def near() -> int:
        screen = ListScreen(lists, panel)
        return sum(len(screen.replaced(i, some).rho) for i, some in enumerate(dyes)) + len(screen.permuted(orders).rho)

    count = benchmark(near)
    if benchmark.stats is not None:
        benchmark.extra_info["panels_per_s"] = count / benchmark.stats["median"]
    benchmark.extra_info.update(panels=count, slots=len(panel))
    assert count == sum(len(some) for some in dyes) + len(pairs)
