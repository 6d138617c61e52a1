"""Tables of a robust design: the candidates in scenarios, and the unknowns that matter most."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.robust_result import RobustResult
from panelopt.report.odds import cells_per_wrong, purity_of, ratio_in_words
from panelopt.report.sheet import Column, Sheet, Titles, sheet
from panelopt.report.text_tables import number, percent


def robust_lines(found: RobustResult) -> tuple[str, ...]:
    """Return what the chosen panel holds in fresh scenarios, and what it gains over the nominal one."""
    if not found.candidates:
        return ()
    chosen = found.candidates[0]
    held = chosen.worst_log_ratio.holds
    first = (
        f"In {percent(found.share)} % of {found.checked_in} fresh scenarios: {ratio_in_words(held)} or better from the "
        f"worst contaminant (log10 {number(held)}); every tube reaches the goal in {percent(chosen.reaches_goal)} %."
    )
    if chosen.is_nominal:
        return (first, "A search without scenarios chooses the same panel.")
    nominal = next((one for one in found.candidates if one.is_nominal), None)
    if nominal is None:
        return (first,)
    other = nominal.worst_log_ratio.holds
    second = (
        f"The panel chosen without scenarios: {ratio_in_words(other)} (log10 {number(other)}); every tube reaches the "
        f"goal in {percent(nominal.reaches_goal)} %."
    )
    return first, second


def candidate_sheet(found: RobustResult) -> Sheet:
    """Return one row per candidate panel, the chosen one first."""
    rows = [
        (
            f"{one.name} (nominal)" if one.is_nominal and one.name != "nominal" else one.name,
            len(one.result.panel),
            one.result.objective.worst_log_ratio if one.result.objective else None,
            one.worst_log_ratio.quantiles["0.5"],
            one.worst_log_ratio.holds,
            None if one.worst_log_ratio.holds is None else cells_per_wrong(purity_of(one.worst_log_ratio.holds)),
            one.regret.holds,
            one.usable,
            one.reaches_goal,
            "; ".join(f"{'+'.join(slot.markers)} {slot.fluorochrome}" for slot in one.result.panel),
        )
        for one in found.candidates
    ]
    columns: Titles = (
        "Panel",
        Column("Colours", "number", 0),
        *(Column(title, "number") for title in ("Predicted", "Median", "Holds")),
        Column("1 wrong cell in", "count"),
        Column("Regret", "number"),
        Column("Usable %", "percent"),
        Column("Goal met %", "percent"),
        "Reagents",
    )
    note = (
        f"Worst log10 ratio of target to contaminant. Predicted: with every number as stated. Holds: reached in "
        f"{percent(found.share)} % of {found.checked_in} fresh scenarios. Regret: distance from the best of these "
        "panels, not exceeded in that share. Usable: scenarios in which the dyes can be told apart."
    )
    return sheet("candidates", "Candidate panels in fresh scenarios", columns, rows, note=note)


def influence_sheet(found: RobustResult) -> Sheet | None:
    """Return the unknowns by their share of the variance; None if it was not computed."""
    if found.sensitivity is None:
        return None
    columns: Titles = ("Unknown", *(Column(title, "number") for title in ("Alone", "With all others")))
    rows: Iterable[tuple[str, float, float]] = (
        (one.unknown if one.members == 1 else f"{one.unknown} ({one.members})", one.first, one.total)
        for one in found.sensitivity.influences
    )
    note = "Shares of the variance of the worst log ratio (Sobol indices, first order and total)."
    return sheet("influences", "Which unknown matters most", columns, rows, note=note)
