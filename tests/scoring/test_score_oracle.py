"""The score of panels against the second implementation, number by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from panelopt.domain.problem_record import Problem
from panelopt.instance import Instance, SlotIndex
from panelopt.instance.compile import compile_instance
from panelopt.io.instance_npz import arrays
from panelopt.scoring import check_panel, score_panel
from tests import builders
from tests.oracle.answers import Panel, panels_of, tuples
from tests.oracle.enumeration import all_panels
from tests.oracle.instances import random_instance, random_list, with_limits
from tests.oracle.light import readable
from tests.oracle.score import score

CLOSE = 1e-8
TOLERANCES = (0.0, 0.02, 0.5)
KINDS = ("conventional", "spectral", "conventional list", "spectral list")


def compare(instance: Instance, slots: Panel, tolerance: float = 0.02) -> bool:
    """Assert that both implementations agree; return whether the panel has a score."""
    goal = instance.purity_goal if instance.require_goal else 0.0
    ours, theirs = score_panel(instance, slots, tolerance), score(arrays(instance), tuples(slots), tolerance, goal)
    assert (ours is None) == (theirs is None)
    if ours is None or theirs is None:
        return False
    assert ours.worst == pytest.approx(theirs.worst, abs=CLOSE)
    assert ours.total == pytest.approx(theirs.total, abs=CLOSE)
    assert ours.gate_count == theirs.gate_count
    for mine, other in zip(ours.views, theirs.targets, strict=True):
        assert mine.gates == other.gates
        for name in ("single", "doublet", "rho"):
            assert np.allclose(getattr(mine, name), getattr(other, name), rtol=0, atol=CLOSE)
        assert mine.gate_yield == pytest.approx(other.gate_yield, abs=1e-12)
        assert mine.purity == pytest.approx(other.purity, abs=CLOSE)
        assert mine.purity_at_least == pytest.approx(other.purity_at_least, abs=CLOSE)
        assert mine.odds_at_least == pytest.approx(other.odds, abs=CLOSE)
    return True


def question(seed: int, kind: str) -> Instance:
    """A random question; every second one with further demands."""
    conventional, markers = kind.startswith("conventional"), 4 if seed % 7 == 0 else 3
    if kind.endswith("list"):
        return random_list(seed, conventional=conventional, markers=3)
    instance = random_instance(seed, conventional=conventional, markers=markers)
    return with_limits(instance, seed)[0] if seed % 2 else instance


def compared(seeds: Iterable[int], kind: str, most: int) -> Iterator[bool]:
    """Compare up to ``most`` panels of each question."""
    for seed in seeds:
        instance = question(seed, kind)
        panels = list(panels_of(instance))
        for n, place in enumerate(np.random.default_rng(seed).permutation(len(panels))[:most]):
            yield compare(instance, panels[place], TOLERANCES[(seed + n) % len(TOLERANCES)])


@pytest.mark.parametrize("kind", KINDS)
def test_random_panels(kind: str) -> None:
    judged = list(compared(range(200, 230), kind, 2))
    assert sum(judged) > 30
    assert kind.endswith("list") or not all(judged)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_all_panels(kind: str) -> None:
    judged = list(compared(range(1000, 1150), kind, 10**6))
    assert sum(judged) > 1000


def test_every_feature_takes_part() -> None:
    """Of the questions above, at least five have each feature on which the score depends."""
    questions = [question(seed, kind) for seed in range(200, 230) for kind in KINDS[:2]]
    features = {
        "dump": [any(slot.is_dump for panel in panels_of(one) for slot in panel) for one in questions],
        "unknown": [bool(np.isnan(one.abc).any()) for one in questions],
        "cut": [bool(one.no_above.any()) for one in questions],
        "dead": ["dead" in one.population for one in questions],
        "live gate": [bool(one.viability.any()) for one in questions],
        "no live gate": [not one.viability.any() for one in questions],
        "wide": [bool(np.nanmax(one.cv) > 1) for one in questions],
        "strict": [one.eps > 0.1 for one in questions],
        "no total leak": [one.leak_total == 0 for one in questions],
        "large total leak": [one.leak_total == 1e-3 for one in questions],
        "several targets": [one.role.count("target") > 1 for one in questions],
        "no doublets": [one.delta == 0 for one in questions],
    }
    assert {name: sum(found) for name, found in features.items() if sum(found) < 5} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_dyes_are_read_where_the_oracle_reads_them(kind: str) -> None:
    """What the package allows, panel by panel, on detectors of any kind."""
    allowed = tried = 0
    for seed in range(200, 230):
        instance = question(seed, kind)
        known = set(panels_of(instance))
        rng = np.random.default_rng(seed)
        others = {anything(rng, instance) for _ in range(100)}
        assert [panel for panel in known if check_panel(instance, panel)] == []
        assert [panel for panel in others - known if not check_panel(instance, panel)] == []
        allowed, tried = allowed + len(known), tried + len(others)
    assert min(allowed, tried) > 250


def anything(rng: np.random.Generator, instance: Instance) -> Panel:
    """A panel of one or two products, on any detectors."""
    products = np.argwhere(instance.available)
    chosen = products[rng.permutation(len(products))[: rng.integers(1, 3)]].tolist()
    places = rng.integers(0, len(instance.detector), len(chosen)).tolist()
    return tuple(sorted(SlotIndex((m,), f, d) for (m, f), d in zip(chosen, places, strict=True)))


def test_a_marker_that_an_enzyme_cuts_gets_no_gate_in_a_marker_list() -> None:
    problem = builders.marker_list({"CD73": "bright", "CD271": "bright"}, sample={"dissociation": "trypsin"})
    instance = compiled(problem)
    slots = (SlotIndex((0,), 0, 0), SlotIndex((1,), 3, 3))
    found = score_panel(instance, slots)
    assert found is not None
    assert [view.gates for view in found.views] == [(), ((1, 0),)]


@pytest.mark.parametrize("conventional", [True, False])
def test_compiled_problems_with_beads_and_dead_cells(conventional: bool) -> None:
    sample = {
        "dead_fraction": 0.2,
        "dissociation": "collagenase",
        "enrichment": {"marker": "CD271", "fold": 50, "recovery": 0.6},
    }
    marker = [{"name": name} for name in builders.MARKERS]
    marker[2]["role"] = marker[3]["role"] = "dump"
    problem = builders.problem(sample=sample, marker=marker)
    instance = compiled(problem, unmixing="compensation" if conventional else "spectral")
    assert instance.population[-3:] == ("dead msc-pos", "dead msc-neg", "dead")
    panels = list(all_panels(arrays(instance)))
    rng = np.random.default_rng(1)
    for place in rng.permutation(len(panels))[:12]:
        slots = tuple(SlotIndex(*slot) for slot in panels[place])
        assert check_panel(instance, slots) == ()
        compare(instance, slots)


def compiled(problem: Problem, brightness: float = 1.0, **machine: object) -> Instance:
    """The instance of a problem; ``brightness`` is that of FITC, in photoelectrons per antibody."""
    parts = (builders.cytometer(**machine), [builders.catalog([m.name for m in problem.marker])])
    others = [dye for dye in builders.fluorochromes() if dye.name != "FITC"]
    dyes = [*others, builders.fluorochrome("FITC", *builders.DYES["FITC"], brightness)]
    return compile_instance(problem, *parts, dyes, builders.autofluorescence()).instance


@pytest.mark.parametrize("lock", [None, "", "B530", "B575"])
@pytest.mark.parametrize("brightness", [1.0, 1e-3])
@pytest.mark.parametrize("conventional", [True, False])
def test_compiled_readings(conventional: bool, brightness: float, lock: str | None) -> None:
    """Own light and visible, and the lock that may break both, from light and noise alone."""
    locked = [] if lock is None else [{"marker": "CD45", "fluorochrome": "FITC", "detector": lock}]
    unmixing = "compensation" if conventional else "spectral"
    instance = compiled(builders.problem(locked=locked), brightness, unmixing=unmixing)
    wanted, fitc = readable(arrays(instance)), instance.dye.index("FITC")
    assert wanted[:, fitc].any() == (brightness == 1 or lock is not None)
    if conventional:
        assert np.array_equal(instance.allowed, wanted)
        assert wanted[instance.detector.index("B575"), fitc] == (lock == "B575")
    else:
        best = np.argmax(instance.signal, axis=0), np.arange(len(instance.dye))
        assert np.array_equal(instance.allowed[best], wanted[best])
