"""Compares two results: what differs, and the effect on each target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from panelopt import __version__
from panelopt.domain.demands import Demands
from panelopt.domain.design_comparison import (
    ChangeKind,
    DesignComparison,
    MarkerChange,
    NumberChange,
    PairChange,
    ReagentUse,
    TargetChange,
)
from panelopt.domain.panel_records import PanelSlot, Reagent
from panelopt.domain.result import Result, TargetResult
from panelopt.io.result_json import read_result
from panelopt.report.result_text import gate_text


def compare(first: Path, second: Path) -> DesignComparison:
    """Compare two result files.

    Raises:
        InputError: if a file is missing or holds no result.
    """
    return comparison(read_result(first), read_result(second), (str(first), str(second)))


def comparison(first: Result, second: Result, names: tuple[str, str] = ("A", "B")) -> DesignComparison:
    """Compare two results.

    Args:
        first: One result.
        second: The other.
        names: Display names of the two.
    """
    return DesignComparison(
        panelopt_version=__version__,
        names=names,
        first=first,
        second=second,
        questions=tuple(_questions(first, second)),
        objectives=tuple(_objectives(first, second)),
        markers=tuple(_markers(first, second)),
        targets=tuple(_targets(first, second)),
    )


def _questions(first: Result, second: Result) -> Iterable[str]:
    """Yield the differences between the questions, as caveats for the comparison."""
    if first.problem != second.problem:
        yield f"The problems differ: {first.problem} and {second.problem}. Their ratios are not comparable."
    elif first.problem_sha256 != second.problem_sha256:
        yield f"The versions of problem {first.problem} differ: populations, levels or goals may have changed."
    if first.cytometer != second.cytometer:
        yield f"The cytometers differ: {first.cytometer} and {second.cytometer}."
    elif _differ(first.cytometer_sha256, second.cytometer_sha256):
        yield f"The versions of cytometer {first.cytometer} differ: lasers, detectors or noise may have changed."
    if _differ(first.fluorochromes_sha256, second.fluorochromes_sha256):
        yield "The dye optics differ."
    if first.signatures_sha256 != second.signatures_sha256:
        yield "The measured signatures differ."
    if changed := [
        name for name in Demands.model_fields if getattr(first.demands, name) != getattr(second.demands, name)
    ]:
        yield f"The demands differ: {', '.join(changed)}."
    if first.panelopt_version != second.panelopt_version:
        yield f"The panelopt versions differ: {first.panelopt_version} and {second.panelopt_version}."
    hashes = [{use.name: use.sha256 for use in result.catalogs} for result in (first, second)]
    changed = sorted(n for n in hashes[0].keys() | hashes[1].keys() if hashes[0].get(n) != hashes[1].get(n))
    if changed:
        yield f"The catalogs differ: {', '.join(changed)}."


def _differ(one: str, other: str) -> bool:
    """Whether two known hashes differ; results of older versions may have none."""
    return "" not in (one, other) and one != other


# ---- the panel


def _markers(first: Result, second: Result) -> Iterable[MarkerChange]:
    uses = [_uses(first), _uses(second)]
    for marker in dict.fromkeys([*uses[0], *uses[1]]):
        a, b = uses[0].get(marker), uses[1].get(marker)
        yield MarkerChange(marker=marker, change=_change(a, b), first=a, second=b)


def _uses(result: Result) -> Mapping[str, ReagentUse]:
    found = {}
    for slot in result.panel:
        for marker, reagent in zip(slot.markers, slot.reagents or (None,) * len(slot.markers), strict=False):
            found[marker] = _use(slot, reagent)
    return found


def _use(slot: PanelSlot, reagent: Reagent | None) -> ReagentUse:
    return ReagentUse(
        fluorochrome=slot.fluorochrome,
        detector=slot.detector,
        laser_nm=slot.laser_nm,
        role=slot.role,
        clone=reagent.clone if reagent else "",
        vendor=reagent.vendor if reagent else "",
        catalog_number=reagent.catalog_number if reagent else "",
        price=reagent.price if reagent else None,
        currency=reagent.currency if reagent else "",
    )


def _change(first: ReagentUse | None, second: ReagentUse | None) -> ChangeKind:
    if first is None:
        return "added"
    if second is None:
        return "removed"
    if first.role != second.role:
        return "role"
    if first.fluorochrome != second.fluorochrome:
        return "fluorochrome"
    if first.detector != second.detector:
        return "detector"
    product = (first.vendor, first.catalog_number, first.clone) == (second.vendor, second.catalog_number, second.clone)
    return "same" if product else "product"


# ---- what it does


def _objectives(first: Result, second: Result) -> Iterable[NumberChange]:
    a, b = first.objective, second.objective
    for name, unit in (
        ("worst_log_ratio", "log10"),
        ("sum_log_ratio", "log10"),
        ("colours", ""),
        ("price", "currency"),
    ):
        currencies = {o.currency for o in (a, b) if o is not None and o.currency}
        if name == "price":
            unit = currencies.pop() if len(currencies) == 1 else ""
        yield NumberChange(name=name, unit=unit, first=getattr(a, name, None), second=getattr(b, name, None))
    for name in ("worst_log_ratio", "sum_log_ratio"):
        limits = getattr(first.bound, name), getattr(second.bound, name)
        yield NumberChange(name=f"bound_{name}", unit="log10", first=limits[0], second=limits[1])
    for name in ("complexity_index", "max_similarity", "hotspot_max"):
        yield NumberChange(name=name, first=getattr(first.spectral, name), second=getattr(second.spectral, name))


def _targets(first: Result, second: Result) -> Iterable[TargetChange]:
    found = [{target.name: target for target in result.targets} for result in (first, second)]
    for name in dict.fromkeys([*found[0], *found[1]]):
        a, b = found[0].get(name), found[1].get(name)
        yield TargetChange(
            name=name,
            numbers=tuple(_numbers(a, b)),
            gates_first=tuple(map(gate_text, a.gates)) if a else (),
            gates_second=tuple(map(gate_text, b.gates)) if b else (),
            pairs=tuple(_pairs(name, first, second)),
        )


def _numbers(first: TargetResult | None, second: TargetResult | None) -> Iterable[NumberChange]:
    for name, label, unit in (
        ("purity", "purity", "fraction"),
        ("purity_at_least", "purity_at_least", "fraction"),
        ("gate_yield", "yield", "fraction"),
        ("expected_cells", "expected_cells", "cells"),
    ):
        yield NumberChange(name=label, unit=unit, first=getattr(first, name, None), second=getattr(second, name, None))


def _pairs(target: str, first: Result, second: Result) -> list[PairChange]:
    found = [{p.contaminant: p for p in result.pairs if p.target == target} for result in (first, second)]
    changes = [
        PairChange(
            contaminant=name,
            first=a.log_ratio if (a := found[0].get(name)) else None,
            second=b.log_ratio if (b := found[1].get(name)) else None,
            first_limit=a.limited_by if a else "",
            second_limit=b.limited_by if b else "",
        )
        for name in dict.fromkeys([*found[0], *found[1]])
    ]
    return sorted(changes, key=lambda c: (-abs((c.second or 0.0) - (c.first or 0.0)), c.contaminant))
