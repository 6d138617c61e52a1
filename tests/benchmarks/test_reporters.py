"""Reporters on measured spectra and real instruments: small cases are proven, and annealing never does better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.reporters import BRIGHTEST, CYTOMETERS, Chains, instance
from panelopt.reporters.reporter_search import ReporterSearch
from panelopt.solver.outcome import SearchSettings


@pytest.mark.reference
@pytest.mark.parametrize("cytometer", CYTOMETERS)
def test_small_cases_are_proven(reference: Path, cytometer: str) -> None:
    for colours in (2, 3, 4, 5):
        question = instance(reference, cytometer, colours, 12, 0)
        answers = [ReporterSearch(question, SearchSettings(None, workers=1, seed=seed)).run() for seed in (0, 1)]
        assert [(answer.status, answer.unique) for answer in answers] == [("optimal", True)] * 2
        assert answers[0].score == answers[1].score


@pytest.mark.reference
def test_annealing_is_never_better_than_the_proof(reference: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.reporters.RATE", 0.02)
    question = instance(reference, "cytoflex", 5, 12, 0)
    score = ReporterSearch(question, SearchSettings(None, workers=1)).run().score
    assert score is not None
    best, _ = Chains(question, 200, 0).run()
    key = (*score.key[:2], score.log_signal + 5 * np.log(BRIGHTEST / question.signal.max()) + 1e-5)
    assert max(map(tuple, best[:, :3])) <= key
