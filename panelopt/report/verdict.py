"""The verdict on a panel in one sentence, what was given up for it, and what is proven."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from panelopt.domain.panel_records import Practicality
from panelopt.domain.result import Bound, Result, SolveStatus
from panelopt.domain.tube_robustness import Robustness
from panelopt.report.odds import purity_of, ratio_in_words, wrong_cells
from panelopt.report.text_tables import number

Standing = Literal["met", "doubtful", "missed", "open", "none"]
"""Whether the goal is met: in most samples; only as stated; not at all; without a goal; or there is no panel."""

LEAST_POINTS = 0.05
"""Smaller losses of purity, in percentage points, are not worth a word."""

_SURE = 0.5
"""Share of the samples in which a goal must hold to count as met."""

_BEYOND_GOAL = 2.0
"""Log ratios count up to the goal plus this (docs/method.md)."""

_WRONG = "1 wrong cell in"

_NAMED = 4
"""Markers named in a sentence."""

_LISTED = "full: "
"""How the comparisons of a marker list are named."""


def is_marker_list(result: Result) -> bool:
    """Whether the result answers a problem without populations."""
    return bool(result.targets) and all(target.name.startswith(_LISTED) for target in result.targets)


def standing(result: Result) -> Standing:
    """Return where the panel stands with its goal."""
    if result.objective is None or result.status == SolveStatus.INFEASIBLE:
        return "none"
    sure = result.robustness
    if sure is None:
        return "open"
    if any(tube.purity_at_least < sure.purity_goal for tube in result.targets):
        return "missed"
    return "met" if sure.goal_met_share >= _SURE else "doubtful"


def verdict(result: Result) -> str:
    """Return one sentence: whether the tubes are pure enough, how surely, and whether another panel could do better."""
    if result.objective is None or not result.targets:
        text = _nothing(result)
    else:
        parts = [_reached(result)]
        if result.robustness is not None:
            parts.append(("" if standing(result) in ("met", "doubtful") else "goal ") + _sureness(result.robustness))
        parts += _no_better(result)
        text = "; ".join(parts) + "."
        if result.status == SolveStatus.INFEASIBLE:
            text = f"The panel breaks {_rules(len(result.conflicts))}. {text}"
    return text + _ended(result)


def _nothing(result: Result) -> str:
    if result.status == SolveStatus.INFEASIBLE:
        if result.panel:
            return f"The panel breaks {_rules(len(result.conflicts))}."
        clash = listed([conflict.demand for conflict in result.conflicts])
        return f"No panel meets the demands; this is proven.{f' In conflict: {clash}.' if clash else ''}"
    if result.status == SolveStatus.UNKNOWN:
        return "No panel was found within the time or memory limit; whether one exists is open."
    return "No panel."


def _rules(count: int) -> str:
    return "1 rule of the question" if count == 1 else f"{count} rules of the question"


def _ended(result: Result) -> str:
    """Return why the search ended early; empty if it did not."""
    so_far = "; this is the best panel so far." if result.panel else "."
    reasons = {
        " The search was interrupted": result.solver.interrupted,
        " The search reached the memory limit": result.solver.out_of_memory,
    }
    return "".join(f"{reason}{so_far}" for reason, holds in reasons.items() if holds)


def _reached(result: Result) -> str:
    if is_marker_list(result):
        return _told(result)
    purities = [target.purity_at_least for target in result.targets]
    worst = wrong_cells(min(purities))
    if result.robustness is None:
        tubes = "The tube holds" if len(purities) == 1 else f"The {len(purities)} tubes hold"
        return f"{tubes} {worst} at worst"
    goal = result.robustness.purity_goal
    reached = sum(purity >= goal for purity in purities)
    return f"{_tubes(reached, len(purities))} {100 * goal:g} %: {worst} at worst"


def _told(result: Result) -> str:
    """Return for how many markers of a list positive and negative cells are told apart; not without a gate."""
    told = [target for target in result.targets if target.gates]
    lost = [tube_name(target.name) for target in result.targets if not target.gates]
    count = len(result.targets)
    if not told:
        none = {1: "the marker", 2: "either marker"}.get(count, f"any of the {count} markers")
        return f"Positive and negative cells are not told apart for {none}"
    markers = {1: "the marker", 2: "both markers"}.get(count, f"all {count} markers")
    if lost:
        others = f"{len(lost) - _NAMED + 1} others"
        names = listed(lost if len(lost) <= _NAMED else [*lost[: _NAMED - 1], others])
        markers = f"{len(told)} of {count} markers, but not for {names}"
    worst = wrong_cells(min(target.purity_at_least for target in told))
    return f"Positive and negative cells are told apart for {markers}: {worst} at worst"


def tube_name(target: str) -> str:
    """Return the name of a tube for people: of a comparison in a marker list only the marker."""
    return target.removeprefix(_LISTED)


def _tubes(reached: int, tubes: int) -> str:
    """Return the beginning of a sentence about how many tubes reach something."""
    if tubes == 1:
        return "The tube reaches" if reached else "The tube does not reach"
    if reached == tubes:
        return "Both tubes reach" if tubes == 2 else f"All {tubes} tubes reach"
    if reached == 0:
        return "Neither tube reaches" if tubes == 2 else f"None of the {tubes} tubes reaches"
    return f"{reached} of {tubes} tubes {'reaches' if reached == 1 else 'reach'}"


def _sureness(sure: Robustness) -> str:
    if sure.met == 0:
        return f"met in none of {sure.samples} plausible samples"
    if sure.met == sure.samples:
        return f"met in all {sure.samples} plausible samples"
    share = math.floor(100 * sure.goal_met_share + 1e-9)
    return f"met in {f'{share} %' if share else 'less than 1 %'} of plausible samples"


def _no_better(result: Result) -> Iterable[str]:
    """Yield what no other panel exceeds; nothing without a bound, or where better separation does not count."""
    bound = result.bound.worst_log_ratio
    if bound is None or bound >= _cap(result) - 1e-6:
        return
    found = None if result.objective is None else result.objective.worst_log_ratio
    best, own = ratio_in_words(bound, "up"), ratio_in_words(found)
    if best.startswith(_WRONG) and own.startswith(_WRONG):
        best, own = best.replace(_WRONG, "1 in"), own.replace(_WRONG, "1 in")
    if len(result.pairs) == len(result.targets):  # one contaminant in each tube: its share has been said
        yield f"no other panel of these reagents does better than {best}"
    else:
        yield f"the worst contaminant alone is {own}, and no other panel of these reagents does better than {best}"


def most_that_counts(goal: float) -> float:
    """Return the log ratio beyond which better separation does not count.

    Args:
        goal: Purity goal, between 0 and 1.
    """
    return math.log10(goal / (1 - goal)) + _BEYOND_GOAL


def _cap(result: Result) -> float:
    """Return the log ratio beyond which better separation does not count; infinite if unknown."""
    if result.robustness is not None:
        return most_that_counts(result.robustness.purity_goal)
    return max((pair.log_ratio for pair in result.pairs if pair.limited_by == "cap"), default=math.inf)


def trade(result: Result) -> str:
    """Return what the chosen panel gives up against the best one, and for what; empty if no search ran."""
    given_up, own, best = result.given_up, result.practical, result.best.practical
    if given_up is None or own is None or best is None:
        return ""
    if result.best.panel == result.panel:
        return "Nothing was given up: this is also the best panel by score."
    lost = [f"{number(x, 1)} points in {name}" for name, x in given_up.purity_at_least.items() if x >= LEAST_POINTS]
    currency = "" if result.objective is None else result.objective.currency
    gained = listed(list(_gains(own, best, currency))) or "other products"
    if not lost:
        return f"Chosen for {gained}; nothing that counts was given up."
    return f"Chosen for {gained}; purity given up: {listed(lost)}."


def _gains(own: Practicality, best: Practicality, currency: str) -> Iterable[str]:
    """Yield what is better for the bench, in the order of objective 3."""
    counts = (
        (best.unsourced - own.unsourced, "product that no source shows", "products that no source shows"),
        (best.to_buy - own.to_buy, "product to buy", "products to buy"),
        (best.colours - own.colours, "colour", "colours"),
        (best.fragile - own.fragile, "fragile dye", "fragile dyes"),
        (best.unknown_prices - own.unknown_prices, "unknown price", "unknown prices"),
    )
    yield from (f"{n} fewer {one if n == 1 else many}" for n, one, many in counts if n > 0)
    for name, mine, other in (
        ("spillover burden", own.spillover_burden, best.spillover_burden),
        ("complexity index", own.complexity_index, best.complexity_index),
    ):
        if mine is not None and other is not None and number(mine) != number(other) and mine < other:
            yield f"a {name} of {number(mine)} instead of {number(other)}"
    if number(own.price) != number(best.price) and own.price < best.price:
        yield f"a price of {f'{own.price:,.2f} {currency}'.rstrip()} instead of {best.price:,.2f}"


def proof_line(result: Result) -> str:
    """Return what is proven, in one line; ratios are log10 of target to contaminant."""
    own, bound = result.objective, result.bound.worst_log_ratio
    if result.status == SolveStatus.INFEASIBLE:
        return "Proven: the demands clash." if not result.panel else "Proven: the panel breaks the rules."
    if own is None:
        return "Nothing is proven."
    if result.bound == Bound():
        return "No proof: the panel was given or the search ended early, so other panels may be better."
    worst = best_found(result)[0]
    if bound is None or worst is None:
        return "Not proven: other panels may be better."
    numbers = f"worst ratio {number(worst)} found, {number(bound)} possible at most (log10)"
    if result.status == SolveStatus.OPTIMAL:
        return f"Proven optimal within the tolerance of {result.solver.tolerance:g}: {numbers}."
    if bound - worst > result.solver.tolerance:
        return f"Not proven optimal: {numbers}."
    total, limit = best_found(result)[1], result.bound.sum_log_ratio
    return f"Proven: {numbers}. Not proven: the sum of ratios, {number(total)} of {number(limit)}."


def best_found(result: Result) -> tuple[float | None, float | None]:
    """Return the best worst ratio and the best sum found, log10; never less than the panel's own."""
    own, best = result.objective, result.best
    if own is None:
        return best.worst_log_ratio, best.sum_log_ratio
    worst, total = best.worst_log_ratio, best.sum_log_ratio
    return (
        None if worst is None else max(worst, own.worst_log_ratio),
        None if total is None else max(total, own.sum_log_ratio),
    )


def limited_by(result: Result, target: str) -> str:
    """Return the worst contaminant of a tube, and whether single cells or doublets limit it."""
    pairs = [pair for pair in result.pairs if pair.target == target]
    if not pairs:
        return ""
    worst = min(pairs, key=lambda pair: (pair.log_ratio, pair.contaminant))
    if worst.limited_by == "cap":
        return "no contaminant; all are far below the goal"
    kind = "single cells" if worst.limited_by == "single" else "doublets"
    return f"{worst.contaminant}, {kind}: {wrong_cells(purity_of(worst.log_ratio))}"


def listed(texts: Sequence[str]) -> str:
    """Return texts as ``a, b and c``."""
    return ", ".join(texts[:-1]) + f" and {texts[-1]}" if len(texts) > 1 else "".join(texts)
