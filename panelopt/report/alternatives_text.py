"""Alternatives, frontiers and explanations as text, 80 columns wide."""

from __future__ import annotations

from panelopt.domain.alternatives_result import Alternatives, Explanation, Frontier
from panelopt.domain.result import Result
from panelopt.report.odds import one_in
from panelopt.report.result_text import panel_table, result_text
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, number, section, table, wrapped
from panelopt.report.verdict import best_found, verdict


def alternatives_text(found: Alternatives, width: int = DEFAULT_WIDTH) -> str:
    """Return the panels, best first, and how far each is from the best."""
    rows = [
        (
            str(a.rank),
            one_in(a.result.objective.worst_log_ratio if a.result.objective else None),
            number(a.result.objective.worst_log_ratio if a.result.objective else None, 3),
            number(a.distance.worst_log_ratio, 3),
            number(a.distance.sum_log_ratio, 3),
            str(a.result.objective.colours) if a.result.objective else "-",
            "-" if a.differs is None else str(a.differs),
            a.result.status.value,
        )
        for a in found.alternatives
    ]
    headers = ("#", "1 wrong in", "Worst ratio", "Below best", "Sum below", "Colours", "Differs", "Status")
    first = found.alternatives[0].result
    worst, total = best_found(first)
    note = f"Best found: worst ratio {number(worst, 3)}, sum {number(total, 3)} (log10)."
    note += " Proven: no further panel differs enough." if found.complete else ""
    panels = [section(f"Panel {a.rank}", panel_table(a.result.panel, width)) for a in found.alternatives]
    return blocks([_title(first, width), table(headers, rows, "rrrrrrrl", width), wrapped(note, width=width), *panels])


def frontier_text(found: Frontier, width: int = DEFAULT_WIDTH) -> str:
    """Return the best score for each budget or number of colours."""
    rows = []
    for point in found.points:
        objective = point.result.objective
        rows.append(
            (
                number(point.limit, 0 if found.by == "colours" else 2),
                one_in(objective.worst_log_ratio if objective else None),
                number(objective.worst_log_ratio if objective else None),
                number(point.result.bound.worst_log_ratio),
                number(objective.sum_log_ratio if objective else None),
                number(point.result.bound.sum_log_ratio),
                point.result.status.value,
                ", ".join("+".join(slot.markers) for slot in point.result.panel) or "-",
            )
        )
    what = "Colours" if found.by == "colours" else f"Price {found.currency}".rstrip()
    headers = (what, "1 wrong in", "Worst", "Limit", "Sum", "Limit", "Status", "Markers")
    end = "Proven: the frontier ends here." if found.complete else "The frontier may continue."
    return blocks([_title(found.points[0].result, width), table(headers, rows, "RRRRRRLl", width), end])


def explanation_text(found: Explanation, width: int = DEFAULT_WIDTH) -> str:
    """Return the conflicting demands, or a table of what each demand costs."""
    if not found.costs:
        return result_text(found.result, width=width)
    rows = [
        (
            cost.demand,
            number(cost.gain.worst_log_ratio, 3),
            number(cost.gain.sum_log_ratio, 3),
            cost.status,
            cost.message,
        )
        for cost in found.costs
    ]
    headers = ("Without", "Worst gains", "Sum gains", "Status", "Demand")
    note = "Gains compare the best panels found; each row is a new search without that demand."
    return blocks([_title(found.result, width), table(headers, rows, "lRRLl", width), wrapped(note, width=width)])


def _title(result: Result, width: int) -> str:
    return (
        wrapped(f"{result.problem} on {result.cytometer}", width=width) + "\n" + wrapped(verdict(result), width=width)
    )
