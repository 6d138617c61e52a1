"""Compiles problem, catalogs, dyes and cytometer into arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.dye_list import dyes_by_name
from panelopt.domain.name_table import the_name
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.problem_record import ENZYME_CUTS, Locked, Marker, Problem
from panelopt.domain.reagents import Catalog, Fluorochrome
from panelopt.errors import Finding, InputError, did_you_mean, input_error
from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance, Lock, SlotIndex
from panelopt.instance.offers import Offers, bought, offers_of
from panelopt.instance.populations import cells_of
from panelopt.instance.product import Key, Product
from panelopt.instance.product_index import ProductIndex
from panelopt.instance.products import eligible_products, locked_products
from panelopt.instance.readable import Readings, unstained_sd
from panelopt.instance.switches import Switches
from panelopt.optics.measured import SignatureSet, replace_signatures
from panelopt.optics.noise import detector_noise
from panelopt.optics.signatures import autofluorescence_pe, signature_matrix

VIABILITY_USES = frozenset({"live_viability", "fixable_viability"})


@dataclass(frozen=True, slots=True)
class Compiled:
    """Arrays, the products behind them, and remarks.

    Attributes:
        instance: The question in numbers.
        products: Eligible products by (marker, fluorochrome), best first.
        offers: Products in the arrays: those that locks leave.
        constraints: Constraints of the problem.
        remarks: Remarks for the user.
    """

    instance: Instance
    products: ProductIndex
    offers: Offers
    constraints: PanelConstraints
    remarks: tuple[Finding, ...]

    def with_products(self, products: Mapping[Key, tuple[Product, ...]]) -> Compiled:
        """Return the question with only these products for their markers and dyes."""
        instance = self.instance
        offers = offers_of(
            self.offers.products.with_products(products), instance.marker, instance.dye, self.constraints
        )
        priced = replace(
            instance,
            price=offers.price,
            product_rank=offers.product_rank,
            owned=offers.owned,
            sourced=offers.sourced,
            delivery=offers.delivery,
        )
        return replace(self, instance=priced, offers=offers)

    def bought(self, slots: Sequence[SlotIndex]) -> dict[tuple[str, str], Product]:
        """Return the product of each reagent of a panel, by (marker, fluorochrome)."""
        marker, dye = self.instance.marker, self.instance.dye
        reagents = {(marker[m], dye[slot.dye]): (m, slot.dye) for slot in slots for m in slot.markers}
        return bought(self.offers, self.constraints, reagents)


def compile_instance(
    problem: Problem,
    cytometer: Cytometer,
    catalogs: Sequence[Catalog],
    fluorochromes: Sequence[Fluorochrome],
    autofluorescence: Fluorochrome,
    switches: Switches | None = None,
    measured: Mapping[str, tuple[SignatureSet, int]] | None = None,
) -> Compiled:
    """Compile the question; the order of catalog rows and files does not matter.

    Args:
        problem: The question.
        cytometer: The instrument.
        catalogs: Products to choose from; those of an inventory are free.
        fluorochromes: Dyes with known optics; conjugates of other dyes are left out.
        autofluorescence: Shape of the cells' own light.
        switches: Demands given with the command.
        measured: Measured signatures by dye, instead of the computed ones.

    Raises:
        InputError: if a locked reagent names an unknown marker, dye or detector, prices mix currencies, or no marker of
            a list has a level.
    """
    switches = switches or Switches()
    dyes = dyes_by_name(fluorochromes)
    named = (*problem.locked, *switches.former_locks)
    products, used, offers, remarks = _offered(problem, cytometer, catalogs, dyes, switches, named)
    markers = tuple(marker.name for marker in problem.marker)
    signal = np.maximum(signature_matrix(cytometer, [dyes[name] for name in used]), 0.0)
    signal = replace_signatures(signal, used, [detector.name for detector in cytometer.detector], measured or {})
    available = offers.available & (signal.max(axis=0, initial=0.0) > 0)
    cells = cells_of(problem)
    noise = detector_noise(cytometer)
    own = np.maximum(autofluorescence_pe(cytometer, autofluorescence), 0.0)
    held = _locks(named, len(problem.locked) - switches.call_locks, cytometer, markers, used)
    readings = Readings(
        signal,
        np.array([dyes[name].use in VIABILITY_USES for name in used], dtype=bool),
        unstained_sd(own, noise, problem.sample.cv_autofluorescence),
        cytometer.conventional,
    )
    instance = Instance(
        population=cells.name,
        marker=markers,
        dye=tuple(used),
        detector=tuple(detector.name for detector in cytometer.detector),
        role=cells.role,
        phi=cells.phi,
        abc=cells.abc,
        cv=cells.cv,
        autofluorescence_factor=cells.autofluorescence,
        signal=signal,
        autofluorescence=own,
        background=noise.background_pe,
        excess=noise.excess,
        electronic=noise.electronic_pe,
        proportional=noise.proportional,
        available=available,
        allowed=readings.allowed(held),
        price=offers.price,
        product_rank=offers.product_rank,
        owned=offers.owned,
        sourced=offers.sourced,
        delivery=offers.delivery,
        max_share=cells.max_share,
        conventional=cytometer.conventional,
        required=np.array([_is_required(problem, marker, switches.optional) for marker in problem.marker]),
        dump=np.array([marker.role == "dump" and not problem.is_marker_list for marker in problem.marker]),
        no_above=np.array([name in ENZYME_CUTS[problem.sample.dissociation] for name in markers]),
        viability=np.array([marker.role == "viability" for marker in problem.marker]),
        fragile=np.array([bool({"light", "fixation"} & set(dyes[name].fragile)) for name in used], dtype=bool),
        locks=held[: len(problem.locked)],
        eps=problem.goal.gate_loss,
        leak=problem.goal.leak,
        leak_total=problem.goal.leak_total,
        slack=problem.goal.slack,
        delta=0.0 if problem.is_marker_list else problem.sample.delta,
        cv_autofluorescence=problem.sample.cv_autofluorescence,
        yield_min=problem.goal.yield_min,
        purity_goal=problem.goal.purity,
        unknown_abc=problem.resolve("mid").abc,
        unknown_cv=problem.resolve("mid").cv,
        max_colours=problem.limits.max_colours,
        max_gates=problem.goal.max_gates,
        budget=problem.limits.budget,
        max_similarity=problem.limits.max_similarity,
        max_complexity=problem.limits.max_complexity,
        max_spillover=1.0 if problem.limits.max_spillover is None else problem.limits.max_spillover,
        prefer=problem.limits.prefer,
        sort_ways=min((w for w in (problem.goal.sort_ways, cytometer.sort_ways) if w is not None), default=None),
        marker_list=problem.is_marker_list,
        allow_unknown_price=switches.allow_unknown_price,
        require_goal=switches.require_goal,
    )
    if not instance.views:
        hint = "Give a marker with a level above 0, or forbid fewer."
        raise input_error("nothing-to-tell-apart", "no marker with a level is left", where=problem.id, hint=hint)
    unseen = _without_signature([dyes[name] for name in used], measured or {}, problem.id)
    remarks = (*remarks, *unseen, *cells.remarks, *readings.remarks(instance, problem.id))
    return Compiled(instance, products, offers, problem.limits, remarks)


def _without_signature(
    dyes: Sequence[Fluorochrome], measured: Mapping[str, tuple[SignatureSet, int]], where: str
) -> Iterator[Finding]:
    """Yield a remark on dyes that are known by their signatures alone, which nobody gave."""
    names = [dye.name for dye in dyes if not dye.has_optics and dye.name not in measured]
    if names:
        message = f"no signature is given of {', '.join(names)}, known by nothing else; products with it are left out"
        yield Finding("no-signature", message, where, "Add --signatures FILE.")


def _offered(
    problem: Problem,
    cytometer: Cytometer,
    catalogs: Sequence[Catalog],
    dyes: Mapping[str, Fluorochrome],
    switches: Switches,
    named: Sequence[Locked],
) -> tuple[ProductIndex, list[str], Offers, tuple[Finding, ...]]:
    """Return eligible products, the dyes in use, what the arrays say of the products that locks leave, and remarks."""
    given = {*switches.given, *((lock.marker, lock.fluorochrome) for lock in named)}
    products, remarks = eligible_products(problem, catalogs, dyes, replace(switches, given=frozenset(given)))
    used = sorted({dye for _, dye in {*products, *given}})
    _check_names(problem, cytometer, dyes, used)
    markers = [marker.name for marker in problem.marker]
    locked = {(lock.marker, lock.fluorochrome): locked_products(lock, products) for lock in problem.locked}
    left = {key: products for key, products in locked.items() if products}
    offers = offers_of(products.with_products(left), markers, used, problem.limits)
    for marker, dye in locked.keys() - left.keys():  # no other product may take their place
        offers.available[markers.index(marker), used.index(dye)] = False
    return products, used, offers, remarks


def _check_names(problem: Problem, cytometer: Cytometer, dyes: Mapping[str, Fluorochrome], used: Sequence[str]) -> None:
    findings = [
        Finding("unknown-fluorochrome", f"{name} has no optics", problem.id, did_you_mean(name, list(dyes)))
        for name in used
        if name not in dyes
    ]
    markers = [marker.name for marker in problem.marker]
    for number, lock in enumerate(problem.locked):
        where = f"{problem.id}: locked[{number}]"
        if lock.marker not in markers:
            hint = did_you_mean(lock.marker, markers)
            findings.append(Finding("unknown-marker", f"{lock.marker} is not a marker of the problem", where, hint))
        if lock.detector:
            findings += _detector_faults(lock.detector, cytometer, where)
    if findings:
        raise InputError(findings)


def _detector_faults(name: str, cytometer: Cytometer, where: str) -> Iterable[Finding]:
    detectors = [detector.name for detector in cytometer.detector]
    hint = f"{cytometer.id} has {', '.join(detectors)}."
    try:
        the_name(name, detectors, "detector", where=where, hint=hint)
    except InputError as error:
        yield from error.findings


def _locks(
    locked: Sequence[Locked], own: int, cytometer: Cytometer, markers: Sequence[str], used: Sequence[str]
) -> tuple[Lock, ...]:
    """Return locks as indices; the first ``own`` are from the problem file."""
    detectors = [detector.name for detector in cytometer.detector]
    return tuple(
        Lock(
            markers.index(lock.marker),
            used.index(lock.fluorochrome),
            detectors.index(the_name(lock.detector, detectors, "detector"))
            if lock.detector and cytometer.conventional
            else None,
            f"locked[{number}]" if number < own else lock.option,
        )
        for number, lock in enumerate(locked)
    )


def _is_required(problem: Problem, marker: Marker, optional: frozenset[str]) -> bool:
    listed = problem.is_marker_list and marker.role != "forbidden"
    return marker.required or (listed and marker.name not in optional)
