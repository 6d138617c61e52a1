"""NSGA-II, a genetic algorithm for several objectives: here objectives 1 and 2, and their front.

K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
Transactions on Evolutionary Computation 6:182-197 (2002), doi:10.1109/4235.996017; by pymoo: J. Blank, K. Deb, "pymoo:
multi-objective optimization in Python", IEEE Access 8:89497-89509 (2020), doi:10.1109/ACCESS.2020.2990567.
"""

from __future__ import annotations

import importlib.util
from typing import Any, ClassVar

import numpy as np

from benchmarks.peers.moves import Moves, Panel
from benchmarks.peers.trace import Jury, Trace
from panelopt.instance.arrays import Instance

POPULATION = 100

JUDGED = 4
"""Panels of the front that the score judges in each generation: those with the best objective 1, and the best sum."""

LEAST = -1e3
"""Estimate of panels that cannot be unmixed; the library wants finite numbers."""


def has_pymoo() -> bool:
    """Whether the package is installed."""
    return importlib.util.find_spec("pymoo") is not None


class Nsga2:
    """One population until the time is over; children are unions of two panels, thinned at random to an allowed one."""

    name: ClassVar[str] = "nsga-ii"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over."""
        # the time of these imports does not count; importing the algorithm takes longest
        import pymoo.algorithms.moo.nsga2  # noqa: F401
        from pymoo.core.evaluator import Evaluator
        from pymoo.core.problem import Problem
        from pymoo.problems.static import StaticProblem

        jury = Jury(self.name, instance, seconds)
        moves = Moves(instance, np.random.default_rng(seed))
        problem = Problem(n_var=1, n_obj=2)
        algorithm = _algorithm(moves)
        algorithm.setup(problem, seed=seed, termination=("n_gen", 10**9), verbose=False)
        while not jury.is_over:
            population = algorithm.ask()
            if population is None or len(population) == 0:
                break
            panels: list[Panel] = [x[0] for x in population.get("X")]
            worst, total = moves.estimates(panels)
            values = -np.column_stack([np.maximum(worst, LEAST), np.maximum(total, LEAST * 100)])
            Evaluator().eval(StaticProblem(problem, F=values), population)
            algorithm.tell(infills=population)
            self._judge(moves, jury, algorithm.opt)
        return jury.close()

    def _judge(self, moves: Moves, jury: Jury, front: Any) -> None:
        values, panels = front.get("F"), [x[0] for x in front.get("X")]
        by_worst = np.lexsort((values[:, 1], values[:, 0]))[: JUDGED // 2]
        best = float(values[by_worst[0], 0])
        level = np.flatnonzero(values[:, 0] <= best + jury.tolerance)
        by_sum = level[np.argsort(values[level, 1], kind="stable")][: JUDGED // 2]
        for place in dict.fromkeys([*by_worst.tolist(), *by_sum.tolist()]):
            if not jury.is_over:
                jury.judge(moves.slots(panels[place]))


def _algorithm(moves: Moves) -> Any:
    """Return the algorithm with operators that know the rules; a variable is one panel."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.crossover import Crossover
    from pymoo.core.duplicate import ElementwiseDuplicateElimination
    from pymoo.core.mutation import Mutation
    from pymoo.core.sampling import Sampling

    class Panels(Sampling):
        def _do(self, _problem: Any, n_samples: int, *_args: Any, **_kwargs: Any) -> Any:
            found = [panel for _ in range(n_samples) if (panel := moves.random_panel()) is not None]
            return _column(found)

    class Union(Crossover):
        def __init__(self) -> None:
            super().__init__(n_parents=2, n_offsprings=2)

        def _do(self, _problem: Any, X: Any, *_args: Any, **_kwargs: Any) -> Any:  # noqa: N803 - the library's name
            children = np.empty_like(X)
            for pair in range(X.shape[1]):
                one, other = X[0, pair, 0], X[1, pair, 0]
                for child, parent in enumerate((one, other)):
                    children[child, pair, 0] = moves.mixed(one, other) or parent
            return children

    class Change(Mutation):
        def _do(self, _problem: Any, X: Any, *_args: Any, **_kwargs: Any) -> Any:  # noqa: N803 - the library's name
            return _column([moves.random_change(x[0]) or x[0] for x in X])

    class Equal(ElementwiseDuplicateElimination):
        def is_equal(self, a: Any, b: Any) -> bool:
            return bool(a.X[0] == b.X[0])

    return NSGA2(
        pop_size=POPULATION, sampling=Panels(), crossover=Union(), mutation=Change(), eliminate_duplicates=Equal()
    )


def _column(panels: list[Panel]) -> np.ndarray:
    column = np.empty((len(panels), 1), dtype=object)
    for place, panel in enumerate(panels):
        column[place, 0] = panel
    return column
