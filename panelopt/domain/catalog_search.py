"""Search for conjugates by marker, dye, vendor and clone, with patterns and aliases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from panelopt.domain.names import NameTable, fold
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import did_you_mean

_WILDCARD = re.compile(r"[*?\[]")
_NUMBER = re.compile(r"(\d+)")
_NO_NAMES = NameTable({})


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; of several patterns of one kind, one must fit; no pattern fits everything.

    A pattern without ``*``, ``?`` and ``[`` is a name in any spelling; otherwise it is compared with the name and its
    aliases. Case, spaces and hyphens do not count.

    Attributes:
        markers, fluorochromes, vendors, clones: Patterns.
        in_stock: Only what is listed as in stock, or is on the own shelf and not used up.
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
    def exact_markers(self) -> tuple[str, ...] | None:
        """The names of the markers if there are patterns and all of them are plain names, else None."""
        if not self.markers or any(map(_WILDCARD.search, self.markers)):
            return None
        return tuple(dict.fromkeys(self.marker_names.resolve(name) or name for name in self.markers))

    def kinds(self) -> tuple[tuple[str, tuple[str, ...], NameTable, Callable[[Conjugate], str]], ...]:
        """Return each kind of pattern: its name, the patterns, known names, and what they are compared with."""
        return (
            ("marker", self.markers, self.marker_names, lambda conjugate: conjugate.marker),
            ("dye", self.fluorochromes, self.fluorochrome_names, lambda conjugate: conjugate.fluorochrome),
            ("vendor", self.vendors, _NO_NAMES, lambda conjugate: conjugate.vendor),
            ("clone", self.clones, _NO_NAMES, lambda conjugate: conjugate.clone),
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A conjugate that fits.

    Attributes:
        conjugate: The product.
        catalog: Name of its catalog.
        on_shelf: Whether that is an inventory.
        optics: Whether the optics of its dye are known, so that panels can have it.
    """

    conjugate: Conjugate
    catalog: str
    on_shelf: bool
    optics: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """The dyes in which a marker can be had, with the number of products; none if ``fluorochromes`` is empty."""

    marker: str
    fluorochromes: tuple[tuple[str, int], ...]

    @property
    def products(self) -> int:
        """Number of products."""
        return sum(count for _, count in self.fluorochromes)


def search(catalogs: Iterable[Catalog], query: Query) -> tuple[Hit, ...]:
    """Return what fits, sorted by pattern of the marker, marker, dye, own shelf first, vendor and number."""
    tests = [(value, _Matcher(patterns, names)) for _, patterns, names, value in query.kinds() if patterns]
    optics = _Matcher(("*",), query.fluorochrome_names)
    hits = [
        Hit(conjugate, catalog.name, catalog.inventory, optics.is_known(conjugate.fluorochrome))
        for catalog in catalogs
        for conjugate in catalog.conjugates
        if (not query.in_stock or _at_hand(conjugate, catalog.inventory))
        and all(matcher.rank(value(conjugate)) is not None for value, matcher in tests)
    ]
    order = _Matcher(query.markers or ("*",), query.marker_names)

    def key(hit: Hit) -> tuple[object, ...]:
        c = hit.conjugate
        marker, dye = natural(c.marker), natural(c.fluorochrome)
        return order.rank(c.marker), marker, dye, not hit.on_shelf, c.product_id, c.lot, hit.catalog

    return tuple(sorted(hits, key=key))


def _at_hand(conjugate: Conjugate, on_shelf: bool) -> bool:
    return conjugate.tests_left != 0 and (conjugate.in_stock or (on_shelf and conjugate.in_stock is None))


def unmatched(catalogs: Sequence[Catalog], query: Query) -> tuple[tuple[str, str, str], ...]:
    """Return each pattern that fits nothing in the catalogs even alone: its kind, the pattern, and a hint or ``""``."""
    missing: list[tuple[str, str, str]] = []
    for kind, patterns, names, value in query.kinds():
        if not patterns:
            continue
        present = {value(conjugate) for catalog in catalogs for conjugate in catalog.conjugates} - {""}
        for pattern in patterns:
            matcher = _Matcher((pattern,), names)
            if not any(matcher.rank(name) is not None for name in present):
                plain = _WILDCARD.search(pattern) is None and names.resolve(pattern) is None
                hint = "" if not plain else did_you_mean(pattern, sorted(present)) or names.suggest(pattern)
                missing.append((kind, pattern, hint))
    return tuple(missing)


def offers(hits: Iterable[Hit], wanted: Sequence[str] = ()) -> tuple[Offer, ...]:
    """Return the dyes of each marker: of those that are ``wanted`` even if there are none, then of the others."""
    counts: dict[str, Counter[str]] = {marker: Counter() for marker in wanted}
    for hit in hits:
        counts.setdefault(hit.conjugate.marker, Counter())[hit.conjugate.fluorochrome] += 1
    return tuple(
        Offer(marker, tuple(sorted(dyes.items(), key=lambda item: natural(item[0])))) for marker, dyes in counts.items()
    )


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which numbers count as numbers: ``CD9`` before ``CD10``."""
    parts = _NUMBER.split(text.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


class _Matcher:
    """Compares names with patterns; each name once."""

    def __init__(self, patterns: Sequence[str], names: NameTable) -> None:
        self._tests = [_test(pattern, names) for pattern in patterns]
        self._names = names
        self._ranks: dict[str, int | None] = {}
        self._known: dict[str, bool] = {}

    def rank(self, name: str) -> int | None:
        """Return the position of the first pattern that fits, or None."""
        if name not in self._ranks:
            spellings = (name, *self._names.aliases.get(name, ()))
            fits = (number for number, test in enumerate(self._tests) if any(map(test, spellings)))
            self._ranks[name] = next(fits, None)
        return self._ranks[name]

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
