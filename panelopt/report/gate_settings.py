"""Where to set each gate of a sort plan: thresholds relative to the controls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from panelopt.domain.sort_plan_record import GateStep, SortPlan, TargetPlan
from panelopt.planning.as_written import written_percentile
from panelopt.report.sheet import Column, Sheet, Titles, Value, sheet
from panelopt.report.text_tables import count, number, percent, table, wrapped

ON_BEADS = "beads"

_SIDES = {"low": "above", "high": "below"}

LEGEND = (
    "Positives: share of positive cells in the gate's single stain above the threshold "
    f"({ON_BEADS}: single stain on beads, which cannot show it). FMO: percentile of the threshold among cells that "
    "reach the gate, stained with all dyes but this one. Unstained: percentile among all unstained single cells. "
    "/ p99: threshold divided by the 99th percentile of the FMO."
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One threshold.

    Attributes:
        gate: Markers, fluorochrome, and the side of the target.
        antibodies: The threshold.
        positive: Fraction of positive cells of the single stain above it; :data:`ON_BEADS`, or None if unknown.
        fmo, unstained: Its percentile in these tubes; None if unknown.
        times_p99: Threshold divided by the 99th percentile of the FMO; None if unknown.
        signal: The threshold in instrument units; None if unknown.
        unit: Instrument unit.
    """

    gate: str
    antibodies: float
    positive: float | str | None
    fmo: float | None
    unstained: float | None
    times_p99: float | None
    signal: float | None
    unit: str


def settings(plan: SortPlan, target: TargetPlan) -> Iterator[Setting]:
    """Yield the thresholds of a target in gating order."""
    carriers: dict[int | None, set[str]] = {}
    for tube in plan.controls.tubes:
        if tube.kind in ("single-stain", "viability"):
            carriers.setdefault(tube.slot, set()).add(tube.carrier)
    for step in target.tree:
        on_beads = carriers.get(step.slot) == {"beads"}
        for end, threshold in (("low", step.low), ("high", step.high)):
            if step.side is not None and threshold is not None:
                yield _setting(step, end, threshold, on_beads=on_beads)


def _setting(step: GateStep, end: str, threshold: float, *, on_beads: bool) -> Setting:
    return Setting(
        gate=f"{'+'.join(step.markers)} {step.fluorochrome} {_SIDES[end]}",
        antibodies=threshold,
        positive=ON_BEADS if on_beads else getattr(step, f"{end}_positive_kept"),
        fmo=getattr(step, f"{end}_fmo_percentile"),
        unstained=getattr(step, f"{end}_unstained_percentile"),
        times_p99=threshold / step.fmo_p99 if step.fmo_p99 else None,
        signal=getattr(step, f"{end}_signal"),
        unit=step.signal_unit or "",
    )


def settings_text(plan: SortPlan, target: TargetPlan, width: int) -> str:
    """Return the thresholds of a target as a table; empty without gates."""
    calibrated = plan.calibration is not None
    rows = [
        (
            one.gate,
            one.positive if isinstance(one.positive, str) else percent(one.positive),
            _percentile(one.fmo),
            _percentile(one.unstained),
            number(one.times_p99, 1),
            count(one.antibodies),
            *((_signal(one),) if calibrated else ()),
        )
        for one in settings(plan, target)
    ]
    if not rows:
        return ""
    headers = ("Gate", "Positives %", "FMO", "Unstained", "/ p99", "Antibodies", *(("Signal",) if calibrated else ()))
    unit = (
        f"Signal: from the calibration ({plan.calibration})."
        if calibrated
        else "Thresholds in instrument units: unknown without a calibration."
    )
    note = f"{LEGEND} {unit}" if target is plan.targets[-1] else ""
    return table(headers, rows, "lRRRRRR", width) + (f"\n{wrapped(note, width=width)}" if note else "")


def settings_sheet(plan: SortPlan, target: TargetPlan, key: str) -> Sheet:
    """Return the thresholds of a target, one per row."""
    rows: list[tuple[Value, ...]] = [
        (one.gate, one.positive, _percentile(one.fmo), _percentile(one.unstained), one.times_p99, one.antibodies,
         one.signal, one.unit)
        for one in settings(plan, target)
    ]  # fmt: skip
    columns: Titles = (
        "Gate",
        Column("Positives above %", "percent"),
        "FMO percentile",
        "Unstained percentile",
        Column("Ratio to p99 of the FMO", "number", 1),
        Column("Antibodies", "count"),
        Column("Signal", "count"),
        "Unit",
    )
    return sheet(key, f"Where to set each gate of {target.name}", columns, rows, note=LEGEND)


def _percentile(value: float | None) -> str:
    return "-" if value is None else written_percentile(value / 100)


def _signal(one: Setting) -> str:
    return f"{count(one.signal)} {one.unit}" if one.signal is not None else "unknown"
