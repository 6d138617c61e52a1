"""Catalogs of any length as a vendor's export may look; the same for the same seed, and all of it is made up.

Few markers own most products (Zipf), most vendors are small, cells are dirty but valid: other spellings of names, white
space, several ways to write a price, quoted commas and line breaks, empty cells, cells that a spreadsheet would run.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from panelopt import registry

COLUMNS = (
    "marker", "clone", "fluorochrome", "vendor", "catalog_number", "price", "currency", "size", "unit", "host",
    "isotype", "reactivity", "applications", "in_stock", "note", "availability", "source",
)  # fmt: skip
"""Columns of the file."""

CHUNK = 50_000
"""Rows that are drawn and written together."""

OTHER_MARKERS = 3000
"""Antigens beside those with a known name."""

OTHER_DYES = 60
"""Dyes whose optics are not known, as vendors sell them too."""

SKEW = 1.0
"""Exponent of the share of a marker against its place: with 1 the first twenty of 3,300 have 40 % of the products."""

VENDORS = tuple(f"Synthetic Vendor {number}" for number in range(1, 41))
MEDIAN_PRICE = 260.0
LOG_SPREAD = 0.5
"""Standard deviation of the natural logarithm of the price."""

HOSTS = ("Mouse", "Rat", "Hamster", "Rabbit", "")
ISOTYPES = ("IgG1, \u03ba", "IgG2a, \u03ba", "IgG2b", "IgM", "")
REACTIVITY = ("Human", "Human, Cynomolgus", "Hu, Ms", "human ", "")
APPLICATIONS = ("FC", "FC, ICC", "Flow cytometry (QC tested), IHC-F", "")
SIZES = (("25", "tests"), ("100", "tests"), ("500", "tests"), ("50", "\u00b5g"), ("0.1", "mg"))
STOCK = ("yes", "no", "Yes", "TRUE", "0", "", "", "")
AVAILABILITY = ("synthetic", "synthetic", "unverified", "")
NOTES = (
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "recombinant",
    'sold as "gold"',
    "light, lot",
    "two\nlines",
    "'=1+1",
    "'-20 \u00b0C",
)


def write_rows(path: Path, rows: int, seed: int = 0) -> None:
    """Write a catalog as one CSV file.

    Args:
        path: File to write.
        rows: Number of products.
        seed: Chooses everything.
    """
    rng = np.random.default_rng(seed)
    markers, dyes = _markers(), _dyes()
    marker_shares = _shares(len(markers), SKEW)
    vendor_shares = _shares(len(VENDORS), SKEW)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            drawn = {
                "marker": _spelled(rng, markers, rng.choice(len(markers), count, p=marker_shares)),
                "fluorochrome": _spelled(rng, dyes, rng.integers(len(dyes), size=count)),
                "vendor": _picked(rng, VENDORS, rng.choice(len(VENDORS), count, p=vendor_shares)),
                "clone": [f"SYN{number}" for number in rng.integers(20_000, size=count).tolist()],
                "catalog_number": [f"SYN-{start + row:07d}" for row in range(count)],
                "price": _prices(rng, count),
                "host": _picked(rng, HOSTS, rng.integers(len(HOSTS), size=count)),
                "isotype": _picked(rng, ISOTYPES, rng.integers(len(ISOTYPES), size=count)),
                "reactivity": _picked(rng, REACTIVITY, rng.integers(len(REACTIVITY), size=count)),
                "applications": _picked(rng, APPLICATIONS, rng.integers(len(APPLICATIONS), size=count)),
                "in_stock": _picked(rng, STOCK, rng.integers(len(STOCK), size=count)),
                "note": _picked(rng, NOTES, rng.integers(len(NOTES), size=count)),
                "availability": _picked(rng, AVAILABILITY, rng.integers(len(AVAILABILITY), size=count)),
            }
            packs = rng.integers(len(SIZES), size=count).tolist()
            drawn["size"] = [SIZES[pack][0] for pack in packs]
            drawn["unit"] = [SIZES[pack][1] for pack in packs]
            drawn["currency"] = ["USD" if price else "" for price in drawn["price"]]
            drawn["source"] = [f"made up, seed {seed}"] * count
            cells = zip(*(map(_quoted, drawn[column]) for column in COLUMNS), strict=True)
            file.writelines(",".join(row) + "\n" for row in islice(cells, count))


def _markers() -> list[tuple[str, ...]]:
    """Return markers with their spellings, the most popular ones first: those that shipped problems ask for most."""
    asked: dict[str, int] = {}
    for name in registry.problem_names():
        for marker in registry.find_problem(name).problem.marker:
            asked[marker.name] = asked.get(marker.name, 0) + 1
    known = registry.marker_names().aliases
    popular = sorted(asked, key=lambda name: (-asked[name], name))
    named = [*popular, *(name for name in known if name not in asked)]
    others = [(f"SYNAG{number}",) for number in range(OTHER_MARKERS)]
    return [(name, *known.get(name, ())) for name in named] + others


def _dyes() -> list[tuple[str, ...]]:
    known = registry.fluorochrome_names().aliases
    return [(name, *aliases) for name, aliases in known.items()] + [(f"Synth {400 + n}",) for n in range(OTHER_DYES)]


def _shares(count: int, skew: float) -> np.ndarray:
    share = 1.0 / np.arange(1, count + 1) ** skew
    return share / share.sum()


def _spelled(rng: np.random.Generator, names: Sequence[tuple[str, ...]], chosen: np.ndarray) -> list[str]:
    """Return names, one in five in another spelling, in lower case or between blanks."""
    how = rng.integers(20, size=len(chosen)).tolist()
    pick = rng.integers(1000, size=len(chosen)).tolist()
    return [_spelling(names[name], style, p) for name, style, p in zip(chosen.tolist(), how, pick, strict=True)]


def _spelling(spellings: tuple[str, ...], style: int, pick: int) -> str:
    if style < 2:
        return spellings[pick % len(spellings)]
    return {2: spellings[0].lower(), 3: f" {spellings[0]} "}.get(style, spellings[0])


def _picked(rng: np.random.Generator, words: Sequence[str], chosen: np.ndarray) -> list[str]:
    blank = (rng.random(len(chosen)) < 0.02).tolist()
    return [f"{words[word]} " if spaced else words[word] for word, spaced in zip(chosen.tolist(), blank, strict=True)]


def _prices(rng: np.random.Generator, count: int) -> list[str]:
    price = 5.0 * np.round(MEDIAN_PRICE * np.exp(LOG_SPREAD * rng.normal(size=count)) / 5.0)
    style = rng.integers(25, size=count).tolist()
    written = {0: "", 1: "", 2: "{:.0f}", 3: " {:.2f} ", 4: "{:.3e}"}
    return [written.get(how, "{:.2f}").format(value) for how, value in zip(style, price.tolist(), strict=True)]


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n') else cell
