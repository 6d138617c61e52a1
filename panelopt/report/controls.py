"""Controls of a sort plan as text."""

from __future__ import annotations

from panelopt.domain.controls import Controls, ControlTube
from panelopt.report.tables import blocks, count, percent, section, table, wrapped


def controls_text(controls: Controls, width: int) -> str:
    """Return the control tubes, the FMO question and the titrations as text; nothing if there are no tubes."""
    if not controls.tubes:
        return ""
    return blocks(
        [
            section("Controls", _tubes(controls, width)),
            section("Fluorescence minus one: which gates need it", _fmo(controls, width)),
            section("Titration, amounts of the series", _titrations(controls, width)),
            section("Rules behind the controls", _rules(controls, width)),
        ]
    )


def _tubes(controls: Controls, width: int) -> str:
    rows = [
        (str(index), tube.name, tube.carrier, count(tube.events), count(tube.cells), count(tube.volume_ul), _why(tube))
        for index, tube in enumerate(controls.tubes, start=1)
    ]
    headers = ("#", "Tube", "On", "Events", "Cells", "uL", "Rules")
    sum_ = f"{len(controls.tubes)} tubes, {count(controls.cells)} cells"
    if controls.share_of_sample is not None:
        sum_ += f", {percent(controls.share_of_sample)} % of those that reach the sorter"
    notes = [f"{sum_}. Events: positive, dead or target ones to be recorded; cells: to be stained for them."]
    notes += [f"{index}. {tube.note}." for index, tube in enumerate(controls.tubes, start=1) if tube.note]
    return table(headers, rows, "rlLRRRl", width) + "".join("\n" + wrapped(note, width=width) for note in notes)


def _why(tube: ControlTube) -> str:
    return ", ".join(tube.rules)


def _fmo(controls: Controls, width: int) -> str:
    rows = [
        (
            decision.target,
            f"{'+'.join(decision.markers)} {decision.fluorochrome}",
            "yes" if decision.needed else "no",
            count(decision.shift),
            _change(decision.purity_change),
            _change(decision.yield_change),
            ", ".join(decision.spread_from) or "-",
        )
        for decision in controls.fmo
    ]
    headers = ("Target", "Gate", "FMO", "Moved by", "Purity %", "Yield %", "Spread from")
    note = (
        "Moved by: antibodies by which the spread of the other dyes moves the threshold. Purity, yield: relative "
        "change if the threshold is set without that spread. FMO tubes where either exceeds 1 % (model value)."
    )
    return table(headers, rows, "llLRRRl", width) + "\n" + wrapped(note, width=width)


def _change(fraction: float) -> str:
    percentage = 100 * fraction
    return "0" if abs(percentage) < 0.005 else f"{percentage:+.3g}"


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
        text = f"The pack does not state the amount of a test, so that {series} tests are unknown amounts of: "
        lines.append(wrapped(f"{text}{', '.join(unknown)}.", width=width))
    return "\n".join(lines)


def _rules(controls: Controls, width: int) -> str:
    return "\n".join(
        wrapped(f"{rule.name}: {rule.text}. Source: {rule.source}.", "    ", width, first="  - ")
        for rule in controls.rules
    )
