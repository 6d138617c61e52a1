"""Search for conjugates by marker, dye, vendor and clone, with patterns and aliases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from fnmatch import fnmatchcase

from panelopt.domain.conjugate_table import table_of
from panelopt.domain.name_table import NameTable, fold
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import did_you_mean
from panelopt.frozen import dataclass

_WILDCARD = re.compile(r"[*?\[]")
_NUMBER = re.compile(r"(\d+)")
_NO_NAMES = NameTable({})


@dataclass(frozen=True, slots=True)
class Query:
    """Search criteria; one pattern of each kind must match; no pattern matches everything.

    A pattern without ``*``, ``?`` and ``[`` is a name in any spelling; others are compared with the name and its
    aliases. Case, spaces and hyphens do not count.

    Attributes:
        markers, fluorochromes, vendors, clones: Patterns.
        in_stock: Only products listed as in stock, or in your stock and not used up.
        marker_names, fluorochrome_names: Known names and aliases.
    """

    markers: tuple[str, ...] = ()
    fluorochromes: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    clones: tuple[str, ...] = ()
    in_stock: bool = False
    marker_names: NameTable = field(default=_NO_NAMES, repr=False)
    fluorochrome_names: NameTable = field(default=_NO_NAMES, repr=False)

    @property
    def plain_markers(self) -> tuple[str, ...]:
        """The markers that are not patterns, by the names that catalogs use."""
        plain = (name for name in self.markers if not _WILDCARD.search(name))
        return tuple(dict.fromkeys(self.marker_names.resolve(name) or name for name in plain))

    @property
    def known_markers(self) -> tuple[str, ...] | None:
        """All markers by name, if each is a known name: then nothing else need be read."""
        names = [None if _WILDCARD.search(name) else self.marker_names.resolve(name) for name in self.markers]
        known = tuple(dict.fromkeys(name for name in names if name is not None))
        return known if names and None not in names else None

    def kinds(self) -> tuple[tuple[str, str, tuple[str, ...], NameTable], ...]:
        """Return each kind of pattern: its name, the field of a conjugate, the patterns, and known names."""
        return (
            ("marker", "marker", self.markers, self.marker_names),
            ("dye", "fluorochrome", self.fluorochromes, self.fluorochrome_names),
            ("vendor", "vendor", self.vendors, _NO_NAMES),
            ("clone", "clone", self.clones, _NO_NAMES),
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A conjugate that matches.

    Attributes:
        conjugate: The product.
        catalog: Name of its catalog.
        owned: Whether the catalog is an inventory.
        optics: Whether the optics of its dye are known, so that panels can use it.
    """

    conjugate: Conjugate
    catalog: str
    owned: bool
    optics: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """The dyes available for a marker, with the number of products; none if ``fluorochromes`` is empty."""

    marker: str
    fluorochromes: tuple[tuple[str, int], ...]

    @property
    def products(self) -> int:
        """Number of products."""
        return sum(count for _, count in self.fluorochromes)


def search(catalogs: Iterable[Catalog], query: Query) -> tuple[Hit, ...]:
    """Return the matches, sorted by marker pattern, marker, dye, your stock first, vendor and number."""
    tests = [(column, _Matcher(patterns, names).fits) for _, column, patterns, names in query.kinds() if patterns]
    dyes = _Matcher((), query.fluorochrome_names)
    hits = [
        Hit(conjugate, catalog.name, catalog.inventory, dyes.is_known(conjugate.fluorochrome))
        for catalog in catalogs
        for table in [table_of(catalog.conjugates)]
        for conjugate in table.take(table.fitting(tests))
        if not query.in_stock or _at_hand(conjugate, catalog.inventory)
    ]
    order = _Matcher(query.markers or ("*",), query.marker_names)

    def key(hit: Hit) -> tuple[object, ...]:
        c = hit.conjugate
        marker, dye = natural(c.marker), natural(c.fluorochrome)
        return order.rank(c.marker), marker, dye, not hit.owned, c.product_id, c.lot, hit.catalog

    return tuple(sorted(hits, key=key))


def _at_hand(conjugate: Conjugate, owned: bool) -> bool:
    return conjugate.tests_left != 0 and (conjugate.in_stock or (owned and conjugate.in_stock is None))


def unmatched(catalogs: Sequence[Catalog], query: Query) -> tuple[tuple[str, str, str], ...]:
    """Return marker patterns that match nothing, and other patterns that match no product of these markers.

    Returns:
        Kind, pattern, and a hint; the hint is empty for known names and patterns.
    """
    tables = [table_of(catalog.conjugates) for catalog in catalogs]
    of_markers = _Matcher(query.markers or ("*",), query.marker_names)
    rows = [table.fitting([("marker", of_markers.fits)]) for table in tables]
    missing: list[tuple[str, str, str]] = []
    for kind, name, patterns, names in query.kinds():
        present: set[str] = set()
        for table, fitting in zip(tables, rows, strict=True):
            present |= table.values_of(name, None if kind == "marker" else fitting)
        for pattern in patterns:
            if not any(map(_Matcher((pattern,), names).fits, present)):
                plain = _WILDCARD.search(pattern) is None and names.resolve(pattern) is None
                hint = "" if not plain else did_you_mean(pattern, sorted(present)) or names.suggest(pattern)
                missing.append((kind, pattern, hint))
    # if a marker is missing altogether, only misspelt names are reported besides
    return tuple(found for found in missing if found[0] == "marker" or found[2] or any(map(len, rows)))


def offers(hits: Iterable[Hit], wanted: Sequence[str] = ()) -> tuple[Offer, ...]:
    """Return the dyes of each marker: first of the ``wanted`` ones, even without dyes, then of the others."""
    counts: dict[str, Counter[str]] = {marker: Counter() for marker in wanted}
    for hit in hits:
        counts.setdefault(hit.conjugate.marker, Counter())[hit.conjugate.fluorochrome] += 1
    return tuple(
        Offer(marker, tuple(sorted(dyes.items(), key=lambda item: natural(item[0])))) for marker, dyes in counts.items()
    )


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that orders numbers by value: ``CD9`` before ``CD10``."""
    parts = _NUMBER.split(text.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


class _Matcher:
    """Matches names against patterns, each name once."""

    def __init__(self, patterns: Sequence[str], names: NameTable) -> None:
        self._tests = [_test(pattern, names) for pattern in patterns]
        self._names = names
        self._ranks: dict[str, int | None] = {}
        self._known: dict[str, bool] = {}

    def rank(self, name: str) -> int | None:
        """Return the position of the first matching pattern, or None."""
        if name not in self._ranks:
            spellings = (name, *self._names.aliases.get(name, ()))
            fits = (number for number, test in enumerate(self._tests) if any(map(test, spellings)))
            self._ranks[name] = next(fits, None)
        return self._ranks[name]

    def fits(self, name: str) -> bool:
        """Whether any pattern matches."""
        return self.rank(name) is not None

    def is_known(self, name: str) -> bool:
        """Whether the table has the name."""
        if name not in self._known:
            self._known[name] = self._names.resolve(name) is not None
        return self._known[name]


def _test(pattern: str, names: NameTable) -> Callable[[str], bool]:
    if not _WILDCARD.search(pattern):
        wanted = fold(names.resolve(pattern) or pattern)
        return lambda name: fold(name) == wanted
    plain = pattern.casefold()
    if "[" in pattern:
        return lambda name: fnmatchcase(name.casefold(), plain)
    folded = "".join(part if part in "*?" else fold(part) for part in re.split(r"([*?])", pattern))
    return lambda name: fnmatchcase(name.casefold(), plain) or fnmatchcase(fold(name), folded)
