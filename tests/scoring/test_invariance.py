"""What must not matter to a score: the order of anything, and the unit of light or of antibodies."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import Instance, SlotIndex
from panelopt.scoring import PanelScore, score_panel
from tests.bounds.test_validity import random_panel
from tests.oracle.instances import random_instance

SAME = 1e-6

AXES = {  # names of the axes of each array
    "population": "p", "role": "p", "phi": "p", "abc": "pm", "cv": "pm", "autofluorescence_factor": "p",
    "max_share": "p", "marker": "m", "required": "m", "dump": "m", "no_above": "m", "available": "mf", "price": "mf",
    "product_rank": "mf", "dye": "f", "signal": "df", "allowed": "df", "detector": "d", "autofluorescence": "d",
    "background": "d", "excess": "d", "electronic": "d", "proportional": "d", "viability": "m", "sourced": "mf",
    "fragile": "f",
}  # fmt: skip


def question(seed: int, conventional: bool) -> tuple[Instance, tuple[SlotIndex, ...]]:
    instance = random_instance(seed, conventional=conventional, markers=4, dyes=5)
    options = list_options(instance)
    panel = random_panel(options, instance, np.random.default_rng(seed)) if options.slots else []
    return instance, tuple(options.slots[o] for o in panel)


def assert_same(one: PanelScore | None, other: PanelScore | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other.worst == pytest.approx(one.worst, abs=SAME)
        assert other.total == pytest.approx(one.total, abs=SAME)


def reordered(instance: Instance, order: dict[str, np.ndarray]) -> Instance:
    changes = {}
    for name, axes in AXES.items():
        value = getattr(instance, name)
        if isinstance(value, tuple):
            changes[name] = tuple(value[i] for i in order[axes])
        else:
            changes[name] = value[np.ix_(*(order[axis] for axis in axes))].copy()
    return replace(instance, **changes)


def test_every_array_has_its_axes() -> None:
    arrays = {f.name for f in fields(Instance) if "Array" in str(f.type) or "NDArray" in str(f.type)}
    assert arrays - {"owned"} <= set(AXES)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.booleans())
def test_order_of_populations_markers_dyes_and_detectors_does_not_matter(seed: int, conventional: bool) -> None:
    instance, panel = question(seed, conventional)
    if not panel:
        return
    rng = np.random.default_rng(seed)
    sizes = {"p": instance.population, "m": instance.marker, "f": instance.dye, "d": instance.detector}
    order = {axis: rng.permutation(len(names)) for axis, names in sizes.items()}
    place = {axis: np.argsort(order[axis]) for axis in order}
    slots = sorted(
        SlotIndex(
            tuple(sorted(int(place["m"][m]) for m in s.markers)), int(place["f"][s.dye]), int(place["d"][s.detector])
        )
        for s in panel
    )
    assert_same(score_panel(instance, panel), score_panel(reordered(instance, order), slots))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([1e-3, 0.1, 7.0, 1e6]))
def test_the_unit_of_antibodies_does_not_matter(seed: int, conventional: bool, unit: float) -> None:
    """Levels in other units, and light for each such unit."""
    instance, panel = question(seed, conventional)
    if not panel:
        return
    other = replace(
        instance, abc=instance.abc * unit, signal=instance.signal / unit, unknown_abc=instance.unknown_abc * unit
    )
    assert_same(score_panel(instance, panel), score_panel(other, panel))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.5, 3.0, 1e4]))
def test_the_unit_of_light_does_not_matter(seed: int, conventional: bool, unit: float) -> None:
    """Signal, autofluorescence, background and electronic noise in other units; a photon then counts that much more.

    The variance of photons is proportional to light in photoelectrons, so the excess factor carries the unit as well.
    It holds above the least variance of a detector, which is a number of photoelectrons.
    """
    instance, panel = question(seed, conventional)
    if not panel:
        return
    light = {
        name: getattr(instance, name) * unit
        for name in ("signal", "autofluorescence", "background", "electronic", "excess")
    }
    assert_same(score_panel(instance, panel), score_panel(replace(instance, **light), panel))
