"""Tables of a result: panel, products, targets, contaminants, proof, matrices."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.alternatives_result import Alternatives
from panelopt.domain.result import Bound, Result
from panelopt.report.content import InputFile, Limit, Origin
from panelopt.report.odds import cells_per_wrong, purity_of
from panelopt.report.sheet import Column, Sheet, Titles, Value, sheet
from panelopt.report.text_tables import count, number, percent
from panelopt.report.verdict import best_found

_RATIOS = ("Ratio", "Single", "Doublet", "Rejection")
_STATES = {"binds": "at bound", "free": "slack", "missed": "MISSED"}


def panel_sheet(result: Result) -> Sheet:
    """Return one row per slot."""
    return sheet(
        "panel",
        "Panel: markers, fluorochromes and detectors",
        ("Marker", "Fluorochrome", "Detector", Column("Laser (nm)", "number", 0), "Role", "Clone"),
        (
            (", ".join(s.markers), s.fluorochrome, s.detector, s.laser_nm, s.role, ", ".join(filter(None, s.clones)))
            for s in result.panel
        ),
    )


def product_sheet(result: Result) -> Sheet:
    """Return one row per reagent: the order list without amounts."""
    rows = [
        (r.marker, r.fluorochrome, r.clone, r.vendor, r.catalog_number, f"{r.size} {r.unit}".strip(),
         None if r.owned else r.price, r.currency, "your stock" if r.owned else r.availability or "unknown", r.lot,
         r.expires.isoformat() if r.expires else "")
        for slot in result.panel
        for r in slot.all_reagents
    ]  # fmt: skip
    columns: Titles = (
        "Marker",
        "Fluorochrome",
        "Clone",
        "Vendor",
        "Catalog number",
        "Pack",
        Column("Price", "number"),
        "Currency",
        "Availability",
        "Lot",
        "Expires",
    )
    note = "Unverified: no source confirms that the product exists; ask the vendor. Empty cells are unknown."
    return sheet("products", "Products of the panel", columns, rows, heads=2, note=note).without_unknown()


def target_sheet(result: Result) -> Sheet:
    """Return one row per target."""
    sure = {tube.target: tube.purity_p10 for tube in result.robustness.tubes} if result.robustness else {}
    rows = [
        (t.name, t.frequency, t.gate_yield, t.purity, t.purity_at_least, cells_per_wrong(t.purity_at_least),
         sure.get(t.name), t.purity_second_sort, t.expected_cells, len(t.gates), _limiting(t.name, result))
        for t in result.targets
    ]  # fmt: skip
    columns: Titles = (
        "Target",
        Column("Frequency %", "percent"),
        Column("Yield %", "percent"),
        Column("Purity %", "percent"),
        Column("Purity at least %", "percent"),
        Column("1 wrong cell in", "count"),
        Column("In 90 % of samples %", "percent"),
        Column("Sorted twice %", "percent"),
        Column("Cells", "count"),
        Column("Gates", "number", 0),
        "Limiting contaminants",
    )
    note = (
        "Purity: predicted. At least: guaranteed by the claims that the proof covers, as is 1 wrong cell in. In "
        "90 % of samples: reached in that share of plausible samples. Sorted twice: expected after a second sort "
        "through the same gates. Yield: of the fluorescence gates alone."
    )
    return sheet("targets", "Purity and yield of each target", columns, rows, note=note)


def _limiting(target: str, result: Result, named: int = 3) -> str:
    worst = sorted((p for p in result.pairs if p.target == target), key=lambda p: (p.log_ratio, p.contaminant))
    return ", ".join(f"{p.contaminant} ({p.log_ratio:.2f}, {p.limited_by})" for p in worst[:named])


def pair_sheet(result: Result) -> Sheet:
    """Return one row per target and contaminant, worst first."""
    pairs = sorted(result.pairs, key=lambda p: (p.log_ratio, p.target, p.contaminant))
    ratio, *others = (Column(title, "number") for title in _RATIOS)
    columns: Titles = ("Target", "Contaminant", ratio, Column("1 wrong cell in", "count"), *others, "Limited by")
    rows = (
        (p.target, p.contaminant, p.log_ratio, cells_per_wrong(purity_of(p.log_ratio)), p.single, p.doublet,
         p.rejection, p.limited_by)
        for p in pairs
    )  # fmt: skip
    note = (
        "log10 of target : contaminant in the tube. The ratio is the smallest of single, doublet and the cap. 1 wrong "
        "cell in: what this contaminant alone leaves."
    )
    return sheet("pairs", "Contaminants of each target, worst first", columns, rows, heads=2, note=note)


def gate_sheet(result: Result) -> Sheet:
    """Return one row per gate of each target, thresholds in antibodies."""
    rows = [
        (t.name, i, "+".join(g.markers), g.fluorochrome, result.panel[g.slot].detector, g.side, g.low, g.high)
        for t in result.targets
        for i, g in enumerate(t.gates, start=1)
    ]
    columns: Titles = (
        "Target",
        Column("Gate", "number", 0),
        "Marker",
        "Fluorochrome",
        "Detector",
        "Side",
        Column("Low", "count"),
        Column("High", "count"),
    )
    note = "Thresholds in antibodies per cell; empty on the open side."
    return sheet("gates", "Gates of each target as chosen by the score", columns, rows, heads=2, note=note)


def proof_sheet(result: Result) -> Sheet:
    """Return both objectives with their proven bounds."""
    own, bound, gap = result.objective, result.bound, result.gap
    titles = (("1. Worst log ratio", "worst_log_ratio"), ("2. Sum of log ratios", "sum_log_ratio"))
    rows: list[tuple[Value, ...]] = [
        (title, getattr(own, name) if own else None, best, getattr(bound, name), getattr(gap, name))
        for (title, name), best in zip(titles, best_found(result), strict=True)
    ]
    worst = [cells_per_wrong(None if x is None else purity_of(x)) for x in rows[0][1:4] if not isinstance(x, str)]
    rows.insert(1, ("1 wrong cell in", *worst, None))
    columns: Titles = (
        "Objective",
        *(Column(t, "number", 3) for t in ("This panel", "Best found", "Proven bound", "Gap")),
    )
    floor = f"The bound on the sum holds for panels whose worst ratio is at least {number(result.floor, 3)}."
    nothing = "No proof: the panel was given, not searched for." if bound == Bound() else ""
    note = nothing or (floor if result.floor is not None else "")
    return sheet("proof", "Score and proof, log10 of target : contaminant", columns, rows, note=note)


def effort_sheet(result: Result) -> Sheet:
    """Return the effort of the search."""
    s = result.solver
    rows = [
        ("Status", result.status.value),
        ("Time", f"{s.wall_s:.1f} s, of which {s.build_s:.1f} s to build the model"),
        ("Time limit", "none" if s.time_limit_s is None else f"{s.time_limit_s:g} s"),
        ("Solver work", f"{s.deterministic_time:.3g} units, comparable between machines"),
        ("Rounds and cuts", f"{s.iterations}, {s.cuts}"),
        ("Model", f"{s.model.variables:,} variables, {s.model.constraints:,} constraints"),
        ("Seed, workers, tolerance", f"{s.seed}, {s.workers}, {s.tolerance:g}"),
        ("Interrupted, out of memory", f"{_yes(s.interrupted)}, {_yes(s.out_of_memory)}"),
    ]
    return sheet("search", "Search effort", ("Quantity", "Value"), rows)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def limit_sheet(limits: Iterable[Limit]) -> Sheet:
    """Return the constraints; each number in its own unit."""
    shown = {"number": number, "percent": lambda x: f"{percent(x)} %", "count": count}
    rows = [
        (
            limit.name,
            _STATES[limit.state],
            "" if limit.value is None else shown[limit.kind](limit.value),
            "" if limit.limit is None else shown[limit.kind](limit.limit),
            limit.note,
        )
        for limit in limits
    ]
    return sheet("limits", "Demands and constraints", ("Constraint", "State", "Panel", "Bound", "Meaning"), rows)


def origin_sheet(origins: Iterable[Origin]) -> Sheet:
    """Return where the numbers come from."""
    rows = ((o.quantity, o.of, o.origin, o.source) for o in origins)
    note = (
        "Measured: on an instrument. Fitted: to measured signatures or published spectra. Class median: of measured "
        "dyes of the same class. Model: a number without a measurement behind it."
    )
    return sheet(
        "provenance", "Where the numbers come from", ("Quantity", "Of", "Origin", "Source"), rows, heads=2, note=note
    )


def input_sheet(inputs: Iterable[InputFile]) -> Sheet:
    """Return the inputs of the report and their hashes."""
    rows = ((i.kind, i.name, i.state, i.recorded, i.found, i.note) for i in inputs)
    columns: Titles = ("Input", "Name", "Hash", "SHA-256 in the result", "SHA-256 as read", "Note")
    return sheet("inputs", "Inputs and their hashes", columns, rows, heads=2)


def alternative_sheet(found: Alternatives) -> Sheet:
    """Return alternative panels, best first."""
    rows = [
        (a.rank, cells_per_wrong(purity_of(a.result.objective.worst_log_ratio)) if a.result.objective else None,
         a.result.objective.worst_log_ratio if a.result.objective else None, a.distance.worst_log_ratio,
         a.distance.sum_log_ratio, a.differs, a.result.status.value,
         "; ".join(f"{'+'.join(s.markers)} {s.fluorochrome}" for s in a.result.panel))
        for a in found.alternatives
    ]  # fmt: skip
    columns: Titles = (
        Column("Rank", "number", 0),
        Column("1 wrong cell in", "count"),
        Column("Worst ratio", "number", 3),
        Column("Below best", "number", 3),
        Column("Sum below best", "number", 3),
        Column("Slots that differ", "number", 0),
        "Status",
        "Panel",
    )
    note = "Proven: no further panel differs enough." if found.complete else ""
    return sheet("alternatives", "The best panels that differ from each other", columns, rows, note=note)
