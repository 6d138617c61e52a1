"""Problems from labelled events: numbers come back within the sampling error; every fault of the input is reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panelopt.domain.calibration import Calibration, CalibrationChannel
from panelopt.domain.problem_record import Level, Problem
from panelopt.drafts.from_events import problem_from_events
from panelopt.drafts.texts import events_toml, problem_id
from panelopt.errors import InputError
from panelopt.events.request import EventsRequest
from panelopt.io.problem_toml import parse_problem, read_problem
from tests import labelled


def calibration(
    slope: float = 1.0, offset: float = 0.0, names: tuple[str, ...] = ("CD271", "CD45", "CD146")
) -> Calibration:
    lines = tuple(CalibrationChannel(detector=name, slope=slope, offset=offset, unit="au") for name in names)
    return Calibration(source="made-up beads", channel=lines)


def request(*paths: Path, **changes: Any) -> EventsRequest:
    return EventsRequest(**{"paths": paths, "population": "population", "targets": ("MSC",), **changes})


def reread(text: str, folder: Path) -> Problem:
    path = folder / "problem.toml"
    path.write_text(text, encoding="utf-8")
    return read_problem(path)


def codes(caught: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [finding.code for finding in caught.value.findings]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return labelled.write_csv(tmp_path / "events.csv", labelled.frame())


@pytest.mark.parametrize("kind", ["csv", "fcs"])
@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.2, 30.0)])
def test_levels_come_back_within_the_sampling_error(kind: str, slope: float, offset: float, tmp_path: Path) -> None:
    signals = labelled.frame(scale=slope)
    signals[["CD271", "CD45", "CD146"]] += offset
    path = tmp_path / f"events.{kind}"
    (labelled.write_fcs if kind == "fcs" else labelled.write_csv)(path, signals)
    found = problem_from_events(request(path, calibration=calibration(slope, offset)))
    problem = reread(events_toml(found), tmp_path)
    assert problem == found.problem
    for population in problem.population:
        count = labelled.COUNTS[population.name]
        assert population.frequency == pytest.approx(count / sum(labelled.COUNTS.values()), rel=1e-5)
        for marker, (median, cv) in labelled.LEVELS[population.name].items():
            level = population.levels[marker]
            assert isinstance(level, Level)
            sigma = np.sqrt(np.log1p(cv**2))
            assert abs(np.log(level.abc / median)) < 4 * 1.2533 * sigma / np.sqrt(count) + 5e-4  # four digits are kept
            assert abs(np.sqrt(np.log1p(level.cv**2)) - sigma) < 4 * 0.962 * sigma / np.sqrt(count) + 5e-4
            assert "made-up beads" in level.source
    assert [p.role for p in problem.population] == ["target", "contaminant", "contaminant"]


def test_without_calibration_words_follow_ranks_and_say_so(events: Path, tmp_path: Path) -> None:
    found = problem_from_events(request(events))
    text = events_toml(found)
    problem = reread(text, tmp_path)
    words = {p.name: dict(p.levels) for p in problem.population}
    assert words["MSC"] == {"CD271": "mid", "CD45": "-", "CD146": "dim"}
    assert words["leukocyte"] == {"CD271": "-", "CD45": "mid", "CD146": "-"}
    assert words["endothelial"] == {"CD271": "-", "CD45": "-", "CD146": "bright"}
    assert all("model value" in source for p in problem.population for source in p.level_sources.values())
    assert "MODEL VALUES" in text
    assert not found.summary.calibrated


def test_calibration_of_some_channels(events: Path) -> None:
    found = problem_from_events(request(events, calibration=calibration(names=("CD271",))))
    msc = found.problem.population[0]
    assert isinstance(msc.levels["CD271"], Level)
    assert msc.levels["CD146"] == "dim"
    with pytest.raises(InputError, match="no line for any column"):
        problem_from_events(request(events, calibration=calibration(names=("B530",))))


def test_calibration_by_the_dye_in_the_long_name(tmp_path: Path) -> None:
    frame = labelled.frame().rename(columns={"CD271": "V450-A", "CD45": "B530-A", "CD146": "YG582-A"})
    path = labelled.write_fcs(tmp_path / "x.fcs", frame, ["CD271 BV421", "CD45 FITC", "CD146 PE"])
    lines = (
        CalibrationChannel(fluorochrome="BV421", slope=1, offset=0, unit="au"),
        CalibrationChannel(detector="B530", slope=1, offset=0, unit="au"),
    )
    found = problem_from_events(request(path, calibration=Calibration(channel=lines)))
    assert found.summary.calibrated == ("CD271", "CD45")


def test_signals_around_zero_are_no_antibodies(tmp_path: Path) -> None:
    frame = labelled.frame()
    noise = np.random.default_rng(3).normal(-20, 200, labelled.COUNTS["leukocyte"])
    frame.loc[frame["population"] == "leukocyte", "CD271"] = noise
    path = labelled.write_csv(tmp_path / "x.csv", frame)
    found = problem_from_events(request(path, calibration=calibration()))
    level = found.problem.population[1].levels["CD271"]
    assert isinstance(level, Level)
    assert (level.abc, level.cv) == (0, 0)
    assert "not above zero" in level.source


def test_several_files_give_ranges(tmp_path: Path) -> None:
    one = labelled.write_csv(tmp_path / "a.csv", labelled.frame())
    counts = {"MSC": 300, "leukocyte": 5000, "endothelial": 700}
    other = labelled.write_csv(tmp_path / "b.csv", labelled.frame(counts=counts, seed=2, scale=3.0)[
        ["population", "CD146", "CD271", "CD45"]
    ])  # fmt: skip
    found = problem_from_events(request(one, other, calibration=calibration()))
    msc = found.problem.population[0]
    assert msc.frequency == pytest.approx(1200 / 12000, rel=1e-5)
    assert (msc.frequency_low, msc.frequency_high) == pytest.approx((300 / 6000, 900 / 6000), rel=1e-5)
    level = msc.levels["CD271"]
    assert isinstance(level, Level)
    assert level.low is not None
    assert level.high is not None
    assert (level.low, level.high) == pytest.approx((60000, 180000), rel=0.15)
    assert level.low < level.abc < level.high


def test_correlations_are_reported(tmp_path: Path) -> None:
    frame = labelled.frame()
    msc = frame["population"] == "MSC"
    frame.loc[msc, "CD146"] = frame.loc[msc, "CD271"] * np.exp(np.random.default_rng(5).normal(0, 0.2, msc.sum()))
    found = problem_from_events(request(labelled.write_csv(tmp_path / "x.csv", frame)))
    first = found.summary.populations[0].correlations[0]
    assert first.markers == ("CD271", "CD146")
    expected = frame.loc[msc, ["CD271", "CD146"]].corr("spearman").iloc[0, 1]
    assert first.spearman == pytest.approx(expected, abs=1e-4)
    assert f"#   MSC: CD271 and CD146 {expected:+.2f}" in events_toml(found)
    assert [remark.code for remark in found.remarks].count("correlated-markers") == 1
    assert not any(c.notable for c in found.summary.populations[1].correlations)


def test_mixtures_and_wide_spreads_are_pointed_out(tmp_path: Path) -> None:
    frame = labelled.frame()
    rows = frame.index[frame["population"] == "MSC"]
    frame.loc[rows[::2], "CD146"] = 1e7
    found = problem_from_events(request(labelled.write_csv(tmp_path / "x.csv", frame), calibration=calibration()))
    remarks = {remark.code: remark.message for remark in found.remarks}
    assert "CD146" in remarks["not-log-normal"]
    assert "CD146" in remarks["broad-level"]
    level = found.problem.population[0].levels["CD146"]
    assert isinstance(level, Level)
    assert level.cv == 5


def test_a_marker_that_tells_nothing_has_no_level(tmp_path: Path) -> None:
    frame = labelled.frame()
    frame["CD90"] = np.random.default_rng(1).lognormal(5, 0.5, len(frame))
    found = problem_from_events(request(labelled.write_csv(tmp_path / "x.csv", frame)))
    assert "CD90" in [marker.name for marker in found.problem.marker]
    assert all("CD90" not in p.levels for p in found.problem.population)
    assert "no-level" in [remark.code for remark in found.remarks]


def test_given_frequencies_replace_counted_ones(events: Path) -> None:
    found = problem_from_events(request(events, frequencies={"MSC": 1e-4}))
    shares = {p.name: p.frequency for p in found.problem.population}
    assert shares["MSC"] == 1e-4
    assert shares["leukocyte"] / shares["endothelial"] == pytest.approx(4000 / 1100, rel=1e-5)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert sum(shares.values()) <= 1


@pytest.mark.parametrize("share", [-0.1, 0.0, 1.5])
def test_impossible_frequencies(events: Path, share: float) -> None:
    with pytest.raises(InputError, match="the frequency of MSC"):
        problem_from_events(request(events, frequencies={"MSC": share}))
    with pytest.raises(InputError, match="leaves nothing"):
        problem_from_events(request(events, frequencies={"MSC": 0.5, "leukocyte": 0.5}))


def test_every_fault_at_once(tmp_path: Path) -> None:
    frame = labelled.frame(counts={"MSC": 40, "leukocyte": 50, "endothelial": 12})
    frame["CD2711"] = 1.0
    frame["CD31"] = 5.0
    frame.loc[3, "CD31"] = np.inf
    frame.loc[[5, 6], "population"] = ""
    first = labelled.write_csv(tmp_path / "a.csv", frame)
    second = labelled.write_csv(tmp_path / "b.csv", frame.drop(columns=["CD2711", "CD146"]))
    asked = request(
        first, second, targets=("MSC", "MSX"), contaminants=("leukocyte",), frequencies={"MSC": -1.0}, min_events=30
    )
    with pytest.raises(InputError) as caught:
        problem_from_events(asked)
    assert codes(caught) == [
        "unknown-marker", "unlabelled-events", "other-markers", "unlabelled-events", "few-events", "unknown-population",
        "unnamed-population", "frequency",
    ]  # fmt: skip
    frame.drop(columns="CD2711").to_csv(first, index=False)
    with pytest.raises(InputError) as caught:
        problem_from_events(replace(asked, paths=(first,)))
    assert codes(caught)[:2] == ["not-finite", "unlabelled-events"]
    assert "the first is event 4" in caught.value.findings[0].message


def test_events_without_label_may_be_named(tmp_path: Path) -> None:
    frame = labelled.frame()
    frame.loc[frame["population"] == "endothelial", "population"] = None
    path = labelled.write_csv(tmp_path / "x.csv", frame)
    found = problem_from_events(request(path, unlabelled="other"))
    assert [(p.name, p.role) for p in found.problem.population][-1] == ("other", "contaminant")


def test_roles(events: Path) -> None:
    found = problem_from_events(request(events, ignored=("endothelial",), contaminants=("leukocyte",)))
    assert [p.role for p in found.problem.population] == ["target", "contaminant", "ignore"]
    with pytest.raises(InputError) as caught:
        problem_from_events(request(events, targets=()))
    assert codes(caught) == ["no-target"]
    with pytest.raises(InputError) as caught:
        problem_from_events(request(events, ignored=("MSC",)))
    assert "two-roles" in codes(caught)
    with pytest.raises(InputError) as caught:
        problem_from_events(request(events, ignored=("leukocyte", "endothelial")))
    assert codes(caught) == ["no-contaminant"]


@pytest.mark.parametrize(
    "label",
    [
        '"]\n[[marker]]\nname = "CD3',
        "=HYPERLINK(1)",
        "\x1b[31mred\x1b[0m",
        "'''\"\"\"\\u0000 \\ # x",
        "a\u202eb\u2028c\x7f",
        "日本語 μ",
    ],
)
def test_hostile_labels_stay_labels(label: str, tmp_path: Path) -> None:
    frame = labelled.frame()
    frame["population"] = frame["population"].replace("endothelial", label)
    path = tmp_path / "x.parquet"
    frame.to_parquet(path)
    found = problem_from_events(request(path))
    problem = reread(events_toml(found), tmp_path)
    assert problem == found.problem
    assert [marker.name for marker in problem.marker] == ["CD271", "CD45", "CD146"]
    name = problem.population[2].name
    assert name.isprintable()
    assert len(problem.population) == 3


def test_labels_that_cannot_be_names(tmp_path: Path) -> None:
    frame = labelled.frame()
    names = {"endothelial": "x" * 300, "leukocyte": "\x1b\x07"}
    frame["population"] = frame["population"].replace(names)
    path = tmp_path / "x.parquet"
    frame.to_parquet(path)
    with pytest.raises(InputError) as caught:
        problem_from_events(request(path))
    assert codes(caught).count("label") == 2


def test_a_spillover_matrix_is_pointed_out(tmp_path: Path) -> None:
    matrix = "2,CD271,CD45,1,0.1,0,1"
    path = labelled.write_fcs(tmp_path / "x.fcs", labelled.frame(), SPILL=matrix)
    found = problem_from_events(request(path))
    assert "spillover" in [remark.code for remark in found.remarks]
    path = labelled.write_fcs(tmp_path / "y.fcs", labelled.frame(), SPILL="2,CD271,CD45,1,0,0,1")
    assert "spillover" not in [remark.code for remark in problem_from_events(request(path)).remarks]


def test_viability_is_a_marker_without_levels(tmp_path: Path) -> None:
    frame = labelled.frame()
    frame["Live/Dead"] = np.random.default_rng(0).lognormal(3, 0.3, len(frame))
    found = problem_from_events(request(labelled.write_csv(tmp_path / "x.csv", frame), calibration=calibration()))
    assert {m.name: m.role for m in found.problem.marker}["viability"] == "viability"
    assert all("viability" not in p.levels for p in found.problem.population)


@pytest.mark.parametrize(("stem", "id_"), [("My Problem_1", "my-problem-1"), ("--", "problem"), ("ä" * 5, "problem")])
def test_ids_from_file_names(stem: str, id_: str) -> None:
    assert problem_id(stem) == id_
    parse_problem({"id": problem_id("x" * 500), "marker": [{"name": "CD3", "level": "mid"}]}, "x")


def test_only_some_events_are_kept(tmp_path: Path) -> None:
    frame = labelled.frame()
    frame["is_doublet"] = (frame.index % 3 == 0).astype(float)
    frame.loc[frame["population"] == "endothelial", "is_doublet"] = 1.0
    frame.loc[1, "population"] = ""
    path = labelled.write_csv(tmp_path / "x.csv", frame)
    found = problem_from_events(request(path, keep={"is_doublet": 0.0}, unlabelled="leukocyte"))
    single = frame[frame["is_doublet"] == 0]
    expected = single["population"].replace("", "leukocyte").value_counts().to_dict()
    assert {p.name: p.events for p in found.summary.populations} == expected
    assert expected["MSC"] == 599
    assert all(p.frequency_low is None for p in found.problem.population)
    with pytest.raises(InputError, match="no events are left"):
        problem_from_events(request(path, keep={"is_doublet": 7.0}, targets=("MSC",)))


def test_impossible_calibrations_and_names(events: Path) -> None:
    for slope in (1e-9, 1e-308):
        with pytest.raises(InputError, match="the calibration makes a median of"):
            problem_from_events(request(events, calibration=calibration(slope)))
    for name in ("x" * 101, "CD\n3", "\x1b[0m"):
        with pytest.raises(InputError, match="not a marker name"):
            problem_from_events(request(events, mapping={"CD146": name}))


def test_absurd_spreads_do_not_overflow(tmp_path: Path) -> None:
    frame = labelled.frame()
    frame["CD146"] = 10.0 ** np.random.default_rng(0).uniform(-200, 200, len(frame))
    found = problem_from_events(request(labelled.write_csv(tmp_path / "x.csv", frame)))
    assert "broad-level" in [remark.code for remark in found.remarks]


def test_few_events_are_no_mixture(tmp_path: Path) -> None:
    counts = {"MSC": 40, "leukocyte": 60, "endothelial": 50}
    remarks = []
    for seed in range(6):
        path = labelled.write_csv(tmp_path / f"{seed}.csv", labelled.frame(counts=counts, seed=seed))
        remarks += [remark.code for remark in problem_from_events(request(path)).remarks]
    assert remarks.count("not-log-normal") == 0
