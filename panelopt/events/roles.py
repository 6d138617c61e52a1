"""Role and frequency of each labelled population, with every label and number that does not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from panelopt.errors import Finding, did_you_mean
from panelopt.events.event_folder import Pooled
from panelopt.events.request import EventsRequest
from panelopt.report.safe_text import plain

Role = Literal["target", "contaminant", "ignore"]


def roles_of(request: EventsRequest, pooled: Pooled) -> tuple[dict[str, Role], list[Finding]]:
    """Role of each population; labels that are named twice, not at all, or do not occur are faults."""
    roles: dict[str, Role] = {}
    findings = []
    given: tuple[tuple[Role, Sequence[str]], ...] = (
        ("target", request.targets), ("contaminant", request.contaminants), ("ignore", request.ignored),
    )  # fmt: skip
    known = list(pooled.counts)
    for role, names in given:
        for name in map(plain, names):
            if name not in pooled.counts:
                hint = did_you_mean(name, known) or f"Labels: {', '.join(known[:40])}."
                findings.append(Finding("unknown-population", f"no event is labelled {name}", hint=hint))
            elif roles.setdefault(name, role) != role:
                message = f"{name} is named as {roles[name]} and as {role}"
                findings.append(Finding("two-roles", message, hint="Name it once."))
    if not request.targets:
        hint = f"Add --target NAME; labels: {', '.join(known[:40])}."
        findings.append(Finding("no-target", "no population is named as target", hint=hint))
    for name in known:
        if name not in roles and request.contaminants:
            hint = "Add --contaminant or --ignore for it, or leave --contaminant out: then all others are contaminants."
            message = f"events are labelled {name}, which is named neither target nor contaminant"
            findings.append(Finding("unnamed-population", message, hint=hint))
        roles.setdefault(name, "contaminant")
    if known and not any(roles[name] == "contaminant" for name in known) and len(request.targets) < 2:
        findings.append(
            Finding("no-contaminant", "nothing is left to sort from", hint="Label the other cells as well.")
        )
    return roles, findings


def frequencies_of(request: EventsRequest, pooled: Pooled) -> tuple[dict[str, float], list[Finding]]:
    """Share of each population: given, or counted and scaled to what the given ones leave."""
    findings = []
    given: dict[str, float] = {}
    for label, value in request.frequencies.items():
        name = plain(label)
        if name not in pooled.counts:
            hint = did_you_mean(name, list(pooled.counts))
            findings.append(
                Finding("unknown-population", f"a frequency is given for {name}, which no event has", hint=hint)
            )
        elif not 0 < value <= 1:
            hint = "It is a share of live single cells, as a fraction and not as percent."
            findings.append(Finding("frequency", f"the frequency of {name}, {value:g}, is not in (0, 1]", hint=hint))
        else:
            given[name] = value
    counted = sum(count for name, count in pooled.counts.items() if name not in given)
    rest = 1 - sum(given.values())
    if not findings and (rest < -1e-9 or (counted and rest <= 0)):
        message = f"the given frequencies sum to {1 - rest:g}, which leaves nothing for the other populations"
        findings.append(Finding("frequency-sum", message, hint="They are shares of all live single cells."))
    return {
        name: given[name] if name in given else rounded_down(max(rest, 0.0) * count / counted)
        for name, count in pooled.counts.items()
    }, findings


def rounded_down(value: float) -> float:
    """Six significant digits, never more than the value: the sum must not exceed one."""
    if value <= 0:
        return value
    unit = 10.0 ** (math.floor(math.log10(value)) - 5)
    return float(f"{math.floor(value / unit) * unit:.6g}")
