"""Certificates against the exact noise and the exact claims of panels: none may be too strict."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds.certificate import Certifier
from panelopt.bounds.certificate_rows import CertificateFinder
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options, list_options
from panelopt.bounds.rows import Excess
from panelopt.instance import Instance
from panelopt.scoring.light import panel_light
from panelopt.scoring.score import panel_claims
from panelopt.solver.local import most_slots
from tests.bounds.test_validity import random_panel, strong

SEEDS = range(40)


def sd_of_first(instance: Instance, options: Options, panel: list[int]) -> np.ndarray | None:
    """(T, P) exact noise of the first slot of a panel."""
    light = panel_light(instance, [options.slots[o] for o in panel])
    return None if light is None else light.sd[:, :, 0]


def test_information_of_a_part_bounds_the_noise_of_every_panel_around_it() -> None:
    rng = np.random.default_rng(3)
    checks, tight = 0, 0
    for seed in SEEDS:
        instance = strong(seed, conventional=True)
        options = list_options(instance)
        certifier = Certifier(instance, options, SubsetNoise(instance, options), most_slots(instance))
        everyone = list(range(len(instance.population)))
        for _ in range(12):
            panel = [int(o) for o in rng.permutation(random_panel(options, instance, rng))]
            exact = sd_of_first(instance, options, panel)
            part = panel[: int(rng.integers(1, len(panel) + 1))]
            rest = [o for o in panel if o not in part]
            for view in range(len(instance.views)):
                found = certifier.interference(part, view, everyone)
                if exact is None or found is None:
                    continue
                largest = max((found.size[o] for o in rest), default=0.0)
                allowed = found.joinable & (found.size <= largest)
                assert all(allowed[o] for o in rest)
                least = 1 / np.sqrt(certifier.information(part, found, allowed))
                assert (least <= exact[view] * (1 + 1e-9)).all(), (seed, part, rest)
                checks += least.size
                tight += int((least > 0.5 * exact[view]).sum())
    assert checks > 1000
    assert tight > checks / 10  # a limit of zero would be valid as well


def test_certified_claims_hold_for_other_panels_without_blockers() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for seed in SEEDS:
        instance = strong(seed, conventional=True)
        options = list_options(instance)
        finder = CertificateFinder(instance, options, SubsetNoise(instance, options), most_slots(instance))
        for _ in range(2):
            panel = random_panel(options, instance, rng)
            judged = panel_claims(instance, [options.slots[o] for o in panel])
            if judged is None:
                continue
            for view, claims in enumerate(judged[1]):
                held += _check_gates(instance, options, finder, panel, view, claims.question.claims, rng)
    assert held > 500


def _check_gates(
    instance: Instance,
    options: Options,
    finder: CertificateFinder,
    panel: list[int],
    view: int,
    claims: np.ndarray,
    rng: np.random.Generator,
) -> int:
    held = 0
    contaminants = tuple(range(claims.shape[2]))
    for s, option in enumerate(panel):
        side = 1 if options.slots[option].is_dump else int(rng.integers(3))
        exact = claims[s, side]
        limit = finder.find(panel, Excess(view, option, side, contaminants, exact, exact + 1.0))
        if limit is None:
            continue
        assert (limit.limit >= exact - 1e-9).all()
        for _ in range(2):
            other = random_panel(options, instance, rng, limit.fixed)
            judged = panel_claims(instance, [options.slots[o] for o in other])
            if judged is None:
                continue
            kept = judged[1][view].question.claims[other.index(option), side]
            bound = limit.otherwise if set(limit.blockers) & set(other) else limit.limit
            assert (kept <= bound + 1e-9).all()
            held += 1
    return held


@pytest.mark.parametrize("seed", [1, 2])
def test_a_whole_panel_is_certified_at_its_own_noise(seed: int) -> None:
    instance = strong(seed, conventional=True)
    options = list_options(instance)
    panel = random_panel(options, instance, np.random.default_rng(seed))
    certifier = Certifier(instance, options, SubsetNoise(instance, options), len(panel))
    exact = sd_of_first(instance, options, panel)
    assert exact is not None
    for view in range(len(instance.views)):
        found = certifier.interference(panel, view, list(range(len(instance.population))))
        assert found is not None
        assert 1 / np.sqrt(found.information) == pytest.approx(exact[view], rel=1e-9)
