"""Converts the rows of a panel file to slots of an instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from panelopt import registry
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding, InputError, did_you_mean, input_error
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.instance.product import Key, Product
from panelopt.instance.product_index import ProductIndex
from panelopt.instance.products import is_named
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.question import Question


def named_rows(question: Question, rows: Sequence[PanelRow]) -> tuple[PanelRow, ...]:
    """Return the rows with canonical marker and dye names.

    Raises:
        InputError: with every marker that the problem does not list, and every unknown dye or detector.
    """
    _refuse_other_cytometer(question, rows)
    markers, dyes = registry.marker_names(), registry.fluorochrome_names()
    listed = [marker.name for marker in question.problem.marker]
    detectors = [detector.name for detector in question.cytometer.detector]
    findings: list[Finding] = []
    named = []
    for row in rows:
        marker = row.marker if row.marker in listed else markers.resolve(row.marker) or row.marker
        dye = dyes.resolve(row.fluorochrome)
        if marker not in listed:
            hint = did_you_mean(row.marker, listed) or f"Markers: {', '.join(listed)}."
            findings.append(Finding("unknown-marker", f"{row.marker} is not a marker of the problem", row.where, hint))
        if dye is None:
            findings.append(
                Finding(
                    "unknown-fluorochrome",
                    f"{row.fluorochrome} is not a known fluorochrome",
                    row.where,
                    dyes.suggest(row.fluorochrome) or "`panelopt dye list` shows the names.",
                )
            )
        if row.detector and row.detector not in detectors:
            hint = did_you_mean(row.detector, detectors) or f"Detectors: {', '.join(detectors)}."
            message = f"{question.cytometer.name} has no detector {row.detector}"
            findings.append(Finding("unknown-detector", message, row.where, hint))
        named.append(replace(row, marker=marker, fluorochrome=dye or ""))
    if findings:
        raise InputError(findings)
    return tuple(named)


def _refuse_other_cytometer(question: Question, rows: Sequence[PanelRow]) -> None:
    """Reject the panel of a result for another cytometer, unless this one has all its detectors."""
    here = {detector.name for detector in question.cytometer.detector}
    lost = list(dict.fromkeys(row.detector for row in rows if row.detector and row.detector not in here))
    other = next((row.made_for for row in rows if row.made_for not in ("", question.cytometer.id)), "")
    if lost and other:
        message = f"the panel is for the cytometer {other}; {question.cytometer.id} has no detector {', '.join(lost)}"
        hint = f"Use --cytometer {other}, or design a panel for {question.cytometer.id}."
        where = rows[0].where.rpartition(": panel[")[0]
        raise input_error("other-cytometer", message, where=where, hint=hint)


def slots_of(instance: Instance, rows: Sequence[PanelRow]) -> tuple[SlotIndex, ...]:
    """Return the slots of a panel; rows with the same dye form one slot.

    On a conventional cytometer, dyes without a detector are assigned different detectors that maximise the product of
    their signals.
    """
    markers: dict[int, list[int]] = {}
    fixed: dict[int, int] = {}
    for row in rows:
        dye = instance.dye.index(row.fluorochrome)
        markers.setdefault(dye, []).append(instance.marker.index(row.marker))
        if row.detector and instance.conventional:
            fixed[dye] = instance.detector.index(row.detector)
    detector = _detectors(instance, list(markers), fixed)
    return tuple(sorted(SlotIndex(tuple(sorted(found)), dye, detector[dye]) for dye, found in markers.items()))


def _detectors(instance: Instance, dyes: Sequence[int], fixed: Mapping[int, int]) -> dict[int, int]:
    brightest = {dye: int(np.argmax(instance.signal[:, dye])) for dye in dyes}
    if not instance.conventional:
        return brightest
    open_ = [dye for dye in dyes if dye not in fixed]
    free = [d for d in range(len(instance.detector)) if d not in fixed.values()]
    result = dict(fixed)
    if open_ and free:
        from scipy.optimize import linear_sum_assignment  # slow to load, and needed where rows name no detector

        gain = (
            np.log(np.maximum(instance.signal[np.ix_(free, open_)], 1e-12))
            + 100.0 * instance.allowed[np.ix_(free, open_)]
        )
        places, columns = linear_sum_assignment(gain, maximize=True)
        result.update({open_[j]: free[i] for i, j in zip(places, columns, strict=True)})
    return {**brightest, **result}  # more dyes than detectors: the rule check reports it


def products_of(
    rows: Sequence[PanelRow], index: ProductIndex
) -> tuple[dict[Key, tuple[Product, ...]], tuple[Finding, ...]]:
    """Return the products that fit each row, best first, or the row itself if no catalog lists it."""
    chosen: dict[Key, tuple[Product, ...]] = {}
    findings = []
    for row in rows:
        key = (row.marker, row.fluorochrome)
        chosen[key] = tuple(
            product
            for product in index.get(key, ())
            if is_named(product.conjugate, row.clone, row.vendor, row.catalog_number)
        )
        if chosen[key]:
            continue
        findings.append(
            Finding("not-in-catalog", f"{row.marker} {row.fluorochrome}: not in any catalog as given", row.where)
        )
        conjugate = Conjugate(
            availability="unverified",
            marker=row.marker,
            fluorochrome=row.fluorochrome,
            clone=row.clone,
            vendor=row.vendor,
            catalog_number=row.catalog_number,
        )
        chosen[key] = (Product(conjugate),)
    return chosen, tuple(findings)
