"""Controls of a sort plan as text."""

from __future__ import annotations

from panelopt.domain.control_tubes import Controls, ControlTube, FmoDecision
from panelopt.report.text_tables import blocks, count, percent, section, table, wrapped


def controls_text(controls: Controls, width: int) -> str:
    """Return control tubes, FMO decisions and titrations as text; empty without tubes."""
    if not controls.tubes:
        return ""
    return blocks(
        [
            section("Controls", _tubes(controls, width)),
            section("Gates that need an FMO control", _fmo(controls, width)),
            section("Titration series", _titrations(controls, width)),
            section("Rules for the controls", _rules(controls, width)),
        ]
    )


def _tubes(controls: Controls, width: int) -> str:
    rows = [
        (str(index), tube.name, tube.carrier, count(tube.events), count(tube.cells), count(tube.volume_ul), _why(tube))
        for index, tube in enumerate(controls.tubes, start=1)
    ]
    headers = ("#", "Tube", "On", "Events", "Cells", "µL", "Rules")
    sum_ = f"{len(controls.tubes)} tubes, {count(controls.cells)} cells"
    if controls.share_of_sample is not None:
        sum_ += f", {percent(controls.share_of_sample)} % of those that reach the sorter"
    notes = [f"{sum_}. Events: positive or dead events, or events in the parent gate. Cells: to stain for them."]
    notes += [f"{index}. {tube.note}." for index, tube in enumerate(controls.tubes, start=1) if tube.note]
    return table(headers, rows, "rlLRRRl", width) + "".join("\n" + wrapped(note, width=width) for note in notes)


def _why(tube: ControlTube) -> str:
    return ", ".join(tube.rules)


def _fmo(controls: Controls, width: int) -> str:
    rows = [
        (
            decision.target,
            _gate(decision),
            "yes" if decision.needed else "no",
            percent(decision.misplaced),
            count(decision.shift) if decision.shift >= 1 else "<1",
            ", ".join(decision.spread_from) or "-",
        )
        for decision in controls.fmo
    ]
    headers = ("Target", "Gate", "FMO", "Misplaced %", "Moved by", "Spread from")
    note = (
        "Misplaced: target cells lost plus unwanted cells passed, as a share of what reaches the gate, at the best "
        "threshold; up to 1 % (model value) the populations are clearly separate. Moved by: shift of the threshold by "
        "the spread of the other dyes, in antibodies."
    )
    reasons = [
        wrapped(f"{decision.target}, {_gate(decision)}: {decision.reason}.", "    ", width, first="  - ")
        for decision in controls.fmo
        if decision.needed
    ]
    return "\n".join([table(headers, rows, "llLRRl", width), wrapped(note, width=width), *reasons])


def _gate(decision: FmoDecision) -> str:
    return f"{'+'.join(decision.markers)} {decision.fluorochrome}"


def _titrations(controls: Controls, width: int) -> str:
    known = [series for series in controls.titrations if series.amounts]
    unknown = [f"{series.marker} {series.fluorochrome}" for series in controls.titrations if not series.amounts]
    folds = [f"x {fold:g}" for fold in controls.titrations[0].folds] if controls.titrations else []
    rows = [
        (f"{series.marker} {series.fluorochrome}", *(f"{amount:g}" for amount in series.amounts), series.unit)
        for series in known
    ]
    lines = [table(("Reagent", *folds, "Unit"), rows, "l" + "R" * len(folds) + "L", width)] if known else []
    if unknown:
        series = ", ".join(fold.removeprefix("x ") for fold in folds)
        text = f"The amount per test is not stated, so the volumes for {series} tests are unknown: "
        lines.append(wrapped(f"{text}{', '.join(unknown)}.", width=width))
    return "\n".join(lines)


def _rules(controls: Controls, width: int) -> str:
    return "\n".join(
        wrapped(f"{rule.name}: {rule.text}. Source: {rule.source}.", "    ", width, first="  - ")
        for rule in controls.rules
    )
