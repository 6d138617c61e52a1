"""No trick makes ``verify`` accept a certificate that calls a poor panel the best."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forgery.cases import MAKERS, TOLERANCE, Case, Panel, case
from tests.forgery.edits import generator, rehash
from tests.forgery.forgeries import TRICKS, Forger
from tests.forgery.test_edits import fault

ALIKE = ("dump", "bought")
"""Cases whose panels are all as good: there is no poor one to lie about."""

OPTIMAL = [name for name in MAKERS if name not in ("purity out of reach", "no slot", *ALIKE)]


def poor_panels(one: Case) -> list[Panel]:
    """Panels that are far from the best of either objective, the worst first."""
    worst = max(score.worst for score in one.scores.values())
    total = max(score.total for score in one.scores.values() if score.worst >= worst - TOLERANCE)
    poor = [p for p, s in one.scores.items() if s.worst < worst - 0.1 or s.total < total - 0.5]
    return sorted(poor, key=lambda panel: one.scores[panel].worst)


def refused(one: Case, panel: Panel, tricks: list[str], folder: Path) -> bool:
    """Whether a certificate that calls a panel the best by some tricks is refused, with its inputs and without."""
    forger = Forger(one, panel)
    document = forger.lie()
    for trick in tricks:
        TRICKS[trick](forger, document)
    rehash(document)
    how = {fault(one, document, folder, compared=compared) for compared in (True, False)}
    assert not any(wrong for _, wrong in how), how
    return not any(received == "accepted" for received, _ in how)


def test_no_trick_proves_a_poor_panel(tmp_path: Path) -> None:
    one = case("spectral")
    panel = poor_panels(one)[0]
    assert [trick for trick in TRICKS if not refused(one, panel, [trick], tmp_path)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMAL)
@pytest.mark.parametrize("seed", range(4))
def test_no_tricks_together_prove_a_poor_panel(name: str, seed: int, tmp_path: Path) -> None:
    one, rng = case(name), generator(name, seed)
    panels = poor_panels(one)
    assert panels
    for _ in range(60):
        tricks = rng.sample(list(TRICKS), rng.randint(1, 4))
        assert refused(one, rng.choice(panels), tricks, tmp_path), tricks
