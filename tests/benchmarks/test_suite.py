"""Specs, phases and counts: what is timed, under which ids, and that the counts of a search repeat."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.phases import PHASES
from benchmarks.plants import planted
from benchmarks.registry import Spec, all_jobs, all_specs, find_jobs
from benchmarks.subject import Subject
from benchmarks.synthetic import Size, crowded, subject, synthetic, with_detectors
from benchmarks.work import COUNTERS, counted, finished
from panelopt.bounds.candidate_slots import list_options
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.solver.outcome import Outcome

SMALL = Size(4, 8, 3)


def _counts(plant: str = "") -> dict[str, float]:
    step = PHASES["solve"](subject(SMALL, "aurora-5l"))
    with counted() as counts, planted(plant):
        outcome = step()
    assert isinstance(outcome, Outcome)
    return finished(counts, outcome)


def test_ids_are_unique_and_can_be_taken_apart() -> None:
    ids = [str(job) for job in all_jobs()]
    assert len(set(ids)) == len(ids)
    for job in all_jobs():
        assert str(job).split("-") == [job.spec.name, job.size, job.phase]
        assert find_jobs([str(job)]) == [job]
    with pytest.raises(KeyError):
        find_jobs(["shipped-nothing-read"])


def test_every_phase_and_every_family_is_timed() -> None:
    assert {job.phase for job in all_jobs()} == set(PHASES)
    assert {"shipped", "markers", "dyes", "colours", "detectors", "catalog_rows", "crowding"} <= {
        spec.name for spec in all_specs()
    }
    assert {job.phase for job in all_jobs() if job.is_quick} == set(PHASES)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "two-words"}, "two-words"),
        ({"sizes": {"a-b": Subject}}, "a-b"),
        ({"phases": ("sleep",)}, "sleep"),
        ({"quick": frozenset({"x-solve"})}, "x-solve"),
        ({"only": {"y": ("solve",)}}, ": y"),
    ],
)
def test_a_spec_with_a_wrong_name_is_refused(wrong: dict[str, object], told: str) -> None:
    right = {"name": "words", "sizes": {"x": Subject}, "phases": ("score",)}
    assert [str(job) for job in Spec(**right).jobs()] == ["words-x-score"]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"not a name, size or phase.*{told}"):
        Spec(**{**right, **wrong})  # type: ignore[arg-type]


def test_a_subject_without_files_says_so() -> None:
    with pytest.raises(TypeError, match="no files"):
        _ = Subject(make=lambda: synthetic(SMALL, "sh800", 0)).read


def test_every_phase_of_a_question_from_files_returns_something() -> None:
    (job,) = find_jobs(["shipped-cv_cd106@aria_fusion-read"])
    question = job.spec.sizes[job.size]()
    for name, phase in PHASES.items():
        if name != "solve":
            assert phase(question)() is not None


@pytest.fixture(scope="module")
def plain() -> dict[str, float]:
    """Counts of a small search."""
    return _counts()


def test_counts_of_a_search_repeat(plain: dict[str, float]) -> None:
    assert _counts() == plain
    assert set(plain) == set(COUNTERS)
    assert plain["scores"] >= 1
    assert plain["estimates"] > 0
    assert plain["deterministic_time"] > 0


def test_planted_work_is_done_and_changes_no_answer(plain: dict[str, float]) -> None:
    more = _counts("work=0.5")
    assert more["estimates"] >= 1.5 * plain["estimates"]
    assert more["deterministic_time"] > plain["deterministic_time"]
    assert (more["scores"], more["rows"], more["model_runs"]) == (plain["scores"], plain["rows"], plain["model_runs"])


def test_a_plant_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="sleep"), planted("sleep=1"):
        pass


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_crowding_makes_dyes_more_alike_and_no_dimmer(share: float) -> None:
    signal = synthetic(Size(4, 20, 3), "aurora-5l", 0).signal
    mixed = crowded(signal, share)
    np.testing.assert_allclose(np.linalg.norm(mixed, axis=0), np.linalg.norm(signal, axis=0))
    before, after = cosine_similarity(signal), cosine_similarity(mixed)
    upper = np.triu_indices_from(before, 1)
    assert after[upper].mean() > before[upper].mean()
    np.testing.assert_allclose(crowded(signal, 0.0), signal)


def test_fewer_detectors_are_read_and_the_question_stays() -> None:
    instance = synthetic(SMALL, "aurora-5l", 0)
    fewer = with_detectors(instance, 16)
    assert len(fewer.detector) == fewer.signal.shape[0] == fewer.allowed.shape[0] == 16
    assert (fewer.available == instance.available).all()
    assert list_options(fewer).slots
