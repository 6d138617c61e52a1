"""Objective 3 proven: no panel that is as good as the best one comes before the chosen one.

Panels of few slots are listed. Where that is too much, the model of the first two objectives is built again with all
known cuts and asked for panels that are as good as the best one but count less; the score decides whether they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Protocol

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.scoring.practicality import word_order
from panelopt.solver.integer_steps import SCALE
from panelopt.solver.master import Master
from panelopt.solver.model_run import Answer
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.practical_listing import Incomplete, PracticalListing
from panelopt.solver.practical_model import Count, LessSpillover, count_of, demand_as_good
from panelopt.solver.practical_search import PracticalSearch
from panelopt.solver.search_state import SearchParts
from panelopt.solver.separator import Separator

NEAR = 8
"""Smaller counts before spillover that are listed one after the other; where there are more the model is asked."""

ROUNDS = 40
"""Answers of the model, per count, that may fail to be as good."""

STALLED = 10
"""Answers in a row that may fail without a higher bound, where the bound can rise."""


class SearchStage(Protocol):
    """A count that the model minimises.

    Attributes:
        patience: Answers in a row that may fail without a higher bound.
    """

    patience: int

    def ask(self, best: Evaluation | None) -> None:
        """Set the objective: count less than the best panel known."""

    def is_least(self, bound: float, best: Evaluation) -> bool:
        """Whether a proven bound shows that no panel counts less than the best one."""

    def keep(self, best: Evaluation) -> None:
        """Allow later panels no higher count than that of the best one."""


class CountStage:
    """Counts that are linear in the options.

    Args:
        options: All slots.
        master: The model.
        count: What is counted.
    """

    patience = STALLED

    def __init__(self, options: CandidateSlots, master: Master, count: Count) -> None:
        self._options = options
        self._count = count
        self._master = master
        self._expression = self._count.expression(master)

    def ask(self, best: Evaluation | None) -> None:  # noqa: ARG002  (the smallest count is asked for at once)
        """Set the objective: count less than the best panel known."""
        self._master.minimise(self._expression)

    def is_least(self, bound: float, best: Evaluation) -> bool:
        """Whether a proven bound shows that no panel counts less than the best one."""
        return round(bound) >= self._count.value(self._options, best.key)

    def keep(self, best: Evaluation) -> None:
        """Allow later panels no higher count than that of the best one."""
        self._master.model.add(self._expression <= self._count.value(self._options, best.key))


class PracticalProof:
    """Searches for panels that come first, and proves that none come before them.

    Args:
        search: What is counted, and the local search.
        parts: The model of the first two objectives.
        solve: Runs a model once.
        tolerance: How much of the worst ratio that reported gates may give up, log10.
    """

    def __init__(
        self,
        search: PracticalSearch,
        parts: SearchParts,
        solve: Callable[[Master, Evaluation | None], Answer],
        tolerance: float,
    ) -> None:
        self.search = search
        self._parts = parts
        self._solve = solve
        self._tolerance = tolerance

    @cached_property
    def _model(self) -> tuple[Master, Separator]:
        """A model of panels as good as the best one, with all known cuts and no objective."""
        master, separator = self._parts.second_model()
        demand_as_good(master, self.search.best, self.search.slack, self._tolerance)
        for evaluation in self.search.scorer.known.values():
            if self.search.key(evaluation) is None:
                master.forbid_exactly(evaluation.key)
        return master, separator

    def run(self, start: Evaluation | None) -> tuple[Evaluation | None, bool]:
        """Return the panel that comes first, and whether that is proven for all counts in the model.

        Args:
            start: The first of the panels known to be good enough; None where none is known.
        """
        with contextlib.suppress(Incomplete):
            return self._by_listing(start), True
        best, proven = start, True
        for stage in self._stages():
            best, reached = self._least(stage, best)
            proven &= reached
            if best is None:
                break
            stage.keep(best)
        return best, proven

    def _by_listing(self, start: Evaluation | None) -> Evaluation | None:
        """Return the panel that comes first among all panels of the smallest count before spillover.

        Raises:
            Incomplete: if panels are too many, or spillover counts before colours.
        """
        parts = self._parts
        listing = PracticalListing(self.search, parts.tools, parts.separator.bounds(parts.tools.own_bounds))
        number, known = listing.least, None if start is None else listing.number(start.key)
        asked = known is None or known - number > NEAR
        if asked:
            number = self._fewest(listing.count, start)
        for _ in range(NEAR + 1):
            try:
                found = listing.first(number, start if known == number else None)
            except Incomplete:
                bound = number if asked else self._fewest(listing.count, start)
                asked = True
                if bound <= number:
                    raise
                number = bound
                continue
            if found is not None:
                return found
            number += 1
        raise Incomplete

    def _fewest(self, count: Count, best: Evaluation | None) -> int:
        """Return the model's bound on a count of panels that are as good as the best one."""
        master, _ = self._model
        master.minimise(count.expression(master))
        answer = self._solve(master, best)
        if answer.bound is None:
            raise Incomplete
        return round(answer.bound * SCALE)

    def _stages(self) -> Iterator[SearchStage]:
        instance, options = self.search.instance, self.search.options
        master, _ = self._model
        words: Sequence[str] = word_order(instance.prefer)
        if not instance.conventional:
            words = words[: words.index("spillover")]
        for spills, some in groupby(words, key=lambda word: word == "spillover"):
            if spills:
                yield LessSpillover(instance, options, master)
            else:
                counts = (count_of(instance, options, group) for group in _up_to_price(some))
                yield from (CountStage(options, master, count) for count in counts)

    def _least(self, stage: SearchStage, best: Evaluation | None) -> tuple[Evaluation | None, bool]:
        """Let the model propose panels that count less until the score confirms one or the rounds are spent."""
        search = self.search
        master, separator = self._model
        highest, stalled = -np.inf, 0
        for _ in range(ROUNDS):
            if best is not None and stage.is_least(0.0, best):
                return best, True
            stage.ask(best)
            answer = self._solve(master, best)
            relaxed = answer.relaxed
            if answer.infeasible:
                return best, True
            if answer.bound is None or relaxed is None:
                return best, False
            if best is not None and stage.is_least(answer.bound * SCALE, best):
                return best, True
            stalled = 0 if answer.bound > highest + 0.5 / SCALE else stalled + 1
            if stalled == stage.patience:
                return best, False
            highest = max(highest, answer.bound)
            evaluation = search.scorer.evaluate(relaxed.panel)
            if search.key(evaluation) is None:
                separator.refine(relaxed, only_worst=False, surplus=0.0, stop=search.stop, lasting=False)
                master.forbid_exactly(evaluation.key)
                continue
            found = search.first([evaluation] if best is None else [best, evaluation])
            if found is best or found is None:  # it counts no less after all
                return best, False
            best = search.improve(evaluation)
        return best, False


def _up_to_price(words: Iterable[str]) -> list[list[str]]:
    """Return groups of words that one number can hold in order; a price ends its group."""
    groups: list[list[str]] = [[]]
    for word in words:
        groups[-1].append(word)
        if word == "price":
            groups.append([])
    return [group for group in groups if group]
