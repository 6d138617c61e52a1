"""The nozzle of a sort and the numbers that come with it."""

from __future__ import annotations

from typing import Any

import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.registry import find_cytometer
from panelopt.sorting.nozzles import model_drop_rate_hz, model_drop_volume_nl
from panelopt.sorting.settings import SortOptions, sorter_of, sorter_remarks
from tests import builders


def problem(diameter_um: float | None = None) -> Problem:
    populations = [p.model_dump() | {"diameter_um": diameter_um} for p in builders.problem().population]
    return builders.problem(population=populations)


def codes(question: Problem, cytometer: Cytometer, options: SortOptions) -> list[str]:
    return [r.code for r in sorter_remarks(question, cytometer, sorter_of(question, cytometer, options))]


@pytest.mark.parametrize(
    ("name", "size", "psi", "drops", "events"),
    [
        ("aria-fusion", 70, 70, 87_000, 22_000),
        ("aria-iii", 85, 45, 47_000, 11_000),
        ("aria-fusion-buv", None, 20, 30_000, 9_000),
        ("aria-iii", 130, 10, 12_000, 2_500),
    ],
)
def test_shipped_sorters_state_their_streams(
    name: str, size: float | None, psi: float, drops: float, events: float
) -> None:
    sorter = sorter_of(problem(), find_cytometer(name), SortOptions(nozzle_um=size))
    assert (sorter.nozzle_um, sorter.pressure_psi) == (size or 100, psi)
    assert (sorter.drop_rate_hz, sorter.max_event_rate_hz) == (drops, events)
    for number in ("pressure_psi", "drop_rate_hz", "max_event_rate_hz", "drop_volume_nl"):
        assert sorter.origins[number].startswith("cytometer: University of Iowa")


def test_what_no_source_says_is_a_model_value() -> None:
    sorter = sorter_of(problem(), find_cytometer("aurora-cs"), SortOptions(nozzle_um=70))
    assert sorter.drop_rate_hz == model_drop_rate_hz(70)
    assert sorter.max_event_rate_hz == model_drop_rate_hz(70) / 4
    assert sorter.drop_volume_nl == model_drop_volume_nl(70)
    assert sorter.pressure_psi is None
    assert {sorter.origins[n] for n in ("drop_rate_hz", "max_event_rate_hz", "drop_volume_nl")} == {"model value"}
    assert sorter.origins["pressure_psi"] == "unknown"


def test_model_values_are_realistic() -> None:
    # real drop rates: about 87,000 per second at 70 um, 12,000 at 130 um
    assert 80_000 < model_drop_rate_hz(70) < 90_000
    assert 11_000 < model_drop_rate_hz(130) < 14_000


def test_an_unknown_nozzle_is_taken_as_100_um() -> None:
    sorter = sorter_of(problem(25), builders.cytometer(), SortOptions())
    assert (sorter.nozzle_um, sorter.origins["nozzle_um"]) == (None, "unknown")
    assert sorter.drop_rate_hz == model_drop_rate_hz(100)


def test_a_drop_rate_without_a_nozzle_holds_unless_a_nozzle_is_asked_for() -> None:
    cytometer = builders.cytometer(drop_rate_hz=40_000)
    assert sorter_of(problem(), cytometer, SortOptions()).drop_rate_hz == 40_000
    assert sorter_of(problem(), cytometer, SortOptions(nozzle_um=70)).drop_rate_hz == model_drop_rate_hz(70)


def test_asked_drop_rate_comes_first() -> None:
    sorter = sorter_of(problem(), find_cytometer("influx"), SortOptions(drop_rate_hz=50_000, nozzle_um=86))
    assert (sorter.drop_rate_hz, sorter.origins["drop_rate_hz"]) == (50_000, "option")
    assert sorter.max_event_rate_hz == 12_500


@pytest.mark.parametrize(
    ("diameter", "size", "origin"),
    [(20.0, 100, "cytometer"), (22.0, 130, "cytometer; "), (40.0, 130, "cytometer; "), (None, 100, "cytometer")],
)
def test_large_cells_get_a_wider_nozzle(diameter: float | None, size: float, origin: str) -> None:
    sorter = sorter_of(problem(diameter), find_cytometer("aria-fusion"), SortOptions())
    assert sorter.nozzle_um == size
    assert sorter.origins["nozzle_um"].startswith(origin)
    assert ("over a fifth of the usual 100 um" in sorter.origins["nozzle_um"]) == (size == 130)


@pytest.mark.parametrize(
    ("diameter", "options", "found"),
    [
        (10.0, {"nozzle_um": 100.0}, []),
        (10.0, {"nozzle_um": 90.0}, ["unknown-drop-rate", "other-nozzle"]),
        (25.0, {"nozzle_um": 100.0}, ["narrow-nozzle"]),
        (25.0, {}, []),
        (40.0, {}, ["narrow-nozzle"]),
        (10.0, {"event_rate_hz": 9_001.0}, ["fast-events"]),
        (10.0, {"event_rate_hz": 9_000.0}, []),
    ],
)
def test_remarks(diameter: float, options: dict[str, Any], found: list[str]) -> None:
    cytometer = find_cytometer("aria-iii")
    assert codes(problem(diameter), cytometer, SortOptions(**options)) == found


def test_the_other_nozzles_are_named() -> None:
    cytometer, options = find_cytometer("discover-s8"), SortOptions(nozzle_um=85)
    remarks = sorter_remarks(problem(), cytometer, sorter_of(problem(), cytometer, options))
    (remark,) = [remark for remark in remarks if remark.code == "other-nozzle"]
    assert remark.hint == "Known sizes, um: 70, 100, 130."
