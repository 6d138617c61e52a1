"""Objective 3: of the panels as good as the best one, the one preferred at the bench.

The model of the first two objectives is built again with all known cuts and asked for panels that are as good as the
best one but count less; the score decides whether they are. Between its answers a local search follows single changes
of slots. The complexity index of spectral instruments is neither linear nor pairwise and has a search of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring import PanelScore
from panelopt.scoring.practicality import as_good, practical_key, word_order
from panelopt.solver.integer_steps import SCALE
from panelopt.solver.local import LocalSearch, Panel
from panelopt.solver.master import Master
from panelopt.solver.model_run import Answer
from panelopt.solver.panel_scorer import Evaluation, PanelScorer
from panelopt.solver.practical_complexity import LowerComplexity, Margin
from panelopt.solver.practical_keys import PracticalKeys
from panelopt.solver.practical_model import LessSpillover, count_of, demand_as_good
from panelopt.solver.separator import Separator

ROUNDS = 40
"""Answers of the model, per count, that may fail to be as good."""

EVALUATIONS = 400
"""Panels that the local search may score."""

_WORST_ERROR = 0.1  # error of the estimate (log10)
_SHORTENED = 4  # panels with one slot fewer to start local search from

Key = tuple[object, ...]


class PracticalSearch:
    """Finds the panel that objective 3 puts first.

    Args:
        instance, options, scorer, local: The search's own.
        best: The best panel of objectives 1 and 2, or the one to compare with.
        slack: How much worse a panel may be, log10.
        stop: Whether time is up.
    """

    def __init__(
        self,
        instance: Instance,
        options: CandidateSlots,
        scorer: PanelScorer,
        local: LocalSearch,
        best: PanelScore,
        slack: float,
        stop: Callable[[], bool],
    ) -> None:
        self.instance = instance
        self.options = options
        self.scorer = scorer
        self.local = local
        self.best = best
        self.slack = slack
        self.stop = stop
        self.keys = PracticalKeys(instance, options)
        self._left = EVALUATIONS
        self._is_spectral = not instance.conventional

    def key(self, evaluation: Evaluation) -> Key | None:
        """Return the key of objective 3, smaller is better; None if a panel is not as good as the best one."""
        if evaluation.score is None or not as_good(self.best, evaluation.score, self.slack):
            return None
        return practical_key(self.instance, evaluation.score)

    def first(self, evaluations: Sequence[Evaluation]) -> Evaluation | None:
        """Return the evaluation that objective 3 puts first; None if none is as good as the best one."""
        keyed = [(key, one.key, one) for one in evaluations if (key := self.key(one)) is not None]
        return min(keyed, key=lambda item: item[:2])[2] if keyed else None

    # ---- local search

    def improve(self, start: Evaluation) -> Evaluation:
        """Return a panel of fewer slots, if local search finds one, improved by single changes."""
        best = start
        while not self.stop() and (smaller := self._smaller(best)) is not None:
            best = smaller
        return self._descend(best, self.keys.fewer if self._is_spectral else self.keys.before)

    def complete(self, start: Evaluation) -> Evaluation:
        """Return a panel improved in what the model does not know, if local search finds one."""
        if not self._is_spectral:
            return start
        margin = Margin(self.instance, self.local, self.best, self.slack)
        parts = (self.instance, self.options, self.local, self.keys)
        lower = LowerComplexity(*parts, margin, self._as_good).run(start, self.stop)
        return self._descend(self.first([start, lower]) or start, self.keys.before)

    def _as_good(self, panel: Panel) -> Evaluation | None:
        evaluation = self.scorer.evaluate(panel)
        return None if self.key(evaluation) is None else evaluation

    def _smaller(self, best: Evaluation) -> Evaluation | None:
        """Return a panel with one slot fewer that comes before, or None."""
        most = len(best.key) - 1
        shorter = [panel for panel in self.local.neighbours(best.key) if len(panel) == most]
        merits = np.round(self._merit(*self.local.estimates(shorter)), 7)
        for i in np.argsort(-merits, kind="stable")[:_SHORTENED]:
            panel, _ = self.local.climb(shorter[i], self._merit, self.stop, most)
            found = self.first([best, self.scorer.evaluate(panel)])
            if found is not None and found is not best:
                return found
        return None

    def _merit(self, worst: FloatArray, total: FloatArray) -> FloatArray:
        return total - 1e3 * np.maximum(self.best.worst - self.slack - worst, 0.0)

    def _descend(self, best: Evaluation, before: Callable[[Sequence[Panel], Panel], list[Panel]]) -> Evaluation:
        """Take the first improvement in the order of objective 3 until none is left or the evaluations are spent.

        Args:
            best: Where to begin.
            before: Returns which neighbours of a panel may come before it, in order.
        """
        improved = True
        while improved:
            improved = False
            for panel in self._promising(before, best):
                if self._left <= 0 or self.stop():
                    return best
                self._left -= 1
                evaluation = self.scorer.evaluate(panel)
                if self.first([best, evaluation]) is evaluation:
                    best, improved = evaluation, True
                    break
        return best

    def _promising(self, before: Callable[[Sequence[Panel], Panel], list[Panel]], best: Evaluation) -> list[Panel]:
        """Return neighbours that, by the estimate, may come before the best one and be about as good."""
        unjudged = [panel for panel in self.local.neighbours(best.key) if panel not in self.scorer.known]
        panels = before(unjudged, best.key)
        worst, _ = self.local.estimates(panels)
        least = self.best.worst - self.slack - _WORST_ERROR
        return [panel for panel, estimate in zip(panels, worst, strict=True) if estimate > least]


class SearchStage(Protocol):
    """A count that the model minimises."""

    def ask(self, best: Evaluation | None) -> None:
        """Set the objective: count less than the best panel known."""

    def is_least(self, bound: float, best: Evaluation) -> bool:
        """Whether a proven bound shows that no panel counts less than the best one."""

    def keep(self, best: Evaluation) -> None:
        """Allow later panels no higher count than that of the best one."""


class CountStage:
    """Counts that are linear in the options.

    Args:
        search: What is counted, and of which options.
        master: The model.
        words: Words of objective 3.
    """

    def __init__(self, search: PracticalSearch, master: Master, words: Sequence[str]) -> None:
        self._options = search.options
        self._count = count_of(search.instance, search.options, words)
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
    """Searches the model for panels that come first, and proves that none come before them.

    Args:
        search: What is counted, and the local search.
        master: A model with all known cuts and no objective.
        separator: Adds cuts to it.
        solve: Runs the model once.
        tolerance: How much of the worst ratio that reported gates may give up, log10.
    """

    def __init__(
        self,
        search: PracticalSearch,
        master: Master,
        separator: Separator,
        solve: Callable[[Master, Evaluation | None], Answer],
        tolerance: float,
    ) -> None:
        self.search = search
        self.master = master
        self.separator = separator
        self._solve = solve
        demand_as_good(master, search.best, search.slack, tolerance)
        for evaluation in search.scorer.known.values():
            if search.key(evaluation) is None:
                master.forbid_exactly(evaluation.key)

    def run(self, start: Evaluation | None) -> tuple[Evaluation | None, bool]:
        """Return the panel that comes first, and whether that is proven for all counts in the model.

        Args:
            start: The first of the panels known to be good enough; None where none is known.
        """
        best, proven = start, True
        for stage in self._stages():
            best, reached = self._least(stage, best)
            proven &= reached
            if best is None:
                break
            stage.keep(best)
        return best, proven

    def _stages(self) -> Iterator[SearchStage]:
        instance = self.search.instance
        words: Sequence[str] = word_order(instance.prefer)
        if not instance.conventional:
            words = words[: words.index("spillover")]
        for spills, some in groupby(words, key=lambda word: word == "spillover"):
            if spills:
                yield LessSpillover(instance, self.search.options, self.master)
            else:
                yield from (CountStage(self.search, self.master, group) for group in _up_to_price(some))

    def _least(self, stage: SearchStage, best: Evaluation | None) -> tuple[Evaluation | None, bool]:
        """Let the model propose panels that count less until the score confirms one or the rounds are spent."""
        search = self.search
        for _ in range(ROUNDS):
            if best is not None and stage.is_least(0.0, best):
                return best, True
            stage.ask(best)
            answer = self._solve(self.master, best)
            relaxed = answer.relaxed
            if answer.infeasible:
                return best, True
            if answer.bound is None or relaxed is None:
                return best, False
            if best is not None and stage.is_least(answer.bound * SCALE, best):
                return best, True
            evaluation = search.scorer.evaluate(relaxed.panel)
            if search.key(evaluation) is None:
                self.separator.refine(relaxed, only_worst=False, surplus=0.0, stop=search.stop, lasting=False)
                self.master.forbid_exactly(evaluation.key)
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
