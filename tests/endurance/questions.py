"""Random questions by number, the same on every machine: shipped problems that are changed in many ways."""
# ruff: noqa: S311

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import Any

from panelopt import api, registry
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Catalog
from panelopt.questions.question import Options, Question

CATALOGS = (("msc-reagents",), ("msc-reagents", "synthetic-prices"), ("synthetic-prices",))
TOLERANCES = (0.0, 0.02, 0.1)
TIME_LIMITS_S = (0.5, 2.0, 6.0)


def random_question(number: int) -> tuple[Question, Options]:
    """Return the question of a number, and the demands that are part of it.

    Raises:
        InputError: if the change of the problem left none.
    """
    random = Random(f"question {number}")
    problem = random.choice(registry.problem_names())
    cytometer = random.choice(registry.cytometer_names())
    loaded = api.load(problem, cytometer=cytometer, catalogs=random.choice(CATALOGS))
    question = replace(
        loaded,
        problem=_changed(loaded.problem, random),
        catalogs=tuple(_thinned(catalog, random) for catalog in loaded.catalogs),
    )
    priced = any(catalog.name.startswith("synthetic") for catalog in loaded.catalogs)
    demands = Options(
        tolerance=random.choice(TOLERANCES),
        max_colours=random.choice((None, *range(2, 15))),
        budget=round(random.uniform(500, 6000), 2) if priced and random.random() < 0.4 else None,
        allow_unknown_price=random.random() < 0.5,
        require_goal=random.random() < 0.1,
        allow_unverified=random.random() < 0.5,
        exclude_tandems=random.random() < 0.1,
        slack=random.choice((None, 0.0, 0.3)),
        max_spillover=random.choice((None, None, 0.5, 2.0)),
    )
    return question, demands


def with_effort(demands: Options, number: int, repeat: int) -> Options:
    """Return the options of one of several runs of a question: they must not contradict each other."""
    random = Random(f"effort {number} {repeat}")
    return replace(
        demands, time_limit_s=random.choice(TIME_LIMITS_S), seed=random.randrange(1000), workers=random.choice((1, 2))
    )


def _changed(problem: Problem, random: Random) -> Problem:
    """Return the problem with other numbers and demands, validated anew."""
    data = problem.model_dump(exclude_unset=True)
    for change in (_frequencies, _levels, _markers, _goals, _limits):
        if random.random() < 0.5:
            change(data, problem, random)
    return Problem.model_validate(data)


def _frequencies(data: dict[str, Any], problem: Problem, random: Random) -> None:
    for entry, population in zip(data.get("population", ()), problem.population, strict=True):
        for name in ("frequency_low", "frequency_high"):
            entry.pop(name, None)
        entry["frequency"] = max(population.frequency * 10 ** random.uniform(-2, 0), 1e-12)


def _levels(data: dict[str, Any], problem: Problem, random: Random) -> None:
    factor = 10 ** random.uniform(-1.3, 0.5)
    for entry, population in zip(data.get("population", ()), problem.population, strict=True):
        entry["autofluorescence"] = population.autofluorescence * 10 ** random.uniform(-0.3, 0.5)
        entry["levels"] = {
            marker: {"abc": factor * problem.resolve(level).abc, "cv": problem.resolve(level).cv}
            for marker, level in population.levels.items()
            if random.random() < 0.95
        }
        entry["level_sources"] = {m: source for m, source in population.level_sources.items() if m in entry["levels"]}


def _markers(data: dict[str, Any], problem: Problem, random: Random) -> None:
    most = random.randrange(4)
    for entry in random.sample(data["marker"], min(most, len(data["marker"]))):
        if entry.get("role", "candidate") in ("candidate", "dump", "viability"):
            entry["required"] = True


def _goals(data: dict[str, Any], problem: Problem, random: Random) -> None:
    data["goal"] = {
        **data.get("goal", {}),
        "purity": random.choice((0.8, 0.9, 0.95, 0.99, 0.999)),
        "gate_loss": random.choice((0.005, 0.02, 0.05)),
        "max_gates": random.choice((None, 1, 2, 4)),
    }


def _limits(data: dict[str, Any], problem: Problem, random: Random) -> None:
    data["limits"] = {
        **data.get("limits", {}),
        "exclude_tandems": random.random() < 0.3,
        "max_similarity": random.choice((None, 0.9, 0.98)),
        "max_complexity": random.choice((None, 10.0, 50.0)),
    }


def _thinned(catalog: Catalog, random: Random) -> Catalog:
    """Return the catalog with a part of its products."""
    rows = catalog.conjugates
    if random.random() < 0.5:
        return catalog
    count = math.ceil(len(rows) * random.uniform(0.2, 1.0))
    kept = sorted(random.sample(range(len(rows)), count))
    return catalog.model_copy(update={"conjugates": tuple(rows[place] for place in kept)})
