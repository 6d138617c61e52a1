"""Antibodies into the signal of an instrument."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from panelopt.domain.calibration import Calibration, CalibrationChannel


def line(**changes: object) -> CalibrationChannel:
    values = {"fluorochrome": "PE", "slope": 2.0, "offset": 10.0, "unit": "AU"}
    return CalibrationChannel.model_validate(values | changes)


def test_linear_line() -> None:
    assert line().signal(100) == 210
    assert line().signal(-100) == -190


def test_logarithmic_line_by_hand() -> None:
    # log10(antibodies) = 1 + 1.5 log10(signal): a signal of 100 is 10^4 antibodies
    assert line(scale="log", slope=1.5, offset=1.0).signal(1e4) == pytest.approx(100)


@given(st.floats(1, 1e7), st.floats(0.5, 2), st.floats(-3, 3))
def test_logarithmic_line_is_the_line_of_the_beads(antibodies: float, slope: float, offset: float) -> None:
    signal = line(scale="log", slope=slope, offset=offset).signal(antibodies)
    assert signal is not None
    assert offset + slope * math.log10(signal) == pytest.approx(math.log10(antibodies), abs=1e-9)


@pytest.mark.parametrize("antibodies", [0.0, -5.0])
def test_nothing_has_no_logarithm(antibodies: float) -> None:
    assert line(scale="log").signal(antibodies) is None


def test_signals_beyond_all_numbers_are_unknown() -> None:
    assert line(scale="log", slope=1e-3).signal(1e20) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"slope": 0.0},
        {"slope": -1.0},
        {"slope": math.nan},
        {"offset": math.inf},
        {"unit": ""},
        {"detector": "B530"},
        {"fluorochrome": ""},
        {"scale": "cubic"},
    ],
)
def test_wrong_lines_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        line(**wrong)


def test_a_fluorochrome_counts_before_its_detector() -> None:
    both = Calibration(channel=(line(fluorochrome="", detector="B530", slope=3.0), line()))
    assert both.find("PE", "B530") is both.channel[1]
    assert both.find("FITC", "B530") is both.channel[0]
    assert both.find("FITC", "") is None
    assert both.find("FITC", "V450") is None


def test_a_channel_is_calibrated_once() -> None:
    with pytest.raises(ValidationError, match="PE is calibrated twice"):
        Calibration(channel=(line(), line(slope=3.0)))
