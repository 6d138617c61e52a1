"""Remarks on products that are left out, or used although little is known about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from panelopt.domain.conjugate_table import table_of
from panelopt.domain.name_table import bare, suggestion
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import Finding, input_error
from panelopt.instance.product import Key


def left_out(
    constraints: PanelConstraints, counts: Mapping[str, int], unshown: Sequence[str], unpriced: Sequence[str]
) -> Iterator[Finding]:
    """Yield how many products are left out, and why.

    Args:
        constraints: Those of the problem.
        counts: Products by reason.
        unshown: Markers without any product that a source shows.
        unpriced: Other markers, left without a product because none that a source shows has a price.
    """
    reasons = {
        "other-species": (
            f"the stated reactivity excludes {constraints.reactivity}",
            'Set limits.reactivity = "" to admit them.',
        ),
        "other-application": (
            "the stated applications exclude flow cytometry",
            "Set limits.any_application = true to admit them.",
        ),
        "used-up": ("no tests are left", ""),
        "unverified": (f"no source shows them{_nothing(unshown)}", "Use --allow-unverified to admit them."),
        "unknown-price": (f"a budget is set{_nothing(unpriced)}", "Use --allow-unknown-price to admit them."),
    }
    for code, (reason, hint) in reasons.items():
        if count := counts.get(code):
            what = " without a price" if code == "unknown-price" else ""
            who = f"{count} product{what} is" if count == 1 else f"{count} products{what} are"
            yield Finding(code, f"{who} left out because {reason}", hint=hint)


def unsourced_reagents(reagents: Sequence[Key]) -> Iterator[Finding]:
    """Yield a remark on reagents that were named, although no source shows a product."""
    if reagents:
        names = _listed([" ".join(key) for key in reagents])
        yield Finding("unsourced-reagent", f"no source shows {names}", hint="Ask the vendor before you order.")


def expired_lots(lots: Sequence[Conjugate]) -> Iterator[Finding]:
    """Yield a remark that names the expired lots."""
    if lots:
        names = ", ".join(
            " ".join(filter(None, (c.marker, c.fluorochrome, c.lot and f"lot {c.lot}", f"({c.expires})")))
            for c in sorted(lots, key=lambda c: (c.marker, c.fluorochrome, str(c.expires), c.lot))
        )
        yield Finding(
            "expired-lot", f"expired and not used: {names}", hint="Products of the catalogs may replace them."
        )


def unknown_vendors(problem: Problem, catalogs: Sequence[Catalog]) -> Iterator[Finding]:
    """Yield a remark for every vendor that the problem names and no catalog has."""
    constraints = problem.limits
    named = {
        "vendors": constraints.vendors,
        "exclude_vendors": constraints.exclude_vendors,
        "prefer_vendors": constraints.prefer_vendors,
        "shipping": tuple(constraints.shipping),
    }
    if not any(named.values()):
        return
    known = {bare(name): name for c in catalogs for name in table_of(c.conjugates).column("vendor").values if name}
    for key, names in named.items():
        for name in names:
            if bare(name) not in known:
                hint = suggestion(name, sorted(known.values()))
                where = f"{problem.id}: limits.{key}"
                yield Finding("unknown-vendor", f"no product of the catalogs is from {name}", where, hint)


def check_currencies(problem: Problem, currencies: Iterable[str], what: str, key: str) -> None:
    """Check that prices can be compared.

    Args:
        problem: Its budget may name a currency.
        currencies: Of the prices; empty = unnamed.
        what: What they are compared for.
        key: Key of the problem that asks for it.

    Raises:
        InputError: if there are several currencies.
    """
    wanted = {problem.limits.currency} if problem.limits.currency else set()
    found = sorted({currency or "unnamed" for currency in currencies} | wanted)
    if len(found) > 1:
        raise input_error(
            "mixed-currencies",
            f"{what} cannot be compared with prices in several currencies: {', '.join(found)}",
            where=f"{problem.id}: {key}",
            hint=f"Use catalogs with one currency, or leave {what} out.",
        )


def _nothing(markers: Sequence[str]) -> str:
    return f", so nothing stains {_listed(markers)}" if markers else ""


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
