"""The exact search for reporters, against the enumeration of all choices."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.reporters import reporter_steps
from panelopt.reporters.cuts import Relaxation
from panelopt.reporters.local_search import ReporterLocalSearch
from panelopt.reporters.reporter_outcome import ReporterOutcome
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.reporter_search import ReporterSearch
from panelopt.reporters.useful_pairs import useful_pairs
from panelopt.reporters.worth import ReporterScore, best_of, is_clean, score_reporters
from panelopt.solver import engine
from panelopt.solver.outcome import SearchSettings


def all_choices(instance: ReporterInstance) -> list[ReporterScore]:
    dyes, detectors = map(range, instance.signal.shape)
    return [
        score_reporters(instance, zip(chosen, places, strict=True))
        for chosen in itertools.combinations(dyes, instance.colours)
        if instance.required <= set(chosen)
        for places in itertools.permutations(detectors, instance.colours)
    ]


def solved(instance: ReporterInstance, seed: int = 0) -> ReporterOutcome:
    return ReporterSearch(instance, SearchSettings(time_limit_s=None, workers=1, seed=seed)).run()


@st.composite
def instances(draw: st.DrawFn) -> ReporterInstance:
    """Few dyes and detectors; signals of many sizes, many equal ones, or many zeros."""
    dyes, detectors = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    colours = draw(st.integers(1, min(dyes, detectors, 4)))
    values = st.sampled_from(draw(st.sampled_from(([0, 1, 2, 20], [0, 0, 1], [1e-7, 0.3, 1, 3.1, 33], [5, 51, 0.4]))))
    signal = np.array(draw(st.lists(values, min_size=dyes * detectors, max_size=dyes * detectors)), dtype=float)
    if draw(st.booleans()):
        signal *= np.random.default_rng(draw(st.integers(0, 99))).lognormal(0, draw(st.floats(0, 2)), signal.size)
    required = draw(st.sets(st.integers(0, dyes - 1), max_size=colours))
    names = tuple(map(str, range(dyes))), tuple(map(str, range(detectors)))
    return ReporterInstance(*names, signal.reshape(dyes, detectors), colours, frozenset(required))


@settings(max_examples=60, deadline=None)
@given(instances(), st.integers(0, 1000))
def test_equal_to_enumeration(instance: ReporterInstance, seed: int) -> None:
    best, outcome = best_of(all_choices(instance)), solved(instance, seed)
    assert (outcome.status, outcome.unique) == ("optimal", True)
    assert outcome.score == best
    assert (outcome.no_signal, outcome.below_limit) == (best.no_signal, best.below_limit)
    assert outcome.log_signal == best.log_signal or outcome.log_signal == pytest.approx(best.log_signal, abs=1e-5)
    assert outcome.mean_bleed == pytest.approx(best.mean_bleed, rel=1e-5)


def random_instance(seed: int, dyes: int, detectors: int, colours: int, spread: float = 2.0) -> ReporterInstance:
    """Bell-shaped dyes on a row of detectors, of very different brightness."""
    random = np.random.default_rng(seed)
    place, width = random.uniform(0, detectors, (dyes, 1)), random.uniform(0.4, spread, (dyes, 1))
    signal = random.lognormal(0, 1, (dyes, 1)) * np.exp(-(((np.arange(detectors) - place) / width) ** 2))
    return ReporterInstance(tuple(map(str, range(dyes))), tuple(map(str, range(detectors))), signal, colours)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 2))
def test_rows_and_pairs_of_the_relaxation_keep_every_choice_that_is_as_bright(seed: int, spread: float) -> None:
    instance = random_instance(seed, 5, 5, 3, spread)
    choices = all_choices(instance)
    everything = np.ones_like(instance.signal, dtype=bool)
    for clean in range(1, instance.colours + 1):
        as_clean = sorted((s for s in choices if s.below_limit >= clean), key=lambda score: score.log_signal)
        for known in (s for s in (as_clean[:1], as_clean[len(as_clean) // 2 :][:1]) for s in s):
            found = Relaxation(instance, known, everything).strengthen()
            for score in as_clean:
                if score.log_signal >= known.log_signal and score.below_limit >= known.below_limit:
                    quiet = clean_pairs(score)
                    assert all(found.clean[pair] for pair in quiet)
                    assert all(found.other[pair] for pair in set(score.pairs) - quiet)
                if score.below_limit >= known.below_limit:
                    assert all(
                        len(clean_pairs(score) & set(weak)) + len(set(score.pairs) & set(strong)) <= 1
                        for weak, strong in found.rows
                    )


def clean_pairs(score: ReporterScore) -> set[tuple[int, int]]:
    return {p for p, s, b in zip(score.pairs, score.signal, score.bleed, strict=True) if is_clean(s, b)}


@settings(max_examples=100, deadline=None)
@given(instances(), st.integers(1, 4))
def test_what_no_best_choice_needs(instance: ReporterInstance, clean: int) -> None:
    useful = useful_pairs(instance, clean)
    choices = [score for score in all_choices(instance) if score.below_limit >= clean]
    kept = [score for score in choices if all(useful[pair] for pair in clean_pairs(score))]
    assert bool(choices) == bool(kept)
    if choices:
        assert best_of(choices) in kept or best_of(choices).no_signal
        assert max(kept, key=lambda s: s.key[:3]).key[:2] == max(choices, key=lambda s: s.key[:3]).key[:2]


def test_presolve_does_not_cut_off_the_best_choice() -> None:
    """Sums of bleed-throughs of very different size, on which OR-Tools was seen to fail."""
    for seed in range(12):
        instance = random_instance(seed, 12, 16, 5)
        outcome = solved(instance)
        assert outcome.status == "optimal"
        local = ReporterLocalSearch(instance, seed + 1).run(60)
        assert best_of([outcome.score, local]) == outcome.score


def test_local_search_improves_a_choice_with_too_much_bleed_through() -> None:
    """Without channels that are free of the threshold, it would leave brighter choices for cleaner ones."""
    improved = 0
    for seed in range(8):
        instance = random_instance(seed, 12, 5, 5)
        start = min((ReporterLocalSearch(instance, s).run(4) for s in range(3)), key=lambda score: score.key)
        found = ReporterLocalSearch(instance, seed).run(32, start)
        assert found.key >= start.key
        assert start.below_limit < instance.colours
        improved += found.key > start.key
    assert improved


def test_same_answer_for_every_seed_also_among_equal_dyes() -> None:
    base = random_instance(3, 4, 6, 3)
    twice = ReporterInstance(tuple(map(str, range(8))), base.detector, np.repeat(base.signal, 2, axis=0), base.colours)
    answers = {solved(twice, seed).score for seed in range(4)}
    assert len(answers) == 1
    assert all(f % 2 == 0 for answer in answers for f, _ in answer.pairs)


def test_a_promise_that_rounding_made_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelopt.reporters.reporter_model.SUM_STEPS", 3)  # sums so coarse that they bind nothing
    for seed in range(6):
        instance = random_instance(seed, 5, 5, 3, spread=1.0)
        assert solved(instance).score == best_of(all_choices(instance))


def test_out_of_time_the_limits_are_still_true(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = random_instance(1, 30, 12, 8)
    complete = solved(instance)
    limited = ReporterSearch(instance, SearchSettings(time_limit_s=1e-3, workers=1)).run()
    assert limited.status == "feasible"
    assert limited.score is not None
    assert complete.score is not None
    assert limited.score.key <= complete.score.key
    assert limited.below_limit is not None
    assert limited.below_limit >= complete.score.below_limit
    assert limited.log_signal is None
    assert limited.mean_bleed is None


def test_interrupted_with_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> engine.EngineRun:
        raise KeyboardInterrupt

    monkeypatch.setattr(reporter_steps.engine, "run", stop)
    outcome = ReporterSearch(random_instance(2, 8, 8, 3)).run()
    assert outcome.interrupted
    assert outcome.status == "feasible"
    assert outcome.score is not None
    assert math.isfinite(outcome.score.log_signal)


def test_clean_channels_of_the_score_are_those_of_the_rule() -> None:
    outcome = solved(random_instance(5, 10, 8, 4))
    score = outcome.score
    assert score is not None
    assert score.below_limit == sum(map(is_clean, score.signal, score.bleed))
