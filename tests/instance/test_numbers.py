"""Instances as records: what differs by the rounding of a processor is the same, anything else is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from panelopt.instance import Instance
from panelopt.instance.numbers import differing, numbers_of
from tests.oracle.instances import random_instance

INSTANCE = random_instance(3, conventional=True)
NUMBERS = numbers_of(INSTANCE)


def _changed(**fields: Any) -> tuple[str, ...]:
    return differing(NUMBERS, numbers_of(replace(INSTANCE, **fields)))


def test_last_digits_do_not_count() -> None:
    assert differing(NUMBERS, NUMBERS) == ()
    assert _changed(abc=INSTANCE.abc * (1 + 1e-14), signal=INSTANCE.signal * (1 - 1e-14) + 1e-18) == ()


@pytest.mark.parametrize("name", ["phi", "abc", "cv", "signal", "autofluorescence", "electronic", "price"])
def test_one_number_counts_from_a_relative_millionth_on(name: str) -> None:
    values = getattr(INSTANCE, name).copy()
    values[np.unravel_index(np.nanargmax(values), values.shape)] *= 1 + 1e-6
    assert _changed(**{name: values}) == (name,)


def test_light_of_one_dye_is_not_measured_by_another() -> None:
    signal = INSTANCE.signal.copy()
    signal[:, 0] *= 1e-12
    faint = replace(INSTANCE, signal=signal)
    changed = signal.copy()
    changed[0, 0] *= 1 + 1e-6
    assert differing(numbers_of(faint), numbers_of(replace(faint, signal=changed))) == ("signal",)


def test_what_is_not_a_computed_number_must_be_equal() -> None:
    known = INSTANCE.abc.copy()
    known[0, 0] = np.nan
    fewer: dict[str, Any] = {"signal": INSTANCE.signal[:-1], "detector": INSTANCE.detector[:-1]}
    assert _changed(abc=known) == ("abc",)
    assert _changed(available=~INSTANCE.available) == ("available",)
    assert _changed(max_colours=2) == ("max_colours",)
    assert _changed(dye=INSTANCE.dye[::-1]) == ("dye",)
    assert set(_shorter(INSTANCE, fewer)) >= {"signal", "detector"}


def _shorter(instance: Instance, fewer: dict[str, Any]) -> tuple[str, ...]:
    names = ("autofluorescence", "background", "excess", "electronic", "proportional", "allowed")
    rest = {name: getattr(instance, name)[:-1] for name in names}
    return differing(NUMBERS, numbers_of(replace(instance, locks=(), **fewer, **rest)))
