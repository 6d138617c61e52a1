"""Named conflicts against trying every panel: they conflict, and without any one demand they do not."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from panelopt.answers.conflicts import ConflictSet, ConstrainedQuestion, demands, smallest_conflict
from panelopt.bounds.candidate_slots import list_options
from panelopt.instance import SlotIndex
from panelopt.questions.question import Options, Question
from panelopt.scoring import check_panel, score_panel
from tests import builders

pytestmark = pytest.mark.usefixtures("few_samples")

VENDORS = ("Testa", "Other")


def random_question(seed: int) -> tuple[Question, Options]:
    """A question of three markers and three or four dyes with several demands, which often conflict."""
    rng = np.random.default_rng([seed, 8])
    markers = list(builders.MARKERS[:3])
    dyes = [str(dye) for dye in rng.permutation(list(builders.DYES))[: rng.integers(2, 5)]]
    names = [str(name) for name in rng.permutation(list(builders.DETECTORS))[: rng.integers(2, 5)]]
    products = tuple(
        builders.conjugate(m, d, vendor=str(rng.choice(VENDORS)), price=float(rng.integers(50, 200)))
        for m in markers
        for d in dyes
        if rng.random() < 0.8
    )
    population = [
        {"name": name, "role": role, "frequency": share, "levels": dict(zip(markers, levels[:3], strict=True))}
        for name, (role, share, levels) in builders.LEVELS.items()
    ]
    for one in population:
        if rng.random() < 0.2:
            one["max_share"] = float(10 ** rng.uniform(-5, -0.3))
    problem = builders.problem(
        marker=[{"name": name, "required": bool(rng.random() < 0.4)} for name in markers],
        population=population,
        goal={"purity": float(rng.choice([0.3, 0.9, 0.999])), "sort_ways": int(rng.choice([1, 4], p=[0.05, 0.95]))},
        limits=_limits(rng, dyes),
        locked=[
            {"marker": str(rng.choice(markers)), "fluorochrome": str(rng.choice(dyes))}
            for _ in range(rng.choice(3, p=[0.5, 0.3, 0.2]))
        ],
    )
    asked = Question(
        problem=problem,
        cytometer=builders.cytometer(names, unmixing="spectral" if rng.random() < 0.3 else "compensation"),
        catalogs=(builders.catalog(conjugates=products),),
        fluorochromes=builders.fluorochromes(),
        autofluorescence=builders.autofluorescence(),
    )
    return asked, Options(require_goal=bool(rng.random() < 0.4))


def _limits(rng: np.random.Generator, dyes: list[str]) -> dict[str, Any]:
    every = {
        "max_colours": int(rng.integers(1, 3)),
        "budget": float(rng.integers(60, 350)),
        "vendors": [str(rng.choice(VENDORS))],
        "exclude_fluorochromes": [str(rng.choice(dyes))],
        "max_similarity": float(rng.uniform(0.001, 0.5)),
        "max_complexity": float(rng.uniform(1.0, 2.0)),
    }
    return {name: value for name, value in every.items() if rng.random() < 0.3}


def is_met(asked: ConstrainedQuestion) -> bool:
    """Whether any panel of all that can be put together meets what is asked."""
    instance = asked.instance()
    by_marker: dict[int, list[SlotIndex]] = {}
    for slot in list_options(instance).slots:
        by_marker.setdefault(slot.markers[0], []).append(slot)
    for choice in itertools.product(*([None, *slots] for slots in by_marker.values())):
        panel = tuple(sorted(slot for slot in choice if slot is not None))
        if panel and not check_panel(instance, panel) and score_panel(instance, panel, 0.0) is not None:
            return True
    return False


def faults(asked: ConstrainedQuestion, conflict: ConflictSet) -> list[str]:
    """What is wrong with a conflict that is called minimal."""
    names = {conflict.demand for conflict in conflict.conflicts}
    every = list(demands(asked))
    only = asked
    for demand in every:
        only = only if demand.name in names else demand.drop(only)
    named = [demand for demand in every if demand.name in names]
    idle = [f"{demand.name} is not needed" for demand in named if not is_met(demand.drop(only))]
    return [*(["it does not conflict"] if is_met(only) else []), *idle]


def conflicts_of(seeds: range) -> tuple[int, dict[int, list[str]]]:
    """Number of questions that no panel meets, and what is wrong with the conflicts named for them."""
    count, wrong = 0, {}
    for seed in seeds:
        asked = ConstrainedQuestion(*random_question(seed))
        if is_met(asked):
            continue
        count += 1
        conflict = smallest_conflict(asked.question, asked.options)
        found = faults(asked, conflict) + ([] if conflict.minimal else ["it is called perhaps not minimal"])
        if found:
            wrong[seed] = [*found, *(conflict.demand for conflict in conflict.conflicts)]
    return count, wrong


def test_named_conflicts_are_minimal() -> None:
    count, wrong = conflicts_of(range(20))
    assert wrong == {}
    assert count >= 7


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1500, 50))
def test_many_named_conflicts_are_minimal(start: int) -> None:
    count, wrong = conflicts_of(range(start, start + 50))
    assert wrong == {}
    assert count >= 15
