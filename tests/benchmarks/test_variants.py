"""Hard variants: what they change, and that they are the same every time."""

from __future__ import annotations

import click
import numpy as np
import pytest

from benchmarks.variants import HARD, VARIANTS, Case, cases, sample
from panelopt.bounds.exclusions import most_slots
from panelopt.solver.feasible import is_feasible

NOMINAL = Case("nominal", "skeletal-hssc", "aria-fusion")


def _variant(name: str) -> Case:
    return Case(name, NOMINAL.problem, NOMINAL.cytometer)


def test_dim_takes_light_and_adds_autofluorescence() -> None:
    nominal, hard = NOMINAL.instance, _variant("dim").instance
    np.testing.assert_allclose(hard.signal, nominal.signal * 0.05)
    np.testing.assert_allclose(hard.autofluorescence, nominal.autofluorescence * 3)
    assert (hard.allowed == nominal.allowed).all()


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_allows_fourteen_colours_and_some_panel(name: str) -> None:
    instance = _variant(name).instance
    assert instance.max_colours == 14
    assert is_feasible(instance)


def test_a_smaller_limit_of_the_problem_stays() -> None:
    assert Case("dim", "bm-cd271-msca1-gmp", "aria-fusion").instance.max_colours == 5


def test_required_demands_all_candidates_or_as_many_as_fit() -> None:
    roomy = _variant("required").instance
    candidates = roomy.available.any(axis=1) & ~roomy.dump
    assert roomy.required[candidates].all()
    tight = Case("required", "bm-cd146-hi", "sh800").instance
    assert most_slots(tight) == 6
    assert tight.required.sum() == 6


def test_required_keeps_what_the_problem_requires_where_no_more_fits() -> None:
    nominal, full = (
        Case("nominal", "skeletal-hssc", "sh800").instance,
        Case("required", "skeletal-hssc", "sh800").instance,
    )
    assert (full.required == nominal.required).all()


def test_thin_keeps_about_a_third_of_the_products_and_one_of_each_marker() -> None:
    nominal, thin = NOMINAL.instance, _variant("thin").instance
    assert not (thin.available & ~nominal.available).any()
    assert 0.25 < thin.available.sum() / nominal.available.sum() < 0.45
    assert (thin.available.any(axis=1) == nominal.available.any(axis=1)).all()


def test_thin_depends_on_names_alone() -> None:
    one, other = _variant("thin").instance, Case("thin", "skeletal-hssc", "aurora-5l").instance
    kept = {(m, f) for m, f in np.argwhere(one.available)}
    both = {(m, f) for m, f in np.argwhere(other.available)}
    assert {(one.marker[m], one.dye[f]) for m, f in kept} == {(other.marker[m], other.dye[f]) for m, f in both}


def test_samples_are_nested_and_keep_the_order() -> None:
    every = cases(HARD, ["a", "b", "c"], ["x", "y"])
    small, large = sample(every, 5), sample(every, 11)
    assert set(small) < set(large)
    assert small == [case for case in every if case in small]


def test_a_case_is_read_as_it_is_written() -> None:
    assert Case.parse(str(NOMINAL)) == NOMINAL


@pytest.mark.parametrize("text", ["dim", "dim/uc-cd106", "bright/uc-cd106@influx", "dim/@influx", "dim/uc-cd106@"])
def test_a_wrong_case_is_told(text: str) -> None:
    with pytest.raises(click.BadParameter, match="variant/problem@cytometer"):
        Case.parse(text)
