"""The questions that are timed: one on a conventional sorter, one on a spectral one, both shipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from panelopt import api
from panelopt.api.question import Options as CallOptions
from panelopt.api.question import Question, compiled
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options, list_options
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.solver.estimate import Estimator
from panelopt.solver.judge import ordered_slots
from panelopt.solver.local import LocalSearch

CASES = {"conventional": ("uc-cd106", "aria-fusion"), "spectral": ("uc-cd106", "symphony-s6")}


@dataclass(frozen=True)
class Case:
    """A question with everything the search makes of it before it starts."""

    question: Question
    instance: Instance
    options: Options
    noise: SubsetNoise

    def panel(self, seed: int = 0) -> tuple[int, ...]:
        """Return an allowed panel, built greedily."""
        search = LocalSearch(self.instance, self.options, Estimator(self.instance, self.options, self.noise), seed)
        panel = search.start()
        assert panel is not None
        return panel

    def slots(self, panel: tuple[int, ...]) -> tuple[SlotIndex, ...]:
        """Return the slots of a panel."""
        return ordered_slots([self.options.slots[o] for o in panel])


@pytest.fixture(scope="session", params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    """Each question in turn."""
    problem, cytometer = CASES[request.param]
    question = api.load(problem, cytometer=cytometer)
    instance = compiled(question, CallOptions()).instance
    options = list_options(instance)
    return Case(question, instance, options, SubsetNoise(instance, options))


@pytest.fixture
def random() -> np.random.Generator:
    """Random numbers of a fixed seed."""
    return np.random.default_rng(0)
