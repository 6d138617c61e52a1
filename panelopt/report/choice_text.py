"""How the chosen panel compares with the best one, and what changes to a given panel bring, as text."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.panel_records import PanelChange, PanelSlot, Practicality
from panelopt.domain.result import Result
from panelopt.report.text_tables import DEFAULT_WIDTH, number, percent, table, wrapped


def choice_title(result: Result) -> str:
    """Return the title of :func:`choice_text`."""
    given_up = result.given_up
    return "Chosen among equally good panels" + (f" (slack {given_up.slack:g})" if given_up else "")


def choice_text(result: Result, width: int = DEFAULT_WIDTH) -> str:
    """Return the best panel next to the chosen one; empty if no search ran."""
    own, best, given_up, counts = result.objective, result.best, result.given_up, result.practical
    if own is None or given_up is None or counts is None or best.practical is None:
        return ""
    lines = []
    if best.panel == result.panel:
        lines.append("This is also the best panel by both objectives.")
    else:
        purities = {target.name: target.purity_at_least for target in result.targets}
        worst, total = own.worst_log_ratio, own.sum_log_ratio
        rows = [
            ("Worst ratio", number(worst, 3), number(worst + given_up.worst_log_ratio, 3)),
            ("Sum of ratios", number(total, 3), number(total + given_up.sum_log_ratio, 3)),
            *((f"{name}, at least %", percent(purities[name]), percent(x)) for name, x in best.purity_at_least.items()),
            *_counts(counts, best.practical),
        ]
        lines += [table(("", "This panel", "Best panel"), rows, "lRR", width), f"Best panel: {_slots(best.panel)}."]
    lines.append(_proven(counts))
    return "\n".join(line if "\n" in line else wrapped(line, width=width) for line in lines)


def _counts(own: Practicality, best: Practicality) -> Iterable[tuple[str, str, str]]:
    """Yield the practical criteria that say something about either panel."""
    spillover = "Spillover burden" if own.spillover_burden is not None else "Complexity index"
    values = [
        ("Unverified products", own.unsourced, best.unsourced),
        ("To buy", own.to_buy, best.to_buy),
        ("Colours", own.colours, best.colours),
        ("Fragile dyes", own.fragile, best.fragile),
    ]
    yield from ((name, str(a), str(b)) for name, a, b in values if a or b)
    yield spillover, number(_spillover(own)), number(_spillover(best))


def _spillover(counts: Practicality) -> float | None:
    return counts.complexity_index if counts.spillover_burden is None else counts.spillover_burden


def _slots(panel: Iterable[PanelSlot]) -> str:
    return "; ".join(f"{'+'.join(slot.markers)} {slot.fluorochrome} on {slot.detector}" for slot in panel)


def _proven(counts: Practicality) -> str:
    if not counts.proven:
        return "Not proven to be the most practical: another run may choose another panel."
    if counts.spillover_burden is None:
        return "Proven: no equally good panel has fewer colours. The complexity index is the lowest found."
    return "Proven: no equally good panel is more practical."


def changes_text(changes: Iterable[PanelChange], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per changed marker, with its effect on the score."""
    rows = [
        (
            change.marker,
            change.before or "-",
            change.after or "-",
            _gain(change.worst_log_ratio),
            _gain(change.sum_log_ratio),
            change.basis,
        )
        for change in changes
    ]
    headers = ("Marker", "Before", "After", "Worst", "Sum", "Effect of")
    return table(headers, rows, "LllRRl", width) if rows else ""


def _gain(value: float | None) -> str:
    text = number(value)
    return text if value is None or text.startswith("-") else f"+{text}"
