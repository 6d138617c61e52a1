"""Which products may be used, and which one stands for its marker and dye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from panelopt.domain.conjugate_table import ConjugateTable, RowIndex, table_of
from panelopt.domain.problem import Limits, Locked, Problem
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog, Conjugate, Fluorochrome
from panelopt.domain.suitability import for_flow_cytometry, reacts_with
from panelopt.errors import Finding, did_you_mean, input_error
from panelopt.instance.shelf import CatalogRows, Key, Shelf

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Product:
    """A conjugate with what the search needs to know of its catalog.

    Attributes:
        conjugate: The product.
        owned: Whether it is on the own shelf.
        preference: Place of its vendor among the preferred ones.
    """

    conjugate: Conjugate
    owned: bool = False
    preference: int = 0

    @property
    def cost(self) -> float | None:
        """Price of one pack; 0 on the own shelf, None where unknown."""
        return 0.0 if self.owned else self.conjugate.price

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorting key: own shelf, price, in stock, sourced, preferred vendor, first lot to expire, product id."""
        cost, expires = self.cost, self.conjugate.expires
        return (
            not self.owned,
            cost is None,
            cost or 0.0,
            self.conjugate.in_stock is False,
            self.conjugate.availability == "unverified",
            self.preference,
            date.max if expires is None else expires,
            self.conjugate.product_id,
            self.conjugate.lot,
        )


class Vendors:
    """What the limits of a problem say of vendors; names are compared without regard to case.

    Args:
        limits: Limits of the problem.
    """

    def __init__(self, limits: Limits) -> None:
        self.shipping = {vendor.casefold(): cost for vendor, cost in limits.shipping.items()}
        self._only = {vendor.casefold() for vendor in limits.vendors}
        self._never = {vendor.casefold() for vendor in limits.exclude_vendors}
        self._preferred = [vendor.casefold() for vendor in limits.prefer_vendors]

    def allows(self, vendor: str) -> bool:
        """Whether may be bought from a vendor."""
        name = vendor.casefold()
        return (not self._only or name in self._only) and name not in self._never

    def preference(self, vendor: str) -> int:
        """Return the place of a vendor among the preferred ones; the others come last."""
        name = vendor.casefold()
        return self._preferred.index(name) if name in self._preferred else len(self._preferred)

    def shipping_of(self, product: Product) -> float:
        """Return what a delivery of the product costs; 0 where that is unknown."""
        return 0.0 if product.owned else self.shipping.get(product.conjugate.vendor.casefold(), 0.0)


def eligible_products(
    problem: Problem,
    catalogs: Sequence[Catalog],
    dyes: Mapping[str, Fluorochrome],
    *,
    budget: float | None,
    allow_unknown_price: bool,
    today: date | None = None,
) -> tuple[Shelf, tuple[Finding, ...]]:
    """Return the products that the limits of the problem leave, by marker and dye.

    Args:
        problem: The question.
        catalogs: Products to choose from.
        dyes: Dyes with known optics, by name.
        budget: Limit on the price; products without a price are then left out.
        allow_unknown_price: Whether they are admitted all the same.
        today: Lots that expired before this day are left out; None = none are.

    Returns:
        The shelf, and remarks on what was left out.

    Raises:
        InputError: if a budget or shipping costs meet prices in more than one currency.
    """
    markers = {marker.name for marker in problem.marker if marker.role != "forbidden"}
    vendors = Vendors(problem.limits)
    offered: list[CatalogRows] = []
    currencies: set[str] = set()
    left_out: Counter[str] = Counter()
    expired: list[Conjugate] = []
    for catalog in catalogs:
        table = table_of(catalog.conjugates)
        fits = table.column("marker").where(markers.__contains__) & _dye_fits(problem, table, dyes)
        if not catalog.inventory:
            fits &= table.column("vendor").where(vendors.allows)
        for reason, unfit in unsuitable(problem.limits, table):
            left_out[reason] += int(np.count_nonzero(fits & unfit))
            fits &= ~unfit
        if today is not None:
            late = fits & table.column("expires").where(lambda day: day is not None and day < today)
            expired += table.take(np.flatnonzero(late))
            fits &= ~late
        priced = ~np.isnan(table.price())
        if budget is not None and not catalog.inventory and not allow_unknown_price:
            left_out["unknown-price"] += int(np.count_nonzero(fits & ~priced))
            fits &= priced
        if not catalog.inventory:
            currency = table.column("currency")
            found = np.unique(currency.code[fits & priced]).tolist()
            currencies |= {currency.values[code] or catalog.currency for code in found}
        rows = _best_first(table, fits, vendors, owned=catalog.inventory)
        offered.append(CatalogRows(table, rows, _maker(vendors, owned=catalog.inventory)))
    if budget is not None:
        _check_currencies(problem, currencies, "a budget", "limits.budget")
    elif problem.limits.shipping:
        _check_currencies(problem, currencies, "the cost of shipping", "limits.shipping")
    remarks = [*_left_out(problem.limits, left_out), *_expired(expired), *_unknown_vendors(problem, catalogs)]
    return Shelf(offered), tuple(remarks)


def _maker(vendors: Vendors, *, owned: bool) -> Callable[[Conjugate], Product]:
    return lambda conjugate: Product(conjugate, owned, vendors.preference(conjugate.vendor))


def unsuitable(limits: Limits, table: ConjugateTable) -> Iterator[tuple[str, BoolArray]]:
    """Yield why products are not for the question, and which these are, shape (rows,)."""
    if limits.reactivity:
        reactivity = table.column("reactivity")
        yield "other-species", reactivity.where(lambda text: reacts_with(text, limits.reactivity) is False)
    if not limits.any_application:
        applications = table.column("applications")
        yield "other-application", applications.where(lambda text: for_flow_cytometry(text) is False)
    yield "used-up", table.column("tests_left").where(lambda tests: tests == 0)


def _dye_fits(problem: Problem, table: ConjugateTable, dyes: Mapping[str, Fluorochrome]) -> BoolArray:
    """Return whose dye may be used for its marker, shape (rows,)."""
    limits = problem.limits
    for_viability = {"fixable_viability", "live_viability"} if problem.sample.state == "live" else {"fixable_viability"}

    def stains(name: str, uses: Iterable[str]) -> bool:
        dye = dyes.get(name)
        if dye is None or name in limits.exclude_fluorochromes or (limits.exclude_tandems and dye.is_tandem):
            return False
        return dye.use in uses

    dye = table.column("fluorochrome")
    return np.where(
        table.column("marker").where(lambda name: name == VIABILITY_MARKER),
        dye.where(lambda name: stains(name, for_viability)),
        dye.where(lambda name: stains(name, {"antibody"})),
    )


def _best_first(table: ConjugateTable, fits: BoolArray, vendors: Vendors, *, owned: bool) -> dict[Key, RowIndex]:
    """Return the rows that fit by marker and fluorochrome, in the order of :attr:`Product.rank`."""
    order = table.in_order()
    rows = order[fits[order]]
    marker, dye = table.column("marker"), table.column("fluorochrome")
    pair = marker.code[rows].astype(np.int64) * len(dye.values) + dye.code[rows]
    keys = (
        table.column("expires").numbers(lambda day: (day or date.max).toordinal())[rows],
        table.column("vendor").numbers(vendors.preference)[rows],
        table.column("availability").where(lambda word: word == "unverified")[rows],
        table.column("in_stock").where(lambda stocked: stocked is False)[rows],
        np.zeros(len(rows)) if owned else np.nan_to_num(table.price()[rows], nan=np.inf),
    )
    by_rank = np.lexsort([*(key for key in keys if np.any(key != key[:1])), pair])
    rows, pair = rows[by_rank], pair[by_rank]
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    names = [(marker.values[marker.code[row]], dye.values[dye.code[row]]) for row in rows[starts].tolist()]
    return dict(zip(names, np.split(rows, starts[1:]), strict=bool(names)))


def _left_out(limits: Limits, counts: Mapping[str, int]) -> Iterator[Finding]:
    reasons = {
        "other-species": (
            f"the stated reactivity excludes {limits.reactivity}",
            'Set limits.reactivity = "" to admit them.',
        ),
        "other-application": (
            "the stated applications exclude flow cytometry",
            "Set limits.any_application = true to admit them.",
        ),
        "used-up": ("no tests are left", ""),
        "unknown-price": ("a budget is set", "Use --allow-unknown-price to admit them."),
    }
    for code, (reason, hint) in reasons.items():
        if count := counts.get(code):
            what = " without a price" if code == "unknown-price" else ""
            who = f"{count} product{what} is" if count == 1 else f"{count} products{what} are"
            yield Finding(code, f"{who} left out because {reason}", hint=hint)


def _expired(lots: Sequence[Conjugate]) -> Iterator[Finding]:
    if lots:
        names = ", ".join(
            " ".join(filter(None, (c.marker, c.fluorochrome, c.lot and f"lot {c.lot}", f"({c.expires})")))
            for c in sorted(lots, key=lambda c: (c.marker, c.fluorochrome, str(c.expires), c.lot))
        )
        yield Finding(
            "expired-lot", f"expired and not used: {names}", hint="Products of the catalogs may replace them."
        )


def _unknown_vendors(problem: Problem, catalogs: Sequence[Catalog]) -> Iterator[Finding]:
    limits = problem.limits
    named = {
        "vendors": limits.vendors,
        "exclude_vendors": limits.exclude_vendors,
        "prefer_vendors": limits.prefer_vendors,
        "shipping": tuple(limits.shipping),
    }
    if not any(named.values()):
        return
    known = {name.casefold(): name for c in catalogs for name in table_of(c.conjugates).column("vendor").values if name}
    for key, names in named.items():
        for name in names:
            if name.casefold() not in known:
                hint = did_you_mean(name, sorted(known.values()))
                where = f"{problem.id}: limits.{key}"
                yield Finding("unknown-vendor", f"no product of the catalogs is from {name}", where, hint)


def _check_currencies(problem: Problem, currencies: Iterable[str], what: str, key: str) -> None:
    wanted = {problem.limits.currency} if problem.limits.currency else set()
    found = sorted({currency or "unnamed" for currency in currencies} | wanted)
    if len(found) > 1:
        raise input_error(
            "mixed-currencies",
            f"{what} cannot be compared with prices in several currencies: {', '.join(found)}",
            where=f"{problem.id}: {key}",
            hint=f"Use catalogs with one currency, or leave {what} out.",
        )


def locked_products(lock: Locked, shelf: Shelf) -> tuple[Product, ...]:
    """Return the products that a lock leaves, best first."""
    return tuple(
        product
        for product in shelf.get((lock.marker, lock.fluorochrome), ())
        if is_named(product.conjugate, lock.clone, lock.vendor, lock.catalog_number)
    )


def is_named(conjugate: Conjugate, clone: str, vendor: str, catalog_number: str) -> bool:
    """Whether a product is the one that is named; empty text leaves open."""
    wanted = ((clone, conjugate.clone), (vendor, conjugate.vendor), (catalog_number, conjugate.catalog_number))
    return all(not want or want.casefold() == have.casefold() for want, have in wanted)
