"""The two tables of a publication of a panel."""

from __future__ import annotations

from panelopt.domain.result import Result
from panelopt.report.content import Report
from panelopt.report.sheet import Sheet, Titles, sheet


def publication_sheets(report: Report) -> tuple[Sheet, Sheet]:
    """Return the two tables of an OMIP (optimized multicolor immunofluorescence panel) publication.

    The columns follow OMIP papers in Cytometry Part A. Unknown cells are left empty for the authors.
    """
    result, problem = report.result, report.problem
    instrument = report.optics.cytometer.name if report.optics else result.cytometer
    purpose = f"Sort of {', '.join(t.name for t in result.targets)}" if result.targets else ""
    summary = [
        ("Purpose", report.title if report.title != result.problem else purpose),
        ("Species", problem.limits.reactivity if problem else ""),
        ("Cell types", ", ".join(t.name for t in result.targets)),
        ("Tissue", problem.sample.tissue if problem else ""),
        ("Preparation", _preparation(report)),
        ("Instrument", instrument),
        ("Cross-references", ""),
    ]
    reagents = [
        (r.marker, r.clone, r.fluorochrome, _purpose(result, index), f"{slot.laser_nm:g} nm, {slot.detector}", r.vendor,
         r.catalog_number)
        for index, slot in enumerate(result.panel)
        for r in slot.all_reagents
    ]  # fmt: skip
    columns: Titles = ("Specificity", "Clone", "Fluorochrome", "Purpose", "Laser, detector", "Vendor", "Catalog number")
    note = "Format of OMIP papers in Cytometry Part A; empty cells are unknown."
    return (
        sheet("omip1", "Table 1. Summary of the panel", ("Item", "Value"), summary, note=note),
        sheet("omip2", "Table 2. Reagents used", columns, reagents, note=note),
    )


def _preparation(report: Report) -> str:
    if report.problem is None:
        return ""
    sample = report.problem.sample
    enzyme = "no enzyme" if sample.dissociation == "none" else sample.dissociation
    return ", ".join(filter(None, (sample.state, enzyme, sample.preparation)))


def _purpose(result: Result, slot: int) -> str:
    role = result.panel[slot].role
    if role != "marker":
        return {"dump": "Dump channel", "viability": "Dead cells"}[role]
    texts = []
    for target in result.targets:
        sides = [gate for gate in target.gates if gate.slot == slot]
        texts += [f"{target.name}: {gate.side}" for gate in sides]
    return "; ".join(texts) or "Not gated"
