"""Practice: what a core manager checks is counted right, and the program writes, resumes and sums up."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import practice
from benchmarks.bench_view import (
    brighter_elsewhere,
    exported,
    idle_lasers,
    invisible,
    live_tubes,
    neighbours,
    unsourced,
)
from panelopt.domain.panel_records import PanelSlot
from panelopt.instance.arrays import Instance
from panelopt.instance.compile import compile_instance
from tests import builders

PANEL = builders.result().panel
"""CD271 PE on B575, CD45 and CD31 FITC on B530, viability BV421 on V450."""


@pytest.fixture(scope="module")
def instance() -> Instance:
    dyes = builders.fluorochromes()
    return compile_instance(
        builders.problem(), builders.cytometer(), [builders.catalog()], dyes, builders.autofluorescence()
    ).instance


def _light(instance: Instance, detector: str, dye: str, value: float) -> dict[str, np.ndarray]:
    signal = instance.signal.copy()
    signal[instance.detector.index(detector), instance.dye.index(dye)] = value
    return exported(replace(instance, signal=signal))


def test_a_dye_is_visible_from_five_standard_deviations_of_an_unstained_cell_on(instance: Instance) -> None:
    n = exported(instance)
    assert invisible(n, PANEL) == []
    d = instance.detector.index("B575")
    af, e = instance.autofluorescence[d], instance.electronic[d]
    spread = instance.proportional[d] ** 2 + instance.cv_autofluorescence**2
    least = 5 * np.sqrt(instance.excess[d] * af + e**2 + spread * af**2) / 60_000
    assert invisible(_light(instance, "B575", "PE", least * 1.001), PANEL) == []
    assert invisible(_light(instance, "B575", "PE", least * 0.999), PANEL) == ["PE in B575"]


def test_a_viability_dye_has_more_to_give(instance: Instance) -> None:
    d = instance.detector.index("V450")
    sd = np.sqrt(
        instance.autofluorescence[d] + instance.electronic[d] ** 2 + 0.2501 * instance.autofluorescence[d] ** 2
    )
    faint = _light(instance, "V450", "BV421", 5 * sd / 200_000)
    assert invisible(faint, PANEL) == []
    stain = PANEL[2].model_copy(update={"role": "marker"})
    assert invisible(faint, (*PANEL[:2], stain)) == ["BV421 in V450"]


def test_on_a_spectral_instrument_the_best_detector_counts(instance: Instance) -> None:
    elsewhere = PANEL[0].model_copy(update={"detector": "V450"})
    n = exported(replace(instance, conventional=False))
    assert invisible(n, (elsewhere,)) == []
    assert brighter_elsewhere(n, PANEL) == []


def test_spillover_counts_ordered_pairs(instance: Instance) -> None:
    assert brighter_elsewhere(exported(instance), PANEL) == []
    home = instance.signal[instance.detector.index("B530"), instance.dye.index("FITC")]
    n = _light(instance, "B575", "FITC", 1.5 * home)
    assert brighter_elsewhere(n, PANEL) == ["FITC in B575 (150%)"]


def test_a_live_gate_is_the_viability_dye_gated_below() -> None:
    def gated(slot: int, side: str) -> int:
        result = builders.result()
        target = result.targets[0]
        gate = target.gates[0].model_copy(update={"slot": slot, "side": side})
        return live_tubes(result.model_copy(update={"targets": (target.model_copy(update={"gates": (gate,)}),)}))

    assert gated(2, "below") == 1
    assert gated(2, "above") == gated(1, "below") == 0


def test_reagents_without_a_source_are_named() -> None:
    def slot(availability: str) -> PanelSlot:
        reagent = {"marker": "CD271", "clone": "", "fluorochrome": "PE", "vendor": "", "catalog_number": ""}
        changed: dict[str, Any] = {**PANEL[0].model_dump(), "reagents": [{**reagent, "availability": availability}]}
        return PanelSlot.model_validate(changed)

    assert unsourced([slot("sourced")]) == []
    assert unsourced([slot("unverified"), slot("")]) == ["CD271 PE", "CD271 PE"]


def test_lasers_and_neighbours() -> None:
    cytometer = builders.cytometer()
    assert neighbours(cytometer, PANEL) == ["FITC and PE"]
    apart = PANEL[0].model_copy(update={"detector": "B780"})
    assert neighbours(cytometer, (apart, *PANEL[1:])) == []
    blue = [slot.model_copy(update={"laser_nm": 488.0}) for slot in PANEL]
    assert idle_lasers(cytometer, blue) == [405.0]
    assert idle_lasers(cytometer, [*blue, PANEL[2].model_copy(update={"laser_nm": 405.0})]) == []


def test_the_program_writes_rows_resumes_and_sums_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "practice.csv"
    arguments = ["--problem", "cv-cd106", "--cytometer", "symphony-s6", "--time-limit", "60", "--csv", str(path)]
    first = CliRunner().invoke(practice.practice, arguments)
    assert first.exit_code == 0, first.output
    with path.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["status"] == "optimal"
    assert (row["spillover"], row["invisible"]) == ("", "")
    assert row["tubes"] == row["live_tubes"] != "0"
    assert int(row["colours"]) == len(row["panel"].split("; "))
    monkeypatch.setattr(practice, "measured", lambda *_: pytest.fail("was run again"))
    assert CliRunner().invoke(practice.practice, arguments).stdout == first.stdout
    assert "| tubes without a live gate | 0 | 0 |" in first.stdout


def test_designs_without_a_panel_are_counted_and_not_measured() -> None:
    row = dict.fromkeys(practice.COLUMNS, "")
    rows = [{**row, "problem": "a", "cytometer": "b", "kind": "spectral", "status": "unknown", "seconds": "5"}]
    lines = practice.summary(rows).splitlines()
    assert lines[2] == "| designs | 0 | 1 |"
    assert lines[-1] == "| seconds, median / worst | - | - |"
    assert practice.designs(rows).splitlines()[2].startswith("| a | b |  | unknown | - | - |")
