"""One cell of a sweep: from inputs to a row and a result, whatever goes wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from panelopt import __version__
from panelopt.answers.design_panel import design
from panelopt.domain.result import Result
from panelopt.domain.sweep_record import CellRow
from panelopt.errors import PaneloptError
from panelopt.io.result_json import result_json
from panelopt.solver.stopping import EXPLORE_SHARE, WORST_SHARE
from panelopt.sweeps.sweep_inputs import PlannedCell, SweepInputs, options_of

CLOCK_SHARE = EXPLORE_SHARE * WORST_SHARE
"""Share of the time limit before which no part of a search can be ended by the clock.

The first phase ends after the second factor of it, and each local search after the first factor of what is left
of its phase; later deadlines lie later.
"""

MAX_ERROR = 500
"""Characters kept of an error message."""


@dataclass(frozen=True, slots=True)
class CellAnswer:
    """Result of a cell.

    Attributes:
        row: Row of the table.
        result: Result as JSON; empty where the cell failed.
    """

    row: CellRow
    result: str = ""


def solve_cell(inputs: SweepInputs, planned: PlannedCell) -> CellAnswer:
    """Design the panel of one cell; errors of the cell become part of its row."""
    began = time.perf_counter()
    if planned.fingerprint.panelopt_version != __version__:
        wanted = planned.fingerprint.panelopt_version
        return failed(planned, f"this worker has panelopt {__version__}, the sweep is of {wanted}")
    try:
        result = design(inputs.question(planned.cell), options_of(planned.cell))
    except PaneloptError as error:
        return failed(planned, str(error), time.perf_counter() - began)
    except MemoryError:
        return failed(planned, "there is not enough memory", time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001  # a fault in one cell must not end the others; the row reports it
        return failed(planned, f"internal error: {type(error).__name__}: {error}", time.perf_counter() - began)
    if result.solver.interrupted:
        return failed(planned, "interrupted", time.perf_counter() - began)
    return CellAnswer(_row(planned, result, time.perf_counter() - began), result_json(result))


def failed(planned: PlannedCell, error: str, seconds: float = 0.0) -> CellAnswer:
    """Return the answer of a cell without result."""
    message = error if len(error) <= MAX_ERROR else error[: MAX_ERROR - 3] + "..."
    return CellAnswer(CellRow(**_asked(planned), status="failed", seconds=seconds, error=message))


def _asked(planned: PlannedCell) -> dict[str, Any]:
    cell = planned.cell
    return {
        "cell": planned.key,
        "problem": cell.problem,
        "cytometer": cell.cytometer,
        "catalogs": "+".join(cell.catalogs) or "all",
        "inventory": cell.inventory,
        **cell.options.model_dump(),
        **planned.fingerprint.model_dump(),
    }


def _row(planned: PlannedCell, result: Result, seconds: float) -> CellRow:
    objective = result.objective
    found: dict[str, Any] = {}
    if objective is not None:
        found = objective.model_dump(exclude={"total_price", "to_buy", "currency"})
        found["currency"] = objective.currency or None
        slots = (f"{', '.join(slot.markers)} {slot.fluorochrome}" for slot in result.panel)
        found["panel"] = "; ".join(slots)
    return CellRow(
        **_asked(planned),
        **found,
        status=result.status.value,
        bound_worst_log_ratio=result.bound.worst_log_ratio,
        bound_sum_log_ratio=result.bound.sum_log_ratio,
        gap_worst_log_ratio=result.gap.worst_log_ratio,
        gap_sum_log_ratio=result.gap.sum_log_ratio,
        conflicts="; ".join(conflict.demand for conflict in result.conflicts) or None,
        clock_free=_is_clock_free(planned, result),
        seconds=seconds,
        solver_seconds=result.solver.wall_s,
    )


def _is_clock_free(planned: PlannedCell, result: Result) -> bool:
    """Whether no deadline can have affected the result."""
    if result.solver.out_of_memory or result.status not in ("optimal", "infeasible"):
        return False
    cap = planned.cell.options.time_limit_s
    return cap is None or result.solver.wall_s <= CLOCK_SHARE * cap
