"""The report of one result: its parts, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from panelopt.domain.sort_plan_record import SortPlan, TargetPlan
from panelopt.report.content import Report, TargetPlots
from panelopt.report.gate_settings import settings_sheet
from panelopt.report.html.environment import page
from panelopt.report.html.figures import (
    emission_figure,
    gate_figure,
    grid_figure,
    matrix_blocks,
    scatter_figure,
    signature_figure,
)
from panelopt.report.html.lead import result_lead
from panelopt.report.html.page_blocks import Figure, Part
from panelopt.report.html.paper import for_paper, one_layer
from panelopt.report.html.robust_part import robust_part
from panelopt.report.notices import notices as merged
from panelopt.report.picture_sheets import emission_sheet, plot_sheet
from panelopt.report.plan_sheets import plan_sheets, tree_sheet
from panelopt.report.publication_sheets import publication_sheets
from panelopt.report.result_sheets import (
    alternative_sheet,
    effort_sheet,
    gate_sheet,
    input_sheet,
    limit_sheet,
    origin_sheet,
    pair_sheet,
    panel_sheet,
    product_sheet,
    proof_sheet,
    target_sheet,
)
from panelopt.report.sheet import Sheet, sheet
from panelopt.report.text_tables import number
from panelopt.report.verdict import verdict

_SHORT = {
    "targets": "Tubes",
    "sort": "Sort and order",
    "spectra": "Spectra",
    "spread": "Spread",
    "omip": "Publication",
}
"""Names in the navigation where the heading is too long."""


def report_html(report: Report, *, paper: bool = False) -> str:
    """Return a report as one HTML file.

    Args:
        report: What the page shows.
        paper: Leave out what is not printed; the page prints the same, in less time.
    """
    result = report.result
    report = one_layer(report) if paper else report
    parts = [
        _panel(report),
        _targets(report),
        robust_part(report.robust),
        _sort(report),
        _spread(report),
        _spectra(report),
        _proof(report),
        _limits(report),
        _alternatives(report),
        _publication(report),
        _provenance(report),
    ]
    named = [replace(part, short=_SHORT.get(part.key, "")) for part in (for_paper(parts) if paper else parts)]
    return page(report.title, f"Problem {result.problem} on {result.cytometer}", result_lead(report), named)


def _panel(report: Report) -> Part:
    result = report.result
    if not result.panel:
        return Part("panel", "Panel")
    about = report.problem.description if report.problem is not None else ""
    blocks: list[Sheet | Figure] = [panel_sheet(result)]
    if report.optics is not None:
        blocks.insert(0, grid_figure(report, report.optics))
    blocks.append(product_sheet(result))
    texts = (about,) if about else ()
    return Part("panel", "Panel", texts, _why(report, "cytometer", "catalogs"), tuple(blocks))


def _spectra(report: Report) -> Part:
    title = "Emission behind the filters"
    if not report.result.panel:
        return Part("spectra", title)
    notices = _why(report, "cytometer", "optics")
    if report.optics is None:
        return Part("spectra", title, notices=notices)
    signatures = signature_figure(report.optics)
    blocks: list[Sheet | Figure] = [emission_figure(report, report.optics)]
    blocks += [signatures] if signatures else []
    blocks.append(emission_sheet(report.optics, report.result))
    return Part("spectra", title, notices=notices, blocks=tuple(blocks))


def _spread(report: Report) -> Part:
    blocks = tuple(matrix_blocks(report))
    spectral = report.result.spectral
    texts = []
    if blocks:
        texts.append(
            "Darker is smaller, yellow is larger. Similarity and spread do not enter the score, which also takes "
            "brightness and antigen density into account."
        )
    if spectral.complexity_index is not None:
        texts.append(
            f"Complexity index {number(spectral.complexity_index)}; largest similarity "
            f"{number(spectral.max_similarity, 3)} ({' and '.join(spectral.most_similar or ('-',))}); largest hotspot "
            f"{number(spectral.hotspot_max)}."
        )
    return Part("spread", "Spillover, spread and similarity", tuple(texts), blocks=blocks)


def _targets(report: Report) -> Part:
    result = report.result
    if not result.targets:
        return Part("targets", "Targets and gates")
    trees = {tree.name: tree for tree in report.plan.targets} if report.plan is not None else {}
    plots = {one.target: one for one in report.plots}
    shown: list[Sheet | Figure | Part] = [target_sheet(result), gate_sheet(result), pair_sheet(result)]
    shown += [scatter_figure(report.scatter)] if report.scatter is not None else []
    for index, target in enumerate(result.targets):
        part = _target(index, target.name, trees.get(target.name), plots.get(target.name), report.plan)
        shown += [] if part.is_empty else [part]
    notices = _why(report, "gating") or (() if plots else _why(report, "problem", "cytometer"))
    texts = (result.robustness.summary(),) if result.robustness is not None else ()
    return Part("targets", "Targets and gates", texts, notices, tuple(shown))


def _target(index: int, name: str, tree: TargetPlan | None, plots: TargetPlots | None, plan: SortPlan | None) -> Part:
    blocks: list[Sheet | Figure] = []
    if plots is not None and plots.plots:
        blocks.append(gate_figure(plots, f"gates-{index}"))
    if tree is not None and plan is not None:
        blocks += [tree_sheet(tree, f"tree-{index}"), settings_sheet(plan, tree, f"settings-{index}")]
    if plots is not None and plots.plots:
        blocks.append(plot_sheet(plots, f"cells-{index}"))
    return Part(f"target-{index}", f"Gates of {name}", blocks=tuple(blocks))


def _proof(report: Report) -> Part:
    result = report.result
    bound = result.bound.worst_log_ratio
    if bound is None and result.objective is None:
        return Part("proof", "Proof", (verdict(result),), blocks=(effort_sheet(result),))
    text = {
        "optimal": "Proven: no feasible panel of these reagents is better by more than the gap, given these numbers.",
        "feasible": "Not proven optimal: a better panel may exist, by at most the gap.",
        "infeasible": "The panel breaks rules of the question; see the summary.",
    }.get(result.status.value, "")
    texts = (
        text,
        "The proof is about the model: the sort follows it only as far as its numbers are right (see Provenance).",
    )
    return Part("proof", "Proof", texts, blocks=(proof_sheet(result), effort_sheet(result)))


def _limits(report: Report) -> Part:
    title = "Constraints"
    if not report.limits:
        notices = _why(report, "problem") if report.result.panel else ()
        return Part("limits", title, notices=notices)
    held = [limit.name for limit in report.limits if limit.state == "binds"]
    missed = [limit.name for limit in report.limits if limit.state == "missed"]
    texts = [f"At their bound: {'; '.join(held)}." if held else "No constraint is at its bound."]
    if missed:
        texts.append(f"Not met: {'; '.join(missed)}.")
    return Part("limits", title, tuple(texts), _why(report, "problem"), (limit_sheet(report.limits),))


def _sort(report: Report) -> Part:
    title = "Sort, controls and order list"
    notices = _why(report, "plan")
    if report.plan is None:
        unknown = _why(report, "problem", "cytometer", "gating") if report.result.panel else ()
        return Part("sort", title, notices=notices or unknown)
    said = {warning.code for warning in report.result.warnings} - {"goal-missed"}  # products of the same question
    own = [warning for warning in report.plan.warnings if warning.code not in said]
    warnings = [(n.title, " ".join(n.texts), " ".join(n.remedies)) for n in merged(own, report.result.problem)]
    blocks = list(plan_sheets(report.plan))
    if report.plan.conflicts:
        rows = [(c.demand, c.message, c.where) for c in report.plan.conflicts]
        blocks.append(sheet("plan-conflicts", "Rules that the panel breaks", ("Rule", "Meaning", "Where"), rows))
    if warnings:
        blocks.append(sheet("plan-warnings", "Warnings of the sort plan", ("About", "Warning", "What to do"), warnings))
    text = "Overlapping gates of two tubes get a common border, unless --plan supplies the plan."
    return Part("sort", title, (report.plan.summary(), text), notices, tuple(blocks))


def _alternatives(report: Report) -> Part:
    notices = _why(report, "alternatives")
    if report.alternatives is None:
        text = ("None included. Run `panelopt alternatives` and pass its JSON with --alternatives.",)
        return Part("alternatives", "Alternatives", text if report.result.panel else (), notices)
    return Part("alternatives", "Alternatives", notices=notices, blocks=(alternative_sheet(report.alternatives),))


def _publication(report: Report) -> Part:
    blocks = publication_sheets(report) if report.result.panel else ()
    return Part("omip", "Tables for a publication", blocks=blocks)


def _provenance(report: Report) -> Part:
    blocks = [origin_sheet(report.origins)] if report.origins else []
    return Part("provenance", "Provenance", blocks=(*blocks, input_sheet(report.inputs)))


def _why(report: Report, *parts: str) -> tuple[str, ...]:
    """Return what is missing or doubtful in some parts."""
    texts: Iterable[tuple[str, str]] = (*report.missing.items(), *report.notices.items())
    return tuple(text for part, text in texts if part in parts)
