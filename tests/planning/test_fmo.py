"""Which gates need an FMO tube, against plain loops, integrals, and what is true of any noise."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from panelopt.domain.control_tubes import FmoDecision
from panelopt.domain.problem_record import Problem
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.instance.compile import compile_instance
from panelopt.planning.fmo import CLEARLY_APART, MUCH_SPREAD, fmo_gates, split_from
from panelopt.planning.gate_order import gate_order
from panelopt.planning.lit import lit_variance
from panelopt.planning.tube import Tube, in_order, tubes_of
from panelopt.scoring import PanelScore, score_panel
from panelopt.simulation.event_model import event_model
from panelopt.simulation.simulated_cells import draw_cells, light_pe, record
from panelopt.simulation.unmixer import ordinary_estimator
from tests import builders
from tests.planning.helpers import STAINS, compiled, gate, judged, tube


def bright(abc: float) -> Problem:
    """A problem whose targets carry so much CD271 (on PE) that it spreads into FITC."""
    populations = [p.model_dump() for p in builders.problem().population]
    for target in populations[:2]:
        target["levels"]["CD271"] = {"abc": abc, "cv": 0.5}
    return builders.problem(population=populations)


def spectral(problem: Problem | None = None) -> tuple[Instance, PanelScore]:
    instance = compile_instance(
        problem or builders.problem(), builders.cytometer(unmixing="spectral"), [builders.catalog()],
        builders.fluorochromes(), builders.autofluorescence(),
    ).instance  # fmt: skip
    stains = dict(itertools.islice(STAINS.items(), 3))  # with autofluorescence four signatures on five detectors
    dyes = {marker: instance.dye.index(dye) for marker, dye in stains.items()}
    slots = [SlotIndex((instance.marker.index(m),), dye, instance.detectors_of(dye)[0]) for m, dye in dyes.items()]
    score = score_panel(instance, slots)
    assert score is not None
    return instance, score


@pytest.mark.parametrize("made", [judged, spectral])
def test_all_dyes_give_the_noise_of_the_score(made: Any) -> None:
    instance, score = made()
    for number in range(len(instance.views)):
        found = lit_variance(instance, score, number, range(len(score.slots)))
        np.testing.assert_allclose(found, score.light.sd[number] ** 2, rtol=1e-10)


def test_compensation_by_a_plain_loop() -> None:
    """var_j = sum_d W_jd^2 (F (B + g AF + light) + e^2 + k^2 (mean^2 + spread)) + c (sum_d W_jd AF_d)^2."""
    instance, score = judged(bright(1e6))
    rows = [slot.detector for slot in score.slots]
    matrix = instance.signal[np.ix_(rows, [slot.dye for slot in score.slots])]
    inverse = np.linalg.inv(matrix)
    for number, lit in ((0, [0]), (1, [2]), (1, [0, 2]), (0, [])):
        target = instance.views[number].target
        found = lit_variance(instance, score, number, lit)
        for p, j in itertools.product(range(len(instance.population)), range(len(rows))):
            total = own = 0.0
            for i, d in enumerate(rows):
                abc, cv = instance.abc[p], instance.cv[p]
                marker = [slot.markers[0] for slot in score.slots]
                means = [abc[m] * math.sqrt(1 + cv[m] ** 2) for m in marker]
                light = sum(matrix[i, s] * means[s] for s in lit)
                spread = sum((matrix[i, s] * means[s] * cv[marker[s]]) ** 2 for s in lit)
                mean = (
                    instance.background[d] + instance.autofluorescence_factor[p] * instance.autofluorescence[d] + light
                )
                variance = instance.excess[d] * mean + instance.electronic[d] ** 2
                variance += instance.proportional[d] ** 2 * (mean**2 + spread)
                total += inverse[j, i] ** 2 * variance
                own += inverse[j, i] * instance.autofluorescence[d]
            g = instance.autofluorescence_factor
            total += ((instance.cv_autofluorescence * g[p]) ** 2 + (g[p] - g[target]) ** 2) * own**2
            assert found[p, j] == pytest.approx(total, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)), st.booleans())
def test_more_light_is_never_less_noise(some: set[int], others: set[int], unmixed: bool) -> None:
    instance, score = SPECTRAL if unmixed else CONVENTIONAL
    slots = len(score.slots)
    few, many = ({s for s in lit if s < slots} for lit in (some, some | others))
    assert (lit_variance(instance, score, 0, few) <= lit_variance(instance, score, 0, many) * (1 + 1e-9)).all()


Made = tuple[Instance, PanelScore]
CONVENTIONAL, SPECTRAL = judged(bright(1e6)), spectral(bright(1e6))


def close(share: float) -> Problem:
    """A problem whose other target carries ``share`` of the CD146 of the first."""
    populations = [p.model_dump() for p in builders.problem().population]
    populations[0]["levels"]["CD146"] = {"abc": 1e5, "cv": 0.5}
    populations[1]["levels"]["CD146"] = {"abc": 1e5 * share, "cv": 0.5}
    return builders.problem(population=populations)


def ordered(made: Made) -> tuple[Tube, ...]:
    instance, score = made
    return tuple(in_order(tube, gate_order(tube, instance.phi)) for tube in tubes_of(instance, score))


def decided(made: Made, tubes: tuple[Tube, ...]) -> list[FmoDecision]:
    return [found.decision for found in fmo_gates(*made, tubes, made[0].phi)]


def spread_moves(decisions: list[FmoDecision]) -> list[FmoDecision]:
    return [d for d in decisions if max(abs(d.yield_change), abs(d.purity_change)) > MUCH_SPREAD]


def share_below(limit: float, abc: float, cv: float, sd: float) -> float:
    sigma = math.sqrt(math.log1p(cv**2))
    value, _ = quad(
        lambda z: norm.pdf(z) * norm.cdf((limit - abc * math.exp(sigma * z)) / sd), -9, 9, limit=400, epsabs=1e-13
    )
    return float(value)


def test_threshold_yield_and_purity_by_integration() -> None:
    """The one gate that spread moves: its threshold without spread, and what that lets pass in the stained sample."""
    instance, score = CONVENTIONAL
    tubes = ordered(CONVENTIONAL)
    (moved,) = spread_moves(decided(CONVENTIONAL, tubes))
    assert (moved.target, moved.markers, moved.side, moved.spread_from) == ("msc-neg", ("CD45",), "below", ("PE",))
    number = [tube.name for tube in tubes].index(moved.target)
    tube, s, t = tubes[number], moved.slot, tubes[number].target
    abc, cv = instance.abc[t, instance.marker.index("CD45")], instance.cv[t, instance.marker.index("CD45")]
    quiet = math.sqrt(lit_variance(instance, score, number, [s])[t, s])
    full = float(score.light.sd[number, t, s])
    limit = brentq(lambda x: share_below(x, abc, cv, quiet) - (1 - instance.eps), -1e5, 1e6, xtol=1e-6)
    assert moved.high == pytest.approx(brentq(lambda x: share_below(x, abc, cv, full) - (1 - instance.eps), -1e5, 1e6))
    assert moved.shift == pytest.approx(moved.high - limit, abs=1e-3)
    kept = share_below(limit, abc, cv, full)
    assert moved.yield_change == pytest.approx(kept / (1 - instance.eps) - 1, abs=1e-6)
    assert moved.yield_without == pytest.approx(kept * (1 - instance.eps) ** (len(tube.gates) - 1), abs=1e-6)
    # purity: target and contaminants after all gates, this one at the other threshold
    target, waste = instance.phi[t] * moved.yield_without, 0.0
    for place, c in enumerate(tube.contaminants):
        single = doublet = 1.0
        for one in tube.gates:
            passing = one.passing[place]
            if one.slot == s:
                m = instance.marker.index("CD45")
                plain = share_below(limit, instance.abc[c, m], instance.cv[c, m], float(score.light.sd[number, c, s]))
                passing = min(max(plain, instance.leak), 1.0)
            single *= passing
            if one.side == 1:
                doublet *= passing
        single, doublet = max(single, instance.leak_total), max(doublet, instance.leak_total)
        waste += instance.phi[c] * (single + 2 * target * tube.delta * doublet)
    assert moved.purity_without == pytest.approx(target / (target + waste), abs=1e-9)


@pytest.mark.parametrize("made", [CONVENTIONAL, SPECTRAL, judged(), judged(close(0.4)), judged(close(0.05))])
def test_gates_whose_cells_are_not_clearly_apart_need_a_tube(made: Made) -> None:
    tubes = ordered(made)
    decisions = decided(made, tubes)
    assert [(d.target, d.slot) for d in decisions] == [(tube.name, gate.slot) for tube in tubes for gate in tube.gates]
    for decision in decisions:
        assert decision.misplaced is not None
        apart = decision.misplaced <= CLEARLY_APART
        assert decision.needed == (not apart or bool(decision.splits_from))
        assert ("not clearly apart" in decision.reason) == (not apart)
        least = "<0.01" if decision.misplaced < 1e-4 else f"{100 * decision.misplaced:.2g}"
        assert f"at best {least} % misplaced" in decision.reason
        assert ("set without the spread" in decision.reason) == (decision in spread_moves(decisions))
        assert decision.shift >= 0


def test_marker_that_splits_two_tubes_always_needs_a_tube() -> None:
    made = judged()
    decisions = decided(made, ordered(made))
    split = {(d.target, d.markers): d for d in decisions if d.splits_from}
    assert set(split) == {("msc-pos", ("CD146",)), ("msc-neg", ("CD146",))}
    assert split["msc-pos", ("CD146",)].splits_from == ("msc-neg",)
    for decision in split.values():
        assert decision.needed
        assert decision.reason.startswith("splits the tube from")
    assert [d for d in decisions if d.needed and not d.splits_from] == []


def test_targets_that_overlap_more_are_further_from_clear() -> None:
    """CD146 of the other target ever nearer: the least misplaced share rises to that of cells that look alike."""
    found = [
        max(d.misplaced or 0.0 for d in decided(made, ordered(made)) if d.splits_from)
        for made in (judged(close(share)) for share in (0.02, 0.1, 0.3))
    ]
    assert found == sorted(found)
    assert found[0] < CLEARLY_APART < found[-1]


def test_gates_within_each_other_split_nothing() -> None:
    def one(name: str, low: float | None, high: float | None) -> Tube:
        return tube(gate(0, [0.1], low=low, high=high), contaminants=1, name=name)

    above, higher, below, window = one("a", 10, None), one("b", 20, None), one("c", None, 15), one("d", 12, 18)
    assert split_from([above, higher], above, 0) == ()
    assert split_from([above, window], above, 0) == ()
    assert split_from([above, below], above, 0) == ("c",)
    assert split_from([window, below, higher], window, 0) == ("c", "b")
    assert split_from([window, below], window, 1) == ()


def test_live_and_dump_gates_are_set_on_other_controls() -> None:
    markers = [{"name": "viability", "role": "viability"}, *({"name": name} for name in builders.MARKERS)]
    instance = compiled(builders.problem(marker=markers, sample={"dead_fraction": 0.3}))
    dyes = {"viability": "BV605", "CD271": "PE", "CD146": "BV421"}
    slots = [
        SlotIndex(
            (instance.marker.index(m),), instance.dye.index(dye), instance.detectors_of(instance.dye.index(dye))[0]
        )
        for m, dye in dyes.items()
    ]
    dump = instance.dye.index("PE-Cy7")
    slots.append(SlotIndex((3, 4), dump, instance.detectors_of(dump)[0]))
    score = score_panel(instance, slots)
    assert score is not None
    decisions = decided((instance, score), ordered((instance, score)))
    live = [d for d in decisions if d.markers == ("viability",)]
    assert live
    assert not any(d.needed for d in live)
    assert all(d.reason.startswith("set on the heat-killed cells") for d in live)
    for decision in decisions:
        if len(decision.markers) > 1:
            assert decision.needed == ((decision.misplaced or 0) > CLEARLY_APART)
            assert decision.needed or decision.reason.endswith("set on unstained cells")


def test_parents_lead_from_the_gate_to_all_singlets() -> None:
    instance, score = CONVENTIONAL
    tubes = ordered(CONVENTIONAL)
    for found in fmo_gates(instance, score, tubes, instance.phi):
        number = [tube.name for tube in tubes].index(found.decision.target)
        names = ["", *("+".join(instance.marker[m] for m in score.slots[g.slot].markers) for g in tubes[number].gates)]
        assert [parent.gates for parent in found.parents] == list(range(len(found.parents) - 1, -1, -1))
        assert all(parent.name.startswith(names[parent.gates]) for parent in found.parents)
        shares = [parent.share for parent in found.parents]
        assert shares == sorted(shares)
        # in the tube without the dye every cell is noise around 0, at the width that the other dyes give it
        others = [s for s in range(len(score.slots)) if s != found.decision.slot]
        sd = np.sqrt(lit_variance(instance, score, number, others)[:, found.decision.slot])
        threshold = found.decision.low if found.decision.low is not None else found.decision.high
        weight = {p: instance.phi[p] for p in (tubes[number].target, *tubes[number].contaminants)}
        below = sum(weight[p] * norm.cdf(threshold / sd[p]) for p in weight) / sum(weight.values())
        assert found.parents[-1].percentile == pytest.approx(below, abs=1e-12)


def test_drawn_cells_show_the_shift_and_the_loss() -> None:
    """Photons of 200,000 target cells, once with all dyes and once with that of the gate alone, compensated alike."""
    instance, score = CONVENTIONAL
    tubes = ordered(CONVENTIONAL)
    (moved,) = spread_moves(decided(CONVENTIONAL, tubes))
    target = instance.population.index(moved.target)
    compensation = ordinary_estimator(instance, score.slots, score.light)
    model = event_model(instance, score.slots, detectors=compensation.detectors)
    random = np.random.default_rng(5)

    def drawn(slots: list[int]) -> np.ndarray:
        stained = model.with_stain(slots)
        cells = draw_cells(stained, np.full(200_000, target), random)
        signal = record(light_pe(stained, cells), stained.noise, random) - compensation.background
        own = compensation.own * instance.autofluorescence_factor[target]
        return np.asarray(((signal - own) @ compensation.weight.T)[:, moved.slot])

    everything, alone = drawn(list(range(len(score.slots)))), drawn([moved.slot])
    full, quiet = (float(np.quantile(values, 1 - instance.eps)) for values in (everything, alone))
    assert moved.high == pytest.approx(full, rel=0.02)
    assert moved.shift == pytest.approx(full - quiet, rel=0.05)
    kept = float(np.mean(everything <= moved.high - moved.shift))
    assert moved.yield_change == pytest.approx(kept / (1 - instance.eps) - 1, abs=0.002)
