"""Answers about a given panel that need no search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panelopt.answers.result_records import Assembler
from panelopt.domain.result import Result, SolveStatus
from panelopt.io import instance_npz
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.questions.scored_panel import score_rows


@refuse_overflow
def score(question: Question, rows: Sequence[PanelRow], options: Options | None = None) -> Result:
    """Score a given panel.

    Args:
        question: The question.
        rows: The panel.
        options: Demands of the call.

    Returns:
        The result; a panel that breaks a rule has the status infeasible, the rules are named, and it is scored all the
        same if possible.

    Raises:
        InputError: if the panel contains an unknown name.
    """
    options = named(question, options or Options())
    scored = score_rows(question, rows, options)
    status = SolveStatus.INFEASIBLE if scored.conflicts else SolveStatus.FEASIBLE
    assembler = Assembler(question, options, scored.arrays)
    return assembler.result(status, scored.score, None, scored.conflicts, scored.remarks)


def write_instance(question: Question, path: Path, options: Options | None = None) -> None:
    """Write the numeric instance of a question as an NPZ archive."""
    instance_npz.write_instance(compiled(question, options or Options()).instance, path)
