"""Comparisons of two versions: ratios of noisy samples with a known truth, alarms, and one whole run."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.compare import Finding, compare, report, worse
from benchmarks.ratios import ratio
from benchmarks.registry import all_jobs

JOB = all_jobs()[0]


def _rounds(seed: int, factor: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return samples of a busy machine: a tenth of noise that only adds, and in one of ten much more."""
    random = np.random.default_rng(seed)

    def samples(seconds: float) -> np.ndarray:
        extra = random.exponential(0.1, (10, 2)) + (random.random((10, 2)) < 0.1) * random.exponential(1.0, (10, 2))
        return np.asarray(seconds * (1 + extra))

    return [(samples(0.02), samples(0.02 * factor)) for _ in range(2)]


def _alarms(rounds: list[tuple[np.ndarray, np.ndarray]]) -> list[str]:
    return Finding(JOB, rounds).alarms()


@pytest.mark.slow
def test_noise_alone_raises_no_alarm_and_a_fifth_more_does() -> None:
    assert not any(_alarms(_rounds(seed, 1.0)) for seed in range(25))
    assert sum(bool(_alarms(_rounds(seed, 1.2))) for seed in range(25)) >= 22


def test_an_interval_holds_the_truth() -> None:
    found = [ratio(_rounds(seed, 1.3)) for seed in range(25)]
    assert all(one.low <= one.value <= one.high for one in found)
    assert sum(one.low <= 1.3 <= one.high for one in found) >= 23


@pytest.mark.parametrize(
    ("name", "base", "new", "alarm"),
    [
        ("estimates", 10_000.0, 11_001.0, True),
        ("estimates", 10_000.0, 11_000.0, False),
        ("estimates", 10_000.0, 5_000.0, False),
        ("conflicts", 3.0, 9.0, False),  # too few to mean anything
        ("conflicts", 3.0, 900.0, True),
        ("deterministic_time", 1.0, 1.2, True),
    ],
)
def test_counts_raise_an_alarm_where_a_tenth_more_is_done(name: str, base: float, new: float, alarm: bool) -> None:
    counts = dict.fromkeys(
        ("deterministic_time", "branches", "conflicts", "model_runs", "rows", "scores", "estimates"), 0.0
    )
    finding = Finding(JOB, counts=[{**counts, name: base}, {**counts, name: new}])
    assert [text.split()[0] for text in finding.alarms()] == ([name] if alarm else [])


def test_a_worse_answer_raises_an_alarm() -> None:
    good = {"status": "optimal", "worst": 1.0}
    assert not worse(good, {"status": "optimal", "worst": 1.2})
    assert not worse({"status": "feasible", "worst": None}, good)
    assert len(worse(good, {"status": "feasible", "worst": 0.9})) == 2
    assert worse(good, {"status": "unknown", "worst": None})


def test_what_could_not_be_compared_is_told() -> None:
    text = report([Finding(JOB, error="base: ImportError: no such thing"), Finding(JOB, _rounds(0, 2.0))])
    assert f"not compared: {JOB}: base: ImportError" in text
    assert f"ALARM {JOB}: time" in text


def test_an_unknown_revision_or_text_is_refused() -> None:
    assert CliRunner().invoke(compare, ["--job", "no such benchmark"]).exit_code == 2
    result = CliRunner().invoke(compare, ["--base", "no-such-revision", "--job", "msca1@facsmelody-model"])
    assert result.exit_code == 1
    assert "no-such-revision" in result.output


@pytest.mark.slow
def test_planted_slowness_is_noticed_in_a_whole_run() -> None:
    arguments = ["--base", "HEAD", "--head", "HEAD", "--job", "msca1@facsmelody-tables"]
    plain = CliRunner().invoke(compare, arguments)
    assert plain.exit_code == 0, plain.output
    slowed = CliRunner().invoke(compare, [*arguments, "--plant", "tables=0.3"])
    assert slowed.exit_code == 1
    assert "ALARM" in slowed.output
