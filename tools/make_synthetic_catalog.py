"""Write the catalog ``synthetic-prices``: invented products with invented prices, for budgets and tests.

Nothing in it can be bought. Markers and fluorochromes are those of the catalog ``msc-unverified``; whether a
conjugate is offered and what it costs is drawn from a seeded generator, so that every run writes the same bytes.

Run from the root of the repository: ``python tools/make_synthetic_catalog.py``.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

from panelopt.catalogs.folder import read_catalog, write_catalog
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog, Conjugate

SEED = 20240
CATALOGS = Path(__file__).parent.parent / "catalogs"
VENDORS = ("Synthetic Vendor A", "Synthetic Vendor B")
CURRENCY = "USD"

MEDIAN_PRICE_USD = 260.0
"""Median invented price of one pack."""
LOG_SPREAD = 0.28
"""Standard deviation of the natural logarithm of the price."""
RARE_MARKER_FACTOR = 1.35
"""Markers offered in few dyes cost more, by this factor."""
DEAR_DYES = ("BUV", "RB", "RY", "Spark", "APC-Fire", "PE-Fire", "BV")
DEAR_DYE_FACTOR = 1.3
VIABILITY_FACTOR = 0.45
UNKNOWN_SHARE = 0.08
"""Share of products without a price, as in real lists."""
OFFER_SHARE = {"Synthetic Vendor A": 0.55, "Synthetic Vendor B": 0.35}
"""Share of the conjugates of the pattern that each vendor offers."""


def synthetic_conjugates(pattern: Catalog, seed: int = SEED) -> tuple[Conjugate, ...]:
    """Return invented conjugates over the markers and dyes of ``pattern``; the same seed gives the same list."""
    generator = random.Random(seed)  # noqa: S311 - invented data, no secret
    pairs = sorted({(conjugate.marker, conjugate.fluorochrome) for conjugate in pattern.conjugates})
    dyes_of = Counter(marker for marker, _ in pairs)
    conjugates: list[Conjugate] = []
    for marker, fluorochrome in pairs:
        rare = dyes_of[marker] <= 8
        for vendor in VENDORS:
            offered = generator.random() < (0.9 if rare and vendor == VENDORS[0] else OFFER_SHARE[vendor])
            price = _price(generator, marker, fluorochrome, rare)
            if not offered:
                continue
            conjugates.append(
                Conjugate(
                    marker=marker,
                    fluorochrome=fluorochrome,
                    vendor=vendor,
                    catalog_number=f"SYN-{len(conjugates) + 1:04d}",
                    price=price,
                    currency=CURRENCY if price is not None else "",
                    size="100",
                    unit="tests",
                    note="invented product",
                    availability="synthetic",
                )
            )
    return tuple(conjugates)


def _price(generator: random.Random, marker: str, fluorochrome: str, rare: bool) -> float | None:
    draw, unknown = generator.gauss(0.0, LOG_SPREAD), generator.random() < UNKNOWN_SHARE
    factor = RARE_MARKER_FACTOR if rare else 1.0
    if marker == VIABILITY_MARKER:
        factor = VIABILITY_FACTOR
    elif fluorochrome.startswith(DEAR_DYES):
        factor *= DEAR_DYE_FACTOR
    # prices end on 5 or 0, as in vendors' lists
    return None if unknown else 5.0 * round(MEDIAN_PRICE_USD * factor * math.exp(draw) / 5.0)


def main() -> None:
    """Write the catalog folder."""
    pattern, _ = read_catalog(CATALOGS / "msc-unverified")
    catalog = Catalog(
        name="synthetic-prices",
        title="SYNTHETIC: invented products and prices, for budgets and tests; nothing here can be bought",
        version="1",
        source=f"tools/make_synthetic_catalog.py, seed {SEED}",
        licence="same as panelopt",
        currency=CURRENCY,
        conjugates=synthetic_conjugates(pattern),
    )
    write_catalog(catalog, CATALOGS / catalog.name)


if __name__ == "__main__":
    main()
