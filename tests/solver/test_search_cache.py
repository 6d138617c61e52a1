"""Searches that share what they find give answers as true as those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import Instance
from panelopt.solver import explorer
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.panel_scorer import PanelScorer
from panelopt.solver.search import Search
from panelopt.solver.search_cache import SearchCache
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance
from tests.oracle.truth import Case, wrong

TOLERANCE = 0.0


def search(instance: Instance, cache: SearchCache | None = None) -> Outcome:
    return Search(instance, SearchSettings(30.0, TOLERANCE), cache=cache).run()


def without_dye(instance: Instance, dye: int) -> Instance:
    """The instance as it is compiled where no product has one of the dyes."""
    keep = np.arange(len(instance.dye)) != dye
    return replace(
        instance,
        dye=tuple(name for f, name in enumerate(instance.dye) if keep[f]),
        signal=instance.signal[:, keep],
        available=instance.available[:, keep],
        allowed=instance.allowed[:, keep],
        price=instance.price[:, keep],
        product_rank=instance.product_rank[:, keep],
        sourced=instance.sourced[:, keep],
        fragile=instance.fragile[keep],
        owned=None if instance.owned is None else instance.owned[:, keep],
    )


@pytest.fixture(scope="module", autouse=True)
def only_the_model() -> Iterator[None]:
    """No question is closed by listing: searches share what the model has learnt."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explorer, "LISTED_AFTER", {})
        yield


def related(instance: Instance, first: Outcome) -> Iterator[tuple[str, Instance]]:
    """Questions about the same cells and dyes, as they come up around an optimum."""
    assert first.score is not None
    stains = frozenset(slot.stain for slot in first.score.slots)
    yield "another panel", replace(instance, apart=(stains,), differ=1)
    yield "fewer colours", replace(instance, max_colours=max(len(first.score.slots) - 1, 1))
    yield "without the first dye", without_dye(instance, 0)
    yield "at most one gate", replace(instance, max_gates=1)
    yield "as before", instance


def faults(seed: int) -> dict[str, str]:
    """What is false in the answers to related questions that share their knowledge."""
    instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=3)
    cache = SearchCache()
    first = search(instance, cache)
    if first.score is None:
        return {}
    found = {}
    for name, question in related(instance, first):
        outcome = search(question, cache)
        case = Case(name, question, scores_of(question, TOLERANCE), outcome, TOLERANCE)
        found[f"{seed} {name}"] = wrong(case) or ("" if outcome.status in ("optimal", "infeasible") else "unfinished")
    return {name: fault for name, fault in found.items() if fault}


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(s, marks=pytest.mark.slow) for s in range(3, 8))])
def test_shared_knowledge_tells_nothing_false(seed: int) -> None:
    assert faults(seed) == {}


def strong(seed: int) -> Instance:
    """An instance that needs rows: bright light of the cells, dim dyes."""
    instance = random_instance(seed, conventional=True, markers=4, dyes=6)
    return replace(instance, signal=instance.signal * 0.05, autofluorescence=instance.autofluorescence * 3)


@pytest.fixture(scope="module")
def taught() -> tuple[SearchCache, Instance, Search]:
    """A search that needed many limits, what it left, and its question."""
    for seed in range(30):
        instance, cache = strong(seed), SearchCache()
        one = Search(instance, SearchSettings(30.0, TOLERANCE), cache=cache)
        one.run()
        if len(one.parts.separator.rows) > 99:
            return cache, instance, one
    raise AssertionError("no instance needs many rows")


def test_the_same_question_starts_from_everything_that_is_known(taught: tuple[SearchCache, Instance, Search]) -> None:
    cache, instance, first = taught
    again = Search(instance, SearchSettings(30.0, TOLERANCE), cache=cache)
    outcome = again.run()
    assert outcome.best_worst == first.outcome.best_worst
    assert outcome.best_total == first.outcome.best_total
    assert outcome.iterations < first.outcome.iterations
    assert again.parts.tools.own_bounds is first.parts.tools.own_bounds


def test_limits_are_not_taken_over_where_more_is_allowed_than_before(
    taught: tuple[SearchCache, Instance, Search],
) -> None:
    _, instance, _ = taught
    cache = SearchCache()
    search(without_dye(instance, 0), cache)
    more = Search(instance, SearchSettings(30.0, TOLERANCE), cache=cache)
    more._prepare()
    more._build_model()
    assert more.parts.master.rows == 0


def test_nothing_is_taken_over_from_other_cells(taught: tuple[SearchCache, Instance, Search]) -> None:
    cache, instance, _ = taught
    options = list_options(instance)
    assert cache.starts(instance, options)
    for other in (
        replace(instance, abc=instance.abc * 1.5),
        replace(instance, signal=instance.signal * 1.5),
        replace(instance, leak=instance.leak * 2),
    ):
        assert cache.starts(other, options) == []


def test_scores_are_taken_over_but_rules_are_checked_again(taught: tuple[SearchCache, Instance, Search]) -> None:
    cache, instance, first = taught
    assert first.outcome.score is not None
    slots = first.outcome.score.slots
    options = list_options(instance)
    for question, allowed in ((instance, True), (replace(instance, max_colours=len(slots) - 1), False)):
        if not allowed and len(slots) == 1:
            continue
        scorer = PanelScorer(question, options, TOLERANCE)
        cache.apply(question, options, first.parts.separator, scorer)
        evaluation = scorer.evaluate([options.by_slot[slot] for slot in slots])
        assert (evaluation.score is first.outcome.score) == allowed
