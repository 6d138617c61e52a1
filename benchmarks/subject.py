"""What is timed: a question or an instance, with everything that the phases need, made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from panelopt import api
from panelopt.answers.result_records import Assembler
from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.claim_bounds import own_bounds
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.domain.result import Result, SolveStatus
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.questions.question import Question, compiled
from panelopt.scoring import PanelScore, score_panel
from panelopt.solver.local import LocalSearch
from panelopt.solver.panel_estimate import PanelEstimator
from panelopt.solver.panel_scorer import ordered_slots

CALL = api.Options(time_limit_s=None, workers=1, seed=0)
"""Options of every call that is timed: the search ends by proof, on one thread and with a fixed seed."""


class Subject:
    """One question of one size.

    Args:
        read: Reads the question from its files; None where there are none.
        make: Makes the instance; None where it is compiled from the question.
    """

    def __init__(self, read: Callable[[], Question] | None = None, make: Callable[[], Instance] | None = None) -> None:
        self._read, self._make = read, make

    @property
    def read(self) -> Callable[[], Question]:
        """What reads the question.

        Raises:
            TypeError: if the subject has no files.
        """
        if self._read is None:
            raise TypeError("this subject is made of numbers, and has no files to read")
        return self._read

    @cached_property
    def question(self) -> Question:
        """Problem, cytometer and catalogs."""
        return self.read()

    @cached_property
    def instance(self) -> Instance:
        """The arrays."""
        return compiled(self.question, CALL).instance if self._make is None else self._make()

    @cached_property
    def options(self) -> CandidateSlots:
        """Every slot that a panel may hold."""
        return list_options(self.instance)

    @cached_property
    def noise(self) -> SubsetNoise:
        """Noise of the options."""
        return SubsetNoise(self.instance, self.options)

    @cached_property
    def limits(self) -> list[FloatArray]:
        """What each option could claim at its own noise."""
        return own_bounds(self.instance, self.noise)

    @cached_property
    def estimator(self) -> PanelEstimator:
        """Fast estimates of the score."""
        return PanelEstimator(self.instance, self.options, self.noise)

    @cached_property
    def panel(self) -> tuple[int, ...]:
        """An allowed panel of options, built greedily."""
        panel = LocalSearch(self.instance, self.options, self.estimator, 0).start()
        if panel is None:
            raise ValueError("this subject allows no panel")
        return panel

    @cached_property
    def slots(self) -> tuple[SlotIndex, ...]:
        """The slots of that panel."""
        return ordered_slots([self.options.slots[option] for option in self.panel])

    def scored(self) -> PanelScore:
        """Return the exact score of that panel."""
        score = score_panel(self.instance, self.slots, CALL.tolerance)
        assert score is not None
        return score

    @cached_property
    def result(self) -> Result:
        """That panel as a result, without a proof."""
        arrays = compiled(self.question, CALL)
        return Assembler(self.question, CALL, arrays).result(SolveStatus.FEASIBLE, self.scored())
