"""Options that help parts of panels, against a look at every pair."""

from __future__ import annotations

import numpy as np

from panelopt.solver.panel_ratios import Gains
from panelopt.solver.panel_shortfall import PanelShortfall

OPTIONS, PARTS, PAIRS = 30, 40, 7


def gains(rng: np.random.Generator, rows: int) -> Gains:
    both = rng.random((2, rows, PAIRS)) * (rng.random((2, rows, PAIRS)) < 0.5)
    return Gains(both.max(axis=0), both[0])


def test_no_option_is_left_out_that_gains_enough() -> None:
    rng = np.random.default_rng(2)
    fewer = 0
    for size in (1, 100, 10_000):
        each, parts = gains(rng, OPTIONS), gains(rng, PARTS)
        most = each.tops([each.take(slice(o, o + 1)) for o in range(OPTIONS)])
        needed = Gains(*(0.5 + rng.random((2, 1, PAIRS))))
        begin = rng.integers(0, OPTIONS, PARTS)
        for left in (0, 1):
            found: set[tuple[int, int]] = set()
            helpful = PanelShortfall(each, most, needed).helpful(parts, left, begin)
            for place, option in helpful.batches(size):
                found |= set(zip(place.tolist(), option.tolist(), strict=True))
            for part in range(PARTS):
                for option in range(begin[part], OPTIONS):
                    reach = parts.side_by_side()[part] + each.side_by_side()[option] + most.side_by_side()[left]
                    if (reach >= needed.side_by_side()[0]).all():
                        assert (part, option) in found
            fewer += len(found) < PARTS * OPTIONS / 2
    assert fewer > 2


def test_parts_that_fall_short_nowhere_get_every_option_from_the_first() -> None:
    rng = np.random.default_rng(3)
    each = gains(rng, OPTIONS)
    nothing = Gains(np.full((1, PAIRS), -1.0), np.full((1, PAIRS), -1.0))
    helpful = PanelShortfall(each, each.nothing(1), nothing).helpful(each.nothing(2), 0, np.array([0, 25]))
    pairs = [(int(p), int(o)) for place, option in helpful.batches(10) for p, o in zip(place, option, strict=True)]
    assert sorted(pairs) == [(0, o) for o in range(OPTIONS)] + [(1, o) for o in range(25, OPTIONS)]
