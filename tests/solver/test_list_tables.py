"""Tables of marker lists: filled on demand, and the same however they are filled."""

from __future__ import annotations

import numpy as np

from panelopt.scoring.claims import SIDES, claimed_pass
from panelopt.solver.marker_lists.list_tables import Level, ListTables

EPS, LEAK = 0.02, 1e-3
PAIR: tuple[Level, Level] = ((60_000.0, 0.55), (100.0, 0.5))
LEVELS = [PAIR, None, ((3000.0, 0.8), (100.0, 0.5)), PAIR]


def test_claims_are_those_of_the_formula() -> None:
    sd = np.geomspace(50.0, 5e4, 7)
    found = ListTables(EPS, LEAK, LEVELS).claims(np.array(0), sd[:, None] ** 2, sd[None, :] ** 2)
    levels = [
        (np.full_like(part, abc), np.full_like(part, cv), part)
        for (abc, cv), part in zip(PAIR, (sd[:, None], sd), strict=True)
    ]
    passed = claimed_pass(EPS, SIDES.index("above"), *levels)
    expected = np.minimum(-np.log10(np.maximum(passed, 1e-6)), -np.log10(LEAK))
    assert np.allclose(found[expected > 0.1], expected[expected > 0.1], atol=0.02)


def test_what_was_asked_before_does_not_matter() -> None:
    random = np.random.default_rng(3)
    markers = random.integers(0, len(LEVELS), 40)
    full, without = 10 ** random.uniform(3, 10, (2, 40))
    at_once = ListTables(EPS, LEAK, LEVELS).claims(markers, full, without)
    one_by_one = ListTables(EPS, LEAK, LEVELS)
    found = [float(one_by_one.claims(markers[i], full[i], without[i])) for i in reversed(range(40))]
    assert found[::-1] == at_once.tolist()
    assert not at_once[markers == 1].any()
