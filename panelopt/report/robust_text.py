"""A robust design as text."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.robust_result import Distribution, Influence, Interval, RobustCandidate, RobustResult, WorstCase
from panelopt.report.result_text import panel_table, result_text
from panelopt.report.robust_sheets import robust_lines
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, number, percent, section, table, wrapped

SHOWN, LEAST = 12, 0.005
"""Maximum number of unknowns listed, and their smallest total index."""


def robust_text(found: RobustResult, width: int = DEFAULT_WIDTH) -> str:
    """Return the chosen panel, its score distribution next to the other candidates, and what matters most."""
    if not found.candidates:
        return result_text(found.nominal, width=width)
    chosen = found.candidates[0]
    share = f"{percent(found.share)} %"
    note = (
        f"Scores in {found.checked_in} fresh scenarios. Holds: reached in {share} of them, with its 95 % interval. "
        "Regret: distance from the best of these panels, as the median and the value not exceeded in "
        f"{share} of the scenarios."
    )
    return blocks(
        [
            wrapped(f"{found.problem} on {found.cytometer}", width=width)
            + "\n"
            + wrapped(asked_text(found), width=width),
            section("Chosen panel", panel_table(chosen.result.panel, width)),
            section("Worst log ratio", _candidates(found.candidates, width)),
            wrapped(note, width=width),
            wrapped(_bench(found), width=width),
            wrapped(_gain(found.gain, found.share), width=width)
            if found.gain is not None and not chosen.is_nominal
            else wrapped("The chosen panel is the nominal one.", width=width),
            section("Worst case", wrapped(worst_case_text(found.worst_case), "  ", width)) if found.worst_case else "",
            section("Which unknown matters most", _influences(found, width)),
            "\n".join(wrapped(line, width=width) for line in robust_lines(found)),
        ]
    )


def asked_text(found: RobustResult) -> str:
    """Return what the panel was chosen for."""
    gates = "set anew in each" if found.gates == "chosen" else "on the sides of the nominal gates"
    goal = "the worst" if found.goal == "worst-case" else f"{percent(found.share)} %"
    return f"Chosen for {goal} of {found.scenarios} scenarios; gates {gates}."


def _bench(found: RobustResult) -> str:
    """Return what objective 3 changed."""
    if found.candidates[0].is_best:
        return ""
    return (
        f"Best: holds most in the scenarios of the choice. The chosen panel holds at most {found.slack:g} less there, "
        "in its worst ratio and in every tube, and is more practical."
    )


def _candidates(candidates: Iterable[RobustCandidate], width: int) -> str:
    rows = [
        (
            f"{one.name} (nominal)" if one.is_nominal and one.name != "nominal" else one.name,
            str(len(one.result.panel)),
            number(one.result.objective.worst_log_ratio if one.result.objective else None),
            number(one.worst_log_ratio.quantiles["0.5"]),
            f"{number(one.worst_log_ratio.holds)} ({_interval(one.worst_log_ratio.holds_interval)})",
            f"{number(one.regret.quantiles['0.5'])}, {number(one.regret.holds)}",
            percent(one.reaches_goal),
        )
        for one in candidates
    ]
    headers = ("Panel", "Colours", "Predicted", "Median", "Holds", "Regret", "Goal met %")
    return table(headers, rows, "lrrrLLr", width)


def _interval(interval: Interval) -> str:
    return f"{number(interval.low)} to {number(interval.high)}"


def _gain(gain: Distribution, share: float) -> str:
    shown = ", ".join(f"{number(gain.quantiles[q])} in the {name}" for q, name in _QUANTILES)
    least = f"at least {number(gain.holds)} in {percent(share)} % of them"
    return f"Chosen minus nominal panel, per scenario: {shown}; {least}."


_QUANTILES = (("0.1", "10 % quantile"), ("0.5", "median"), ("0.9", "90 % quantile"))


def worst_case_text(found: WorstCase) -> str:
    """Return the proof about the worst scenario."""
    if found.best is None:
        return f"No panel works in all {found.scenarios} scenarios ({found.status})."
    proven = (
        f"the best panel has a worst log ratio of {number(found.best, 3)} in scenario {found.scenario}; proven bound "
        f"{number(found.bound, 3)} (gap {number(found.gap, 3)}, {found.status})"
    )
    others = f"the chosen panel has {number(found.chosen, 3)}, the nominal panel {number(found.nominal, 3)}"
    rest = f"; {others}. The proof needed {found.active} of the scenarios."
    return f"In the worst of {found.scenarios} scenarios: {proven}{rest}"


def _influences(found: RobustResult, width: int) -> str:
    if found.sensitivity is None:
        return ""
    listed = [one for one in found.sensitivity.influences if one.total >= LEAST][:SHOWN]
    if not listed:
        return wrapped("No uncertain input changes the worst log ratio of this panel.", "  ", width)
    rows = [
        (
            _unknown(one),
            f"{one.first:.2f}",
            _interval(one.first_interval),
            f"{one.total:.2f}",
            _interval(one.total_interval),
        )
        for one in listed
    ]
    headers = ("Unknown", "Alone", "95 % interval", "With all others", "95 % interval")
    note = "Shares of the variance of the worst log ratio (Sobol indices, first order and total)."
    return table(headers, rows, "lrLrL", width) + "\n\n" + wrapped(note, "", width)


def _unknown(one: Influence) -> str:
    return one.unknown if one.members == 1 else f"{one.unknown} ({one.members})"
