"""The claims of a certificate, and whether they are consistent."""

from __future__ import annotations

from collections.abc import Iterator

from panelopt.domain.certificate import Certificate, ScoredPanel
from panelopt.scoring.claims import SIDES

SAME = 1e-6
"""Values closer than this are equal (log10): rounding differs between machines."""

CONSTRAINTS = {
    "max_colours": "at most {} colours",
    "max_gates": "at most {} gates per target",
    "sort_ways": "at most {} targets",
    "budget": "a price of at most {:g}",
    "max_spillover": "spillover of at most {:g}",
    "max_similarity": "similarity of at most {:g}",
    "max_complexity": "complexity index of at most {:g}",
    "max_changes": "at most {} reagents changed",
}
"""Constraints of an instance in words; none where the value is null."""


def claims_of(c: Certificate) -> Iterator[str]:
    """Yield the claims of a certificate in words."""
    yield f"{c.status.value}, tolerance {c.tolerance:g}, slack {c.instance.slack:g}"
    if c.status == "infeasible":
        yield "no panel is allowed"
    for name, scored in (("panel", c.reported), ("best worst", c.best_worst), ("best sum", c.best_total)):
        if scored is not None:
            yield f"{name}: {_slots(c, scored)}; worst {scored.worst:.6f}, sum {scored.total:.6f}"
    yield from _gates(c)
    if c.bound.worst_log_ratio is not None:
        yield f"no panel has a worst log ratio above {c.bound.worst_log_ratio:.6f}"
    if c.bound.sum_log_ratio is not None and c.floor is not None:
        yield f"none whose worst is at least {c.floor:.6f} has a sum above {c.bound.sum_log_ratio:.6f}"
    yield f"demands: {'; '.join(_demands(c)) or 'none'}"
    yield f"of the call: {'; '.join(_call(c)) or 'none'}"
    yield f"inputs: {'; '.join(_inputs(c))}"


def _slots(c: Certificate, scored: ScoredPanel) -> str:
    """Return the slots of a panel in words."""
    return ", ".join(_slot(c, o) for o in scored.panel if o < len(c.options))


def _slot(c: Certificate, option: int) -> str:
    names, slot = c.instance, c.options[option]
    markers = "+".join(_name(names.marker, m) for m in slot.markers)
    return f"{markers} {_name(names.dye, slot.dye)} in {_name(names.detector, slot.detector)}"


def _name(names: tuple[str, ...], place: int) -> str:
    return names[place] if place < len(names) else "?"


def _gates(c: Certificate) -> Iterator[str]:
    """Yield the gates of each tube of the reported panel."""
    for number, gates in enumerate(c.gates):
        chosen = [f"{_slot(c, o)} {SIDES[side]}" for o, side in gates if o < len(c.options)]
        yield f"gates of tube {number + 1}: {', '.join(chosen) or 'none'}"


def _demands(c: Certificate) -> Iterator[str]:
    """Yield what the instance demands of panels, besides the available reagents."""
    numbers = c.instance
    for key, words in CONSTRAINTS.items():
        value = getattr(numbers, key)
        if value is not None:
            yield words.format(value)
    required = [name for name, wanted in zip(numbers.marker, numbers.required, strict=True) if wanted]
    if required:
        yield f"{', '.join(required)} stained"
    for lock in numbers.locks:
        place = "" if lock.detector is None else f" in {numbers.detector[lock.detector]}"
        yield f"{numbers.marker[lock.marker]} {numbers.dye[lock.dye]}{place} used"
    for name, share in zip(numbers.population, numbers.max_share, strict=True):
        if share is not None:
            yield f"at most {share:g} of {name} in a tube"
    if numbers.require_goal:
        yield f"purity of {numbers.purity_goal:g}"
    if numbers.apart:
        yield f"at least {numbers.differ} slots apart from {len(numbers.apart)} panels"


def _call(c: Certificate) -> Iterator[str]:
    """Yield the demands of the call, as named in the certificate."""
    for key, value in c.question.demands.model_dump(mode="json").items():
        if value not in (None, False, []):
            yield key.replace("_", " ") + ("" if value is True else f" {_in_words(value)}")


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part not in (None, ""))
    return ", ".join(map(_in_words, value)) if isinstance(value, list) else str(value)


def _inputs(c: Certificate) -> Iterator[str]:
    """Yield names of inputs and the beginning of their hashes."""
    asked = c.question
    named = [("problem", asked.problem, asked.problem_sha256), ("cytometer", asked.cytometer, asked.cytometer_sha256)]
    named += [("catalog", f"{use.name} {use.version}".strip(), use.sha256) for use in asked.catalogs]
    named += [("dyes", "", asked.fluorochromes_sha256), ("signatures", "", asked.signatures_sha256)]
    for kind, name, sha256 in named:
        if name or sha256:
            yield " ".join(word for word in (kind, name, f"({sha256[:12]})" if sha256 else "") if word)


def contradictions(c: Certificate) -> Iterator[str]:
    """Yield inconsistencies between values, floor, bounds and status of a certificate."""
    found = (c.reported, c.best_worst, c.best_total, c.floor)
    if c.status == "infeasible":
        if any(one is not None for one in (*found, c.bound.worst_log_ratio, c.bound.sum_log_ratio)):
            yield "the status is infeasible, but there is a panel or a bound"
        return
    if c.status == "unknown":
        if any(one is not None for one in (*found, c.bound.sum_log_ratio)):
            yield "the status is unknown, but there is a panel or a bound on objective 2"
        return
    if c.reported is None or c.best_worst is None:
        yield f"the status is {c.status.value}, but there is no panel"
        return
    if c.bound.worst_log_ratio is not None and c.best_worst.worst > c.bound.worst_log_ratio + _steps(c):
        yield "objective 1 exceeds its bound"
    yield from _objective_2(c, c.best_worst)
    if c.status == "optimal" and not _is_closed(c):
        yield "a gap is larger than the tolerance, but the status is optimal"


def _objective_2(c: Certificate, best: ScoredPanel) -> Iterator[str]:
    total, bound = c.best_total, c.bound.sum_log_ratio
    if (total is None) != (c.floor is None) or (bound is not None and total is None):
        yield "a floor, a panel with the best sum and its bound require each other"
    if total is None or c.floor is None:
        return
    if bound is not None and total.total > bound + _steps(c):
        yield "objective 2 exceeds its bound"
    if abs(c.floor - (best.worst - c.tolerance)) > SAME:
        yield "the floor is not the best value of objective 1 less the tolerance"
    if total.worst < c.floor - SAME:
        yield "best_total: the panel is below the floor"


def _is_closed(c: Certificate) -> bool:
    worst, total = c.bound.worst_log_ratio, c.bound.sum_log_ratio
    if c.best_worst is None or c.best_total is None or worst is None or total is None:
        return False
    left = worst - c.best_worst.worst - c.tolerance, total - c.best_total.total - 2.5 * c.tolerance
    return max(left) <= _steps(c)


def _steps(c: Certificate) -> float:
    """Return how much integer rounding may add to a bound."""
    pairs = sum(role == "target" for role in c.instance.role) * len(c.instance.role)
    return 3e-6 * max(pairs, len(c.instance.marker), 1)
