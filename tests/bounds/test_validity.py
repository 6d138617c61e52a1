"""Limits from parts of a panel against the exact values of the panel: no limit may be too strict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.claim_bounds import claim_bounds, gate_bounds
from panelopt.bounds.subset_cuts import ClaimViolation, SubsetCutFinder
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance import Instance
from panelopt.scoring.panel_score import panel_claims
from panelopt.scoring.view_claims import ViewClaims
from tests.oracle.instances import random_instance


def random_panel(
    options: CandidateSlots, instance: Instance, rng: np.random.Generator, start: Sequence[int] = ()
) -> list[int]:
    """A panel around `start` that puts each dye, marker and (conventional) detector to use at most once.

    No dye of it outshines another one on its detector.
    """
    chosen: list[int] = list(start)
    most = len(instance.detector) - int(instance.has_autofluorescence_column)
    for o in rng.permutation(len(options.slots)):
        slot = options.slots[o]
        others = [options.slots[i] for i in chosen]
        clash = any(
            slot.dye == other.dye
            or set(slot.markers) & set(other.markers)
            or (slot.is_dump and other.is_dump)
            or (instance.conventional and slot.detector == other.detector)
            or instance.outshines(slot.dye, slot.detector)[other.detector]
            or instance.outshines(other.dye, other.detector)[slot.detector]
            for other in others
        )
        if not clash and len(chosen) < most:
            chosen.append(int(o))
    return sorted(chosen, key=lambda o: options.slots[o])


def usable_claims(claims: ViewClaims) -> np.ndarray:
    """(slot, side, contaminant) what gates claim; nothing on sides that no gate of the target may have."""
    return np.where(claims.question.usable[:, :, None], claims.question.claims, 0.0)


def strong(seed: int, *, conventional: bool) -> Instance:
    base = random_instance(seed, conventional=conventional, markers=5, dyes=6)
    return replace(base, autofluorescence=base.autofluorescence * (5.0 if conventional else 1.0))


def checks(seed: int, conventional: bool, subsets: int) -> tuple[int, list[str]]:
    """Number of comparisons, and those where a limit lies above an exact noise or below an exact claim."""
    instance = strong(seed, conventional=conventional)
    rng = np.random.default_rng([seed, 5])
    options = list_options(instance)
    noise = SubsetNoise(instance, options)
    panel = random_panel(options, instance, rng)
    judged = panel_claims(instance, [options.slots[o] for o in panel]) if panel else None
    if judged is None:
        return 0, []
    light, claims = judged
    unused = np.ones(len(instance.detector), dtype=bool)
    unused[[options.slots[o].detector for o in panel]] = False
    count, wrong = 0, []
    for _ in range(subsets):
        place = int(rng.integers(len(panel)))
        others = [o for o in panel if o != panel[place] and rng.random() < 0.5]
        dark = unused & (rng.random(unused.size) < 0.5) if conventional else None
        least = noise.sd([panel[place]], others, dark=None if dark is None else dark[None])  # (1, T, P)
        exact = light.sd[:, :, place]
        count += exact.size
        if (least[0] > exact * (1 + 1e-7)).any():
            wrong.append(f"{seed}: noise of {place} beside {others}")
        for v in range(len(instance.views)):
            most = claim_bounds(instance, noise, v, np.array([panel[place]]), least[:, v])[0]
            kept = usable_claims(claims[v])[place]
            count += kept.size
            if (kept > most + 1e-9).any():
                wrong.append(f"{seed}: claims of {place} beside {others}")
    return count, wrong


@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("seeds", [range(24), pytest.param(range(24, 96), marks=pytest.mark.slow)], ids=["few", "many"])
def test_limits_of_parts_hold_for_the_whole(conventional: bool, seeds: range) -> None:
    total = 0
    for seed in seeds:
        count, wrong = checks(seed, conventional, subsets=8)
        assert wrong == []
        total += count
    assert total > 125 * len(seeds)


@pytest.mark.parametrize("conventional", [True, False])
def test_one_side_alone_has_the_same_limit(conventional: bool) -> None:
    for seed in range(4):
        instance = strong(seed, conventional=conventional)
        options = list_options(instance)
        noise = SubsetNoise(instance, options)
        sd = noise.sd(np.arange(len(options.slots)))[:, 0]
        every = claim_bounds(instance, noise, 0, np.arange(len(options.slots)), sd)
        contaminants = list(range(len(instance.views[0].contaminants)))
        for o in range(len(options.slots)):
            for side in range(3):
                one = gate_bounds(instance, noise, 0, o, side, contaminants, sd[[o]])
                assert np.allclose(one[0], every[o, side], atol=1e-8)


@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 32), marks=pytest.mark.slow)], ids=["few", "many"])
def test_rows_hold_for_other_panels(conventional: bool, seeds: range) -> None:
    """Limits found for one panel are asked of panels they also speak of."""
    compared = 0
    for seed in seeds:
        instance = strong(seed, conventional=conventional)
        rng = np.random.default_rng([seed, 6])
        options = list_options(instance)
        finder = SubsetCutFinder(instance, options, SubsetNoise(instance, options))
        panels = [panel for panel in (random_panel(options, instance, rng) for _ in range(25)) if panel]
        judged = [panel_claims(instance, [options.slots[o] for o in panel]) for panel in panels]
        everyone = tuple(range(len(instance.views[0].contaminants)))
        for panel, found in zip(panels[:2], judged[:2], strict=True):
            if found is None:
                continue
            for place, option in enumerate(panel):
                for side in (0, 1):
                    exact = usable_claims(found[1][0])[place, side]
                    for table in finder.tables(
                        panel, ClaimViolation(0, option, side, everyone, exact, exact + 1, exact + 0.2)
                    ):
                        on_open = {options.slots[int(o)].detector for o in table.partners}
                        # such a row takes off for one partner or for the empty detector, never for both
                        assert table.open_detector is None or on_open <= {table.open_detector}
                        for other, values in zip(panels, judged, strict=True):
                            busy = {options.slots[o].detector for o in other}
                            if values is None or not set(table.fixed) <= set(other) or busy & set(table.dark):
                                continue
                            claim = usable_claims(values[1][0])[other.index(option), side]
                            compared += 1
                            assert (claim <= table.base + 1e-9).all()
                            if table.darkened is not None and table.open_detector not in busy:
                                assert (claim <= table.darkened + 1e-9).all()
                            for partner, joined in zip(table.partners, table.joined, strict=True):
                                if int(partner) in other:
                                    assert (claim <= joined + 1e-9).all()
    assert compared > 8 * len(seeds)
