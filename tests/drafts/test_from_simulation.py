"""There and back: a problem is simulated on an instrument, and a problem is made from the events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from panelopt import api
from panelopt.cli import main
from panelopt.domain.calibration import Calibration, CalibrationChannel
from panelopt.domain.problem_record import Level
from panelopt.drafts.from_events import problem_from_events
from panelopt.events.request import EventsRequest
from panelopt.instance.populations import dead_names
from panelopt.questions.question import compiled, load

TARGETS = ("UCMSC_CD106+", "UCMSC_CD106-")
PANEL = "marker,fluorochrome,detector\nviability,DRAQ7,R730/45\nCD106,PE-Cy5,YG670/14\nCD31,PE-CF594,YG610/20\n"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    (folder / "panel.csv").write_text(PANEL, encoding="utf-8")
    words = ["simulate", "uc-cd106", str(folder / "panel.csv"), "--cytometer", "aria-fusion", "--no-controls", "-q"]
    words += ["--events", "80000", "--seed", "1", "-o", str(folder / "sample.fcs")]
    outcome = CliRunner().invoke(main, words)
    assert outcome.exit_code == 0, outcome.output
    return folder / "sample.fcs"


def test_levels_and_frequencies_come_back(simulated: Path) -> None:
    question = load("uc-cd106", cytometer="aria-fusion")
    instance = compiled(question, api.Options(allow_unverified=True)).instance
    slopes = {
        dye: float(instance.signal[instance.detector.index(detector), instance.dye.index(dye)])
        for dye, detector in (("PE-Cy5", "YG670/14"), ("PE-CF594", "YG610/20"))
    }
    lines = tuple(CalibrationChannel(fluorochrome=d, slope=s, offset=0.0, unit="pe") for d, s in slopes.items())
    found = problem_from_events(
        EventsRequest(
            paths=(simulated,),
            population="population",
            targets=TARGETS,
            calibration=Calibration(channel=lines),
            keep={"is_doublet": 0.0},
            compensate=True,
            min_events=20,
        )
    )
    made = {population.name: population for population in found.problem.population}
    assert set(made) == {p.name for p in question.problem.population} | dead_names(TARGETS)
    live = 1 - question.problem.sample.dead_fraction
    for truth in question.problem.population:
        events = next(p.events for p in found.summary.populations if p.name == truth.name)
        expected = truth.frequency * live
        error = np.sqrt(expected * (1 - expected) / found.summary.events)
        assert abs(made[truth.name].frequency - expected) < 4 * error, truth.name
        for marker in ("CD106", "CD31"):
            level = made[truth.name].levels[marker]
            assert isinstance(level, Level)
            want = question.problem.resolve(truth.levels[marker])
            # the cell's own light is not taken off: it may add what its factor gives, in antibodies, and no more
            dye, detector = {"CD106": ("PE-Cy5", "YG670/14"), "CD31": ("PE-CF594", "YG610/20")}[marker]
            light = instance.autofluorescence[instance.detector.index(detector)] * truth.autofluorescence / slopes[dye]
            sigma = np.sqrt(np.log1p(want.cv**2))
            slack = 4 * 1.2533 * sigma / np.sqrt(events) + 0.02  # 2 %: noise of the light bends a log-normal a little
            # where the noise is wide against the level, it decides how well the median is known
            noise = 4 * 1.2533 * level.cv * level.abc / np.sqrt(events) if level.cv > want.cv else 0.0
            low, high = want.abc * np.exp(-slack) - noise, (want.abc + 1.1 * light) * np.exp(slack) + noise
            assert low < level.abc < high, (
                truth.name,
                marker,
            )


def test_compensation_takes_off_the_light_of_other_dyes(simulated: Path) -> None:
    common = {"paths": (simulated,), "population": "population", "targets": ("UCMSC_CD106+",), "min_events": 20}
    raw = problem_from_events(EventsRequest(**common, keep={"is_doublet": 0.0}))
    clean = problem_from_events(EventsRequest(**common, keep={"is_doublet": 0.0}, compensate=True))
    assert "spillover" in [remark.code for remark in raw.remarks]
    assert "spillover" not in [remark.code for remark in clean.remarks]

    def median(found: object, population: str, marker: str) -> float:
        rows = {p.name: {m.marker: m for m in p.markers} for p in found.summary.populations}  # type: ignore[attr-defined]
        return rows[population][marker].median

    # CD31 PE-CF594 spills into the channel of CD106 PE-Cy5, most on endothelial cells
    assert median(raw, "HUVEC_contam", "CD106") > 3 * median(clean, "HUVEC_contam", "CD106")
    assert median(raw, "HUVEC_contam", "CD31") == pytest.approx(median(clean, "HUVEC_contam", "CD31"), rel=0.05)
    with_doublets = problem_from_events(EventsRequest(**common))
    assert with_doublets.summary.events == 80000
    assert raw.summary.events < 80000
