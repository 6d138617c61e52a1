"""Eligible products, and the one that represents each marker and dye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panelopt.domain.conjugate_table import ConjugateTable, table_of
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.problem_record import Locked, Problem
from panelopt.domain.reagents import SYNTHETIC, VIABILITY_MARKER, Catalog, Conjugate, Fluorochrome
from panelopt.domain.suitability import for_flow_cytometry, reacts_with
from panelopt.errors import Finding
from panelopt.instance.product import SOURCED, Key, Product, Vendors
from panelopt.instance.product_index import CatalogRows, ProductIndex
from panelopt.instance.product_remarks import (
    check_currencies,
    expired_lots,
    left_out,
    unknown_vendors,
    unsourced_reagents,
)
from panelopt.instance.ranked_rows import RankedRows, pair_codes, rank_keys
from panelopt.instance.switches import Switches

BoolArray = npt.NDArray[np.bool_]


def eligible_products(
    problem: Problem,
    catalogs: Sequence[Catalog],
    dyes: Mapping[str, Fluorochrome],
    switches: Switches | None = None,
) -> tuple[ProductIndex, tuple[Finding, ...]]:
    """Return the products allowed by problem and call, by marker and dye.

    Args:
        problem: The question; with a budget, products without a price are left out.
        catalogs: Products to choose from.
        dyes: Dyes with known optics, by name.
        switches: Demands of the call.

    Returns:
        The products, and remarks on what was left out.

    Raises:
        InputError: if a budget or shipping costs meet prices in more than one currency.
    """
    switches = switches or Switches()
    sieve = _Sieve(problem, dyes, switches, Vendors(problem.limits))
    used = [catalog for catalog in catalogs if catalog.inventory or not switches.only_inventory]
    products = ProductIndex([sieve.rows_of(catalog) for catalog in used])
    if problem.limits.budget is not None:
        check_currencies(problem, sieve.currencies, "a budget", "limits.budget")
    elif problem.limits.shipping:
        check_currencies(problem, sieve.currencies, "the cost of shipping", "limits.shipping")
    stained = {marker for marker, _ in products}
    unpriced = {marker for marker, _ in sieve.unpriced} - stained
    unshown = {marker for marker, _ in sieve.unshown} - stained - unpriced
    trusted = [key for key in sorted(sieve.trusted) if not products[key][0].sourced]
    return products, (
        *left_out(problem.limits, sieve.left_out, sorted(unshown), sorted(unpriced)),
        *unsourced_reagents(trusted),
        *expired_lots(sieve.expired),
        *unknown_vendors(problem, catalogs),
    )


class _Sieve:
    """Leaves out products that may not be used, and counts them."""

    def __init__(
        self, problem: Problem, dyes: Mapping[str, Fluorochrome], switches: Switches, vendors: Vendors
    ) -> None:
        self.problem, self.dyes, self.switches, self.vendors = problem, dyes, switches, vendors
        self.markers = {marker.name for marker in problem.marker if marker.role != "forbidden"}
        self.left_out: Counter[str] = Counter()
        self.expired: list[Conjugate] = []
        self.currencies: set[str] = set()
        self.unshown: set[Key] = set()
        self.unpriced: set[Key] = set()
        self.trusted: set[Key] = set()

    def rows_of(self, catalog: Catalog) -> CatalogRows:
        """Return the remaining rows of a catalog."""
        table = table_of(catalog.conjugates)
        fits = table.column("marker").where(self.markers.__contains__) & _dye_fits(self.problem, table, self.dyes)
        if not catalog.inventory:
            fits &= table.column("vendor").where(self.vendors.allows)
        for reason, unfit in unsuitable(self.problem.limits, table):
            self.left_out[reason] += int(np.count_nonzero(fits & unfit))
            fits &= ~unfit
        today = self.switches.today
        if today is not None:
            late = fits & table.column("expires").where(lambda day: day is not None and day < today)
            self.expired += table.take(np.flatnonzero(late))
            fits &= ~late
        if not catalog.inventory:
            fits &= self._shown(catalog, table, fits)
            fits &= self._priced(catalog, table, fits)
        rows = RankedRows(table, fits, rank_keys(table, self.vendors, owned=catalog.inventory))
        return CatalogRows(table, rows, self.vendors, owned=catalog.inventory)

    def _shown(self, catalog: Catalog, table: ConjugateTable, fits: BoolArray) -> BoolArray:
        """Return which products a source shows or somebody named."""
        if self.switches.allow_unverified:
            return np.ones_like(fits)
        shown = shown_by_source(catalog, table)
        given = _of_pairs(table, self.switches.given)
        self.trusted |= _pairs_of(table, fits & ~shown & given)
        out = fits & ~shown & ~given
        self.left_out["unverified"] += int(np.count_nonzero(out))
        self.unshown |= _pairs_of(table, out)
        return shown | given

    def _priced(self, catalog: Catalog, table: ConjugateTable, fits: BoolArray) -> BoolArray:
        """Return which products may be bought, given what is known of their price."""
        priced = ~np.isnan(table.price())
        currency = table.column("currency")
        found = np.flatnonzero(np.bincount(currency.code[fits & priced])).tolist()
        self.currencies |= {currency.values[code] or catalog.currency for code in found}
        if self.problem.limits.budget is None or self.switches.allow_unknown_price:
            return np.ones_like(priced)
        out = fits & ~priced
        self.left_out["unknown-price"] += int(np.count_nonzero(out))
        self.unpriced |= _pairs_of(table, out)
        return priced


def _pairs_of(table: ConjugateTable, rows: BoolArray) -> set[Key]:
    """Return marker and fluorochrome of some rows."""
    marker, dye = table.column("marker"), table.column("fluorochrome")
    codes = set(pair_codes(table)[rows].tolist())  # numpy.unique would load numpy.ma
    return {(marker.values[code // len(dye.values)], dye.values[code % len(dye.values)]) for code in codes}


def _of_pairs(table: ConjugateTable, pairs: Collection[Key]) -> BoolArray:
    """Return which rows have one of the given markers and fluorochromes, shape (rows,)."""
    marker, dye = table.column("marker"), table.column("fluorochrome")
    row, column = ({value: place for place, value in enumerate(c.values)} for c in (marker, dye))
    codes = [row[m] * len(dye.values) + column[d] for m, d in pairs if m in row and d in column]
    return np.isin(pair_codes(table), codes)


def shown_by_source(catalog: Catalog, table: ConjugateTable) -> BoolArray:
    """Return which products a source shows, shape (rows,); invented ones count: their catalog is read only if named."""
    accepted = (*SOURCED, SYNTHETIC) if catalog.synthetic else SOURCED
    return table.column("availability").where(accepted.__contains__)


def unsuitable(constraints: PanelConstraints, table: ConjugateTable) -> Iterator[tuple[str, BoolArray]]:
    """Yield reasons why products are unsuitable, each with the products, shape (rows,)."""
    if constraints.reactivity:
        reactivity = table.column("reactivity")
        yield "other-species", reactivity.where(lambda text: reacts_with(text, constraints.reactivity) is False)
    if not constraints.any_application:
        applications = table.column("applications")
        yield "other-application", applications.where(lambda text: for_flow_cytometry(text) is False)
    yield "used-up", table.column("tests_left").where(lambda tests: tests == 0)


def _dye_fits(problem: Problem, table: ConjugateTable, dyes: Mapping[str, Fluorochrome]) -> BoolArray:
    """Return which products have a dye allowed for their marker, shape (rows,)."""
    constraints = problem.limits
    for_viability = {"fixable_viability", "live_viability"} if problem.sample.state == "live" else {"fixable_viability"}

    def stains(name: str, uses: Iterable[str]) -> bool:
        dye = dyes.get(name)
        if dye is None or name in constraints.exclude_fluorochromes or (constraints.exclude_tandems and dye.is_tandem):
            return False
        return dye.use in uses

    dye = table.column("fluorochrome")
    return np.where(
        table.column("marker").where(lambda name: name == VIABILITY_MARKER),
        dye.where(lambda name: stains(name, for_viability)),
        dye.where(lambda name: stains(name, {"antibody"})),
    )


def locked_products(lock: Locked, products: ProductIndex) -> tuple[Product, ...]:
    """Return the products that satisfy a lock, best first."""
    return tuple(
        product
        for product in products.get((lock.marker, lock.fluorochrome), ())
        if is_named(product.conjugate, lock.clone, lock.vendor, lock.catalog_number)
    )


def is_named(conjugate: Conjugate, clone: str, vendor: str, catalog_number: str) -> bool:
    """Whether a product is the named one; empty text matches any."""
    wanted = ((clone, conjugate.clone), (vendor, conjugate.vendor), (catalog_number, conjugate.catalog_number))
    return all(not want or want.casefold() == have.casefold() for want, have in wanted)
