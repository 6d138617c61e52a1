"""The steps from files to a report; each is timed on its own, with everything before it made ready.

=======  ==========================================================================
read     problem, cytometer and catalogs from their files
compile  to arrays
tables   every slot that a panel may hold, and what each could claim at its own noise
model    constraint model, built but not solved
solve    the whole search to its proof, on one thread and with a fixed seed
score    exact score of one panel, gates included
report   result of that panel as text, JSON and order list
=======  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.subject import CALL, Subject
from panelopt.answers.design_panel import search_settings
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.claim_bounds import own_bounds
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.io.panel_csv import panel_csv
from panelopt.io.result_json import result_json
from panelopt.questions.question import compiled
from panelopt.report.result_text import result_text
from panelopt.solver.master import Master
from panelopt.solver.search import Search

Step = Callable[[], object]
"""What is timed; returns what it made, so that it can be checked."""


def read(subject: Subject) -> Step:
    """Return what reads the files."""
    return subject.read


def compile_arrays(subject: Subject) -> Step:
    """Return what compiles the question."""
    question = subject.question
    return lambda: compiled(question, CALL)


def tables(subject: Subject) -> Step:
    """Return what builds the tables."""
    instance = subject.instance
    return lambda: claim_tables(instance)


def claim_tables(instance: Instance) -> list[FloatArray]:
    """Return what every option could claim at its own noise."""
    return own_bounds(instance, SubsetNoise(instance, list_options(instance)))


def model(subject: Subject) -> Step:
    """Return what builds the constraint model."""
    instance, options, limits = subject.instance, subject.options, subject.limits
    return lambda: Master(instance, options, limits)


def solve(subject: Subject) -> Step:
    """Return what searches."""
    instance = subject.instance
    return lambda: Search(instance, search_settings(CALL)).run()


def score(subject: Subject) -> Step:
    """Return what judges a panel."""
    _ = subject.slots
    return subject.scored


def report(subject: Subject) -> Step:
    """Return what writes the result down."""
    result = subject.result
    return lambda: (result_text(result), result_json(result), panel_csv(result))


PHASES: dict[str, Callable[[Subject], Step]] = {
    "read": read,
    "compile": compile_arrays,
    "tables": tables,
    "model": model,
    "solve": solve,
    "score": score,
    "report": report,
}
"""All phases, in their order."""

FROM_FILES = ("read", "compile", "report")
"""Phases of subjects that have files."""

FROM_ARRAYS = tuple(name for name in PHASES if name not in FROM_FILES)
"""Phases of any subject."""
