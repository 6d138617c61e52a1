"""Search for conjugates: patterns, aliases, order, what fits nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.conjugate_search import Query, natural, offers, search, unmatched
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Catalog, Conjugate

MARKERS = NameTable({"CD146": ("MCAM",), "CD271": ("NGFR", "LNGFR"), "CD9": (), "CD10": ()})
DYES = NameTable({"BV421": ("Brilliant Violet 421",), "BV711": (), "PE": ("Phycoerythrin",), "PE-Cy7": ()})

DYE_PATTERNS = ["BV*", "PE", "PE*", "BV711", "BV412", "NewDye*"]

PRODUCTS = (
    ("CD146", "P1H12", "BV421", "BioLegend", True),
    ("CD146", "P1H12", "PE", "BD Biosciences", False),
    ("CD271", "ME20.4", "BV711", "BioLegend", None),
    ("CD271", "", "PE-Cy7", "BioLegend", True),
    ("CD9", "HI9a", "NewDye 500", "Other", None),
    ("CD10", "", "PE", "", None),
    ("odd marker", "", "PE", "", None),
)


def catalog(name: str = "one", inventory: bool = False) -> Catalog:
    rows = tuple(
        Conjugate(marker=marker, clone=clone, fluorochrome=dye, vendor=vendor, in_stock=stock)
        for marker, clone, dye, vendor, stock in PRODUCTS
    )
    return Catalog(name=name, inventory=inventory, conjugates=rows)


def query(*markers: str, **patterns: object) -> Query:
    return Query(markers, marker_names=MARKERS, fluorochrome_names=DYES, **patterns)  # type: ignore[arg-type]


def found(asked: Query, *catalogs: Catalog) -> list[tuple[str, str]]:
    hits = search(catalogs or (catalog(),), asked)
    return [(hit.conjugate.marker, hit.conjugate.fluorochrome) for hit in hits]


@pytest.mark.parametrize("spelling", ["CD146", "cd 146", "MCAM", "mcam", "MC?M", "CD14*", "cd-14*", "CD14[5-6]"])
def test_markers_are_found_by_any_name_and_by_pattern(spelling: str) -> None:
    assert found(query(spelling)) == [("CD146", "BV421"), ("CD146", "PE")]


@pytest.mark.parametrize(
    ("pattern", "dyes"),
    [
        ("BV*", {"BV421", "BV711"}),
        ("brilliant violet*", {"BV421"}),
        ("bv 421", {"BV421"}),
        ("PE", {"PE"}),
        ("PE*", {"PE", "PE-Cy7"}),
        ("new dye*", {"NewDye 500"}),
        ("newdye-500", {"NewDye 500"}),
        ("?", set()),
    ],
)
def test_dyes_are_found_by_any_name_and_by_pattern(pattern: str, dyes: set[str]) -> None:
    assert {dye for _, dye in found(query(fluorochromes=(pattern,)))} == dyes


def test_kinds_of_patterns_narrow_and_patterns_of_one_kind_add_up() -> None:
    assert found(query("NGFR", "CD9")) == [("CD271", "BV711"), ("CD271", "PE-Cy7"), ("CD9", "NewDye 500")]
    assert found(query("NGFR", vendors=("bio*",), fluorochromes=("PE*",))) == [("CD271", "PE-Cy7")]
    assert found(query(clones=("me20*",))) == [("CD271", "BV711")]
    assert not found(query("CD9", vendors=("BioLegend",)))


def test_everything_is_found_without_patterns_in_natural_order() -> None:
    assert [marker for marker, _ in found(query())] == ["CD9", "CD10", "CD146", "CD146", "CD271", "CD271", "odd marker"]


def test_in_stock_is_what_is_listed_so_and_what_is_on_the_shelf() -> None:
    assert found(query(in_stock=True)) == [("CD146", "BV421"), ("CD271", "PE-Cy7")]
    shelf = found(query(in_stock=True), catalog("shelf", inventory=True))
    assert len(shelf) == len(PRODUCTS) - 1
    assert ("CD146", "PE") not in shelf
    used_up = Conjugate(marker="CD9", fluorochrome="PE", in_stock=True, tests_left=0)
    assert not found(query(in_stock=True), Catalog(name="x", inventory=True, conjugates=(used_up,)))


def test_own_shelf_comes_first_and_catalogs_are_named() -> None:
    hits = search((catalog(), catalog("shelf", inventory=True)), query("CD9"))
    assert [(hit.catalog, hit.owned) for hit in hits] == [("shelf", True), ("one", False)]


def test_dyes_without_optics_are_marked() -> None:
    hits = search((catalog(),), query())
    assert {hit.conjugate.fluorochrome for hit in hits if not hit.optics} == {"NewDye 500"}


def test_what_fits_nothing_is_told_with_the_closest_name() -> None:
    asked = query("CD147", "CD146", "CD10*", "odd-marker", fluorochromes=("BV412", "BUV*"), vendors=("Biolegent",))
    assert unmatched((catalog(),), asked) == (
        ("marker", "CD147", "Did you mean CD146?"),
        ("dye", "BV412", "Did you mean BV421?"),
        ("dye", "BUV*", ""),
        ("vendor", "Biolegent", "Did you mean BioLegend?"),
    )
    one = Catalog(name="x", conjugates=(Conjugate(marker="CD9", fluorochrome="PE"),))
    assert unmatched((one,), query("NGFR")) == (("marker", "NGFR", ""),)


def test_other_patterns_are_judged_among_the_products_of_the_markers() -> None:
    assert unmatched((catalog(),), query("CD146", fluorochromes=("BV711", "BV421"))) == (("dye", "BV711", ""),)
    assert unmatched((catalog(),), query(fluorochromes=("BV711",))) == ()
    missing = query("unheard of", fluorochromes=("BV711", "BV412"))
    assert [(kind, pattern) for kind, pattern, _ in unmatched((catalog(),), missing)] == [
        ("marker", "unheard of"),
        ("dye", "BV412"),
    ]


@given(
    markers=st.lists(st.sampled_from(["CD146", "NGFR", "CD9", "CD10"]), min_size=1, max_size=3),
    dye=st.sampled_from(DYE_PATTERNS),
)
def test_answers_do_not_depend_on_what_else_is_read(markers: list[str], dye: str) -> None:
    asked = query(*markers, fluorochromes=(dye,))
    known = set(asked.known_markers or ())
    only = Catalog(name="one", conjugates=tuple(c for c in catalog().conjugates if c.marker in known))
    assert search((only,), asked) == search((catalog(),), asked)
    assert unmatched((only,), asked) == unmatched((catalog(),), asked)


def test_offers_count_products_and_keep_markers_without_any() -> None:
    shown = offers(search((catalog(), catalog("two")), query("CD271", "CD146")), ["CD140b", "CD271"])
    assert [(offer.marker, offer.products, offer.fluorochromes) for offer in shown] == [
        ("CD140b", 0, ()),
        ("CD271", 4, (("BV711", 2), ("PE-Cy7", 2))),
        ("CD146", 4, (("BV421", 2), ("PE", 2))),
    ]


def test_plain_and_known_names_are_told_before_reading() -> None:
    assert query("NGFR", "cd271", "CD9").known_markers == ("CD271", "CD9")
    assert query("NGFR", "new").known_markers is None
    assert query("NGFR", "CD1*").known_markers is None
    assert query().known_markers is None
    assert query("NGFR", "new", "CD1*").plain_markers == ("CD271", "new")


@given(pattern=st.text("CD149*?[]-! ", min_size=1, max_size=6))
def test_any_pattern_finds_at_least_what_the_shell_would(pattern: str) -> None:
    wanted = {m for m, *_ in PRODUCTS if fnmatchcase(m.casefold(), pattern.casefold())}
    assert wanted <= {marker for marker, _ in found(query(pattern))}


@given(numbers=st.lists(st.integers(0, 10**6), max_size=8))
def test_numbers_sort_as_numbers(numbers: list[int]) -> None:
    assert sorted((f"BV{n}" for n in numbers), key=natural) == [f"BV{n}" for n in sorted(numbers)]
