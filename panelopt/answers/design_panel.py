"""Designs and improves panels."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from panelopt.errors import Finding, UsageError
from panelopt.instance.arrays import Instance
from panelopt.instance.compile import Compiled
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.constrained_question import Placement
from panelopt.questions.panel_rows import named_rows, products_of, slots_of
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.scoring import check_panel
from panelopt.solver.listener import SolveListener
from panelopt.solver.machine import available_cores
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.search import Search
from panelopt.solver.search_cache import SearchCache

if TYPE_CHECKING:
    from panelopt.domain.result import Result


@refuse_overflow
def design(
    question: Question,
    options: Options | None = None,
    listener: SolveListener | None = None,
    cache: SearchCache | None = None,
) -> Result:
    """Choose the best panel and prove a bound on any other.

    Args:
        question: The question.
        options: Demands and search options of the call.
        listener: Receives progress.
        cache: Tables and bounds of related questions, read and extended.

    Returns:
        The result; if no panel meets the demands, its status is infeasible and a minimal conflict is named.

    Raises:
        InputError: if names in the problem are unknown or prices cannot be compared.
    """
    began = time.perf_counter()
    options = named(question, options or Options())
    arrays = compiled(question, options)
    search = Search(arrays.instance, search_settings(options), listener, cache=cache, began=began)
    outcome = search.run()
    return result_of(question, options, arrays, outcome)


@refuse_overflow
def improve(
    question: Question,
    rows: Sequence[PanelRow],
    max_changes: int,
    options: Options | None = None,
    listener: SolveListener | None = None,
    cache: SearchCache | None = None,
) -> Result:
    """Find the best panel with a limited number of changed reagents.

    A change is a reagent that the given panel lacks, or a marker that is no longer stained.

    Args:
        question: The question.
        rows: The given panel.
        max_changes: Maximum number of changes.
        options: Demands and search options of the call.
        listener: Receives progress.
        cache: Tables and bounds of related questions, read and extended.

    Raises:
        InputError: if the panel contains an unknown name.
        UsageError: if ``max_changes`` is negative.
    """
    from panelopt.answers.changes import changes
    from panelopt.domain.result import Remark

    began = time.perf_counter()
    options = named(question, options or Options())
    if max_changes < 0:
        raise UsageError("the number of changes must not be negative")
    rows = named_rows(question, rows)
    given = tuple((row.marker, row.fluorochrome) for row in rows)
    arrays = compiled(question, options, given)
    products, remarks = products_of(rows, arrays.products)
    arrays = arrays.with_products(products)
    placement = Placement(
        f"at most {max_changes} reagents of the given panel changed", given, partial(near, rows, max_changes)
    )
    instance = placement.apply(arrays.instance)
    present = slots_of(instance, rows)
    start = [present] if not check_panel(instance, present) else []
    outcome = Search(instance, search_settings(options), listener, start=start, cache=cache, began=began).run()
    arrays = replace(arrays, instance=instance)
    result = result_of(question, options, arrays, outcome, remarks, placement)
    if outcome.score is None:
        return result
    found = changes(instance, present, outcome.score, options.tolerance)
    if found:
        return result.model_copy(update={"changes": found})
    reagents = "one reagent" if max_changes == 1 else f"up to {max_changes} reagents"
    remark = Remark(code="no-change-helps", message=f"no change of {reagents} improves the panel")
    return result.model_copy(update={"changes": (), "warnings": (*result.warnings, remark)})


def near(rows: Sequence[PanelRow], max_changes: int, instance: Instance) -> Instance:
    """Return an instance restricted to panels within some changes of a given one, whose reagents are available."""
    given = slots_of(instance, rows)
    reference = frozenset((marker, slot.dye) for slot in given for marker in slot.markers)
    available = instance.available.copy()
    for marker, dye in reference:
        available[marker, dye] = True
    return replace(instance, reference=reference, max_changes=max_changes, available=available)


def search_settings(options: Options) -> SearchSettings:
    """Return the search limits of the options.

    Raises:
        UsageError: if a limit is invalid.
    """
    if options.tolerance < 0 or not math.isfinite(options.tolerance):
        raise UsageError("the tolerance must be at least 0")
    if options.memory_limit_mb is not None and not options.memory_limit_mb > 0:
        raise UsageError("the memory limit must be a positive number of megabytes")
    return SearchSettings(
        options.time_limit_s,
        options.tolerance,
        options.workers or available_cores(),
        options.seed,
        options.memory_limit_mb,
    )


def result_of(
    question: Question,
    options: Options,
    arrays: Compiled,
    outcome: Outcome,
    remarks: Sequence[Finding] = (),
    placement: Placement | None = None,
) -> Result:
    """Return the result of a search, with a minimal conflict if there is no panel."""
    from panelopt.answers.result_records import Assembler  # a panel is shown before these are loaded
    from panelopt.domain.result import SolveStatus

    status = SolveStatus(outcome.status)
    assembler = Assembler(question, options, arrays)
    if status is not SolveStatus.INFEASIBLE:
        return assembler.result(status, outcome.score, outcome, (), remarks)
    from panelopt.answers.conflicts import smallest_conflict

    found = smallest_conflict(question, options, placement)
    result = assembler.result(status, outcome.score, outcome, found.conflicts, remarks)
    return result.model_copy(update={"conflicts_minimal": found.minimal})
