"""Extreme and degenerate numbers: a defined result or a clear refusal, never a traceback or a warning of numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from panelopt import api
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Fluorochrome
from panelopt.domain.result import Result
from panelopt.questions.question import Options, Question
from tests import builders

pytestmark = pytest.mark.usefixtures("few_samples")

NO_CLOCK = Options(time_limit_s=200.0, workers=1)
SEPARATED = ({"CD271": "bright", "CD45": "-"}, {"CD271": "-", "CD45": "bright"})
CAP = float(np.log10(0.95 / 0.05) + 2)
"""Log ratio beyond which more is not counted."""

both = pytest.mark.parametrize("unmixing", ["compensation", "spectral"])


def two(levels: tuple[dict[str, Any], dict[str, Any]] = SEPARATED, shares: tuple[float, float] = (0.1, 0.9)) -> Problem:
    population = [
        {"name": name, "role": name, "frequency": share, "levels": level}
        for name, share, level in zip(("target", "contaminant"), shares, levels, strict=True)
    ]
    data = {"id": "tiny", "marker": [{"name": "CD271"}, {"name": "CD45"}], "population": population}
    return Problem.model_validate(data)


def asked(problem: Problem, unmixing: str, dyes: tuple[Fluorochrome, ...]) -> Question:
    catalog = builders.catalog(("CD271", "CD45"), [dye.name for dye in dyes])
    return Question(problem, builders.cytometer(unmixing=unmixing), (catalog,), dyes, builders.autofluorescence())


def designed(
    problem: Problem, unmixing: str, dyes: tuple[Fluorochrome, ...] | None = None, options: Options = NO_CLOCK
) -> Result:
    result = api.design(asked(problem, unmixing, dyes or builders.fluorochromes()), options)
    assert result.status == "optimal"
    assert all(np.isfinite(slot_noise) for channel in result.channels for slot_noise in channel.noise.values())
    return result


def value(result: Result) -> float:
    assert result.objective is not None
    return result.objective.worst_log_ratio


@both
def test_equal_populations_keep_their_ratio(unmixing: str) -> None:
    result = designed(two((SEPARATED[0], SEPARATED[0])), unmixing)
    assert value(result) == pytest.approx(np.log10(0.1 / 0.9), abs=1e-9)


@both
@pytest.mark.parametrize("level", [0.0, 1e-12])
def test_levels_of_nothing_are_those_of_no_antibody(unmixing: str, level: float) -> None:
    without = designed(two(({"CD271": {"abc": 0.0}, "CD45": "-"}, SEPARATED[1])), unmixing)
    result = designed(two(({"CD271": {"abc": level}, "CD45": "-"}, SEPARATED[1])), unmixing)
    assert value(result) == pytest.approx(value(without), abs=1e-6)


@both
@pytest.mark.parametrize("level", [{"abc": 1e12}, {"abc": 1e5, "cv": 0.0}, {"abc": 1e5, "cv": 1e-12}])
def test_what_cannot_be_missed_reaches_the_cap(unmixing: str, level: dict[str, float]) -> None:
    assert value(designed(two(({"CD271": level, "CD45": "-"}, SEPARATED[1])), unmixing)) == pytest.approx(CAP)


@both
def test_the_rarest_target_costs_what_its_frequency_does(unmixing: str) -> None:
    common, rare = (value(designed(two(shares=(share, 0.5)), unmixing)) for share in (1e-9, 1e-12))
    assert rare == pytest.approx(common - 3.0, abs=1e-6)


@pytest.mark.parametrize(
    ("levels", "shares", "message"),
    [
        (SEPARATED, (0.0, 0.5), "greater than 0"),
        (SEPARATED, (1e-300, 0.5), "cannot be sorted"),
        (SEPARATED, (float("nan"), 0.5), "finite"),
        (({"CD271": {"abc": 1e300}}, {"CD271": "-"}), (0.1, 0.9), "less than or equal to 1000000000000"),
        (({"CD271": {"abc": -1.0}}, {"CD271": "-"}), (0.1, 0.9), "greater than or equal to 0"),
        (({"CD271": {"abc": 1.0, "cv": 50.0}}, {"CD271": "-"}), (0.1, 0.9), "less than or equal to 5"),
    ],
)
def test_what_has_no_meaning_is_refused(levels: Any, shares: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        two(levels, shares)


def test_dyes_without_brightness_are_refused() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        builders.fluorochrome("dark", 488, 520.0, brightness_pe=0.0)


@both
def test_very_bright_dyes(unmixing: str) -> None:
    assert value(designed(two(), unmixing, dyes_of(1e12))) == pytest.approx(CAP, abs=1e-6)


@both
def test_dyes_that_nobody_sees_make_no_panel(unmixing: str) -> None:
    result = api.design(asked(two(), unmixing, dyes_of(1e-12)), NO_CLOCK)
    assert result.status == "infeasible"
    assert result.conflicts


def dyes_of(brightness: float) -> tuple[Fluorochrome, ...]:
    return tuple(builders.fluorochrome(name, *builders.DYES[name], brightness) for name in builders.DYES)


@both
@pytest.mark.parametrize("shift_nm", [0.0, 1e-9])
def test_dyes_that_cannot_be_told_apart_never_meet(unmixing: str, shift_nm: float) -> None:
    dyes = tuple(builders.fluorochrome(name, 488, 576.0 + i * shift_nm) for i, name in enumerate("ABC"))
    result = designed(two(), unmixing, dyes)
    assert len(result.panel) == 1


@both
def test_a_design_does_not_depend_on_the_order_of_anything(unmixing: str) -> None:
    problem = builders.problem()
    backwards = problem.model_copy(update={"population": problem.population[::-1], "marker": problem.marker[::-1]})
    catalog, dyes = builders.catalog(), builders.fluorochromes()
    machine = builders.cytometer(unmixing=unmixing)
    other = machine.model_copy(update={"detector": machine.detector[::-1], "laser": machine.laser[::-1]})
    one = api.design(Question(problem, machine, (catalog,), dyes, builders.autofluorescence()), NO_CLOCK)
    mirrored = catalog.model_copy(update={"conjugates": catalog.conjugates[::-1]})
    two_ = api.design(Question(backwards, other, (mirrored,), dyes[::-1], builders.autofluorescence()), NO_CLOCK)
    assert one.best.worst_log_ratio is not None
    assert two_.best.worst_log_ratio == pytest.approx(one.best.worst_log_ratio, abs=NO_CLOCK.tolerance)
    assert value(one) == pytest.approx(value(two_), abs=2 * NO_CLOCK.tolerance)
